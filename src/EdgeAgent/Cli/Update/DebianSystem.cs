using System.Globalization;
using EdgeAgent.Management.Configuration;
using EdgeAgent.Management.Updates;
using EdgeAgent.Outbox;
using EdgeAgent.Tenancy;
using EdgeAgent.Tenancy.Documents;

namespace EdgeAgent.Cli.Update;

/// <summary>
/// A Debian machine with systemd. What the agent's user can change is only ever read and deleted as that user, so that no link there leads root
/// anywhere; packages are verified and installed as root's own copies.
/// </summary>
/// <param name="disk">Root's own directory.</param>
/// <param name="directory">Where that is.</param>
/// <param name="provisioning">The file that says who the platform is.</param>
/// <param name="say">Takes a line for the journal.</param>
internal sealed class DebianSystem(IDisk disk, string directory, string provisioning, Action<string> say) : IUpdateSystem
{
    private const string StateFile = "state.json", NewPackage = "new.deb", OldPackage = "old.deb";

    /// <summary>This program as it is now: what is installed next may not be able to go back. /usr/libexec/edge-agent/update prefers it.</summary>
    private const string Updater = "updater";

    private const string Service = "edge-agent.service", AgentUser = "edge-agent", Failures = "/run/edge-agent/.failures";

    private static readonly TimeSpan Short = TimeSpan.FromMinutes(1), Long = TimeSpan.FromMinutes(15);

    /// <summary>Asks nobody, keeps what the administrator has changed, and leaves the start to this program (postinst).</summary>
    private static readonly Dictionary<string, string> ForDpkg = new() { ["DEBIAN_FRONTEND"] = "noninteractive", ["EDGE_AGENT_UPDATE"] = "1" };

    public IReadOnlyList<VerificationKey> ReleaseKeys
    {
        get
        {
            try
            {
                return ConfigurationReader.LoadProvisioning(provisioning, AgentConfiguration.DefaultStateDirectory).Device.PlatformKeys;
            }
            catch (ConfigurationException e)
            {
                throw new UpdateException($"no key of a release is known: {e.Message}", e);
            }
        }
    }

    public DebianVersion Installed
    {
        get
        {
            string version = Tool.Run("dpkg-query", ["-W", "-f", "${Version}", UpdateManifest.Package], Short);
            return DebianVersion.TryParse(version, out var parsed) ? parsed : throw new UpdateException($"the installed version {Quoted.Of(version)} is none");
        }
    }

    public int StoreFormat => AsAgent("cat", StatePath(Outbox.StoreFormat.FileName)) is { } text && int.TryParse(text.TrimEnd('\n'), NumberStyles.None, CultureInfo.InvariantCulture, out int format) ? format : 1;

    public ActivationState? Load()
    {
        if (disk.TryRead(StateFile) is not { } content) return null;
        try
        {
            return ActivationState.FromUtf8(content);
        }
        catch (DocumentException e)
        {
            say($"{Own(StateFile)} is damaged, and whatever update it was of is forgotten: {e.Message}");
            Clear();
            return null;
        }
    }

    public void Save(ActivationState state) => disk.Replace(StateFile, state.ToUtf8());

    public void Report(UpdateResult result)
    {
        disk.Replace(UpdatePlaces.Result, result.ToUtf8());
        File.SetUnixFileMode(Own(UpdatePlaces.Result), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
    }

    public void Clear()
    {
        foreach (string file in new[] { NewPackage, OldPackage, Updater, StateFile }) disk.Delete(file);
    }

    public string? ReadRequest() => AsAgent("cat", StatePath(UpdatePlaces.Request));

    public void DropRequest(string request)
    {
        if (ReadRequest() == request) AsAgent("rm", "-f", StatePath(UpdatePlaces.Request), StatePath(UpdatePlaces.Package));
    }

    public (long Size, Sha256Digest Digest) TakePackage(long size)
    {
        using (var copy = new FileStream(Own(NewPackage), FileMode.Create, FileAccess.Write))
        {
            Tool.Copy("setpriv", Setpriv("cat", StatePath(UpdatePlaces.Package)), copy, size, Long);
            copy.Flush(flushToDisk: true);
        }
        byte[] content = File.ReadAllBytes(Own(NewPackage));
        return (content.Length, Sha256Digest.Of(content));
    }

    public PackageFacts DescribePackage() => Describe(Own(NewPackage));

    public void KeepInstalled()
    {
        Tool.Run("/usr/libexec/edge-agent/repack", [Own(OldPackage)], Long);
        using (var package = File.Open(Own(OldPackage), FileMode.Open)) package.Flush(flushToDisk: true);
        disk.Replace(Updater, File.ReadAllBytes(Environment.ProcessPath!));
        File.SetUnixFileMode(Own(Updater), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    public void Install(Slot slot)
    {
        string package = Own(slot == Slot.New ? NewPackage : OldPackage);
        Tool.Run("dpkg", ["--force-confdef", "--force-confold", "--force-downgrade", "--install", package], Long, ForDpkg);
        // It passes over what it is not allowed to install, which is no error to it.
        string status = Tool.Run("dpkg-query", ["-W", "-f", "${db:Status-Status} ${Version}", UpdateManifest.Package], Short), wanted = $"installed {Describe(package).Version}";
        if (status != wanted) throw new UpdateException($"dpkg has it as {Quoted.Of(status)} and not as {Quoted.Of(wanted)}");
        // The pauses that grow with failures are not this one's.
        if (File.Exists(Failures)) File.Delete(Failures);
        Tool.Run("systemctl", ["restart", "--no-block", Service], Short);
    }

    public ServiceReading LookAtService()
    {
        var properties = Tool.Run("systemctl", ["show", Service, "-p", "ActiveState", "-p", "InvocationID", "-p", "StatusText"], Short).Split('\n')
            .Select(line => line.Split('=', 2)).Where(pair => pair.Length == 2).ToLookup(pair => pair[0], pair => pair[1]);
        return new ServiceReading(
            properties["ActiveState"].FirstOrDefault() == "active", properties["InvocationID"].FirstOrDefault() ?? "", properties["StatusText"].Any(text => text.Split(' ').Contains("broker=connected")));
    }

    /// <exception cref="UpdateException">It is no package.</exception>
    public static PackageFacts Describe(string package)
    {
        string[] fields = Tool.Run("dpkg-deb", ["-W", "--showformat=${Package}\\n${Version}\\n${Architecture}\\n", package], Short).Split('\n');
        return new PackageFacts(fields[0], fields.ElementAtOrDefault(1) ?? "", fields.ElementAtOrDefault(2) ?? "");
    }

    private static string StatePath(string path) => Path.Combine(AgentConfiguration.DefaultStateDirectory, path);

    private static string[] Setpriv(params string[] command) => [$"--reuid={AgentUser}", $"--regid={AgentUser}", "--clear-groups", "--no-new-privs", "--", .. command];

    /// <summary>What the agent could not read itself is not read for it. Null if it fails, as it does of what is not there.</summary>
    private static string? AsAgent(params string[] command)
    {
        try
        {
            return Tool.Run("setpriv", Setpriv(command), Short);
        }
        catch (UpdateException)
        {
            return null;
        }
    }

    private string Own(string file) => Path.Combine(directory, file);
}
