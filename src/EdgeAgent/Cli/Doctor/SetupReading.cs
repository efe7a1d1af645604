using EdgeAgent.Management.Configuration;
using EdgeAgent.Management.Provisioning;

namespace EdgeAgent.Cli.Doctor;

/// <summary>The device's own file, as the agent would read it at its next start.</summary>
/// <param name="Path">Which file.</param>
/// <param name="Configuration">What it says; null if it cannot be used.</param>
/// <param name="Mistakes">What is wrong with it.</param>
internal sealed record SetupReading(string Path, AgentConfiguration? Configuration, IReadOnlyList<string> Mistakes)
{
    public const string DefaultProvisioning = "/etc/edge-agent/provision.json";

    /// <summary>False if there is no such file.</summary>
    public bool Exists { get; init; } = true;

    /// <summary>True if it is not there yet since the device waits for the certificate of the key that it has made.</summary>
    public bool AwaitsCertificate { get; init; }

    /// <summary>True if this user may not read it, or what it names.</summary>
    public bool IsHidden { get; init; }

    /// <param name="config">The file that says everything; null if none was named.</param>
    /// <param name="provision">The provisioning; null if none was named.</param>
    /// <param name="state">Where a provisioned device keeps its state.</param>
    public static SetupReading Read(string? config, string? provision, string state)
    {
        string path = PathOf(config, provision);
        if (config is null && path == DefaultProvisioning) provision = path;
        if (!File.Exists(path)) return new SetupReading(path, null, []) { Exists = false, AwaitsCertificate = IsAwaited(path) };
        if (FileTrouble.FindIn(path) is { } trouble) return new SetupReading(path, null, [trouble]) { IsHidden = true };
        try
        {
            return new SetupReading(path, RunCommand.Prepare(path, provision, state).Inputs.Configuration, []);
        }
        catch (ConfigurationException e)
        {
            return new SetupReading(path, null, [.. e.Mistakes.Select(mistake => mistake.ToString())]);
        }
    }

    private static bool IsAwaited(string path) =>
        System.IO.Path.GetDirectoryName(path) is { } directory && File.Exists(System.IO.Path.Combine(directory, Provisioner.PendingName));

    /// <summary>The file that was named, or else the one that the service starts with.</summary>
    public static string PathOf(string? config, string? provision) =>
        provision ?? config ?? (File.Exists(DefaultProvisioning) ? DefaultProvisioning : AgentConfiguration.DefaultPath);
}
