using EdgeAgent.Tenancy;

namespace EdgeAgent.Management.Control;

/// <summary>Which configuration is in force, and what became of the newest.</summary>
/// <param name="Status"><c>none</c>, <c>waiting</c>, <c>trial</c>, <c>applied</c>, <c>refused</c> or <c>rolled-back</c>; <c>fixed</c> if it is a file on the device.</param>
/// <param name="TenantVersion">Of the tenant-wide layer in force; null without one.</param>
/// <param name="DeviceVersion">Of the device's own layer in force; null without one.</param>
internal sealed record ConfigurationStatus(string Status, long? TenantVersion, long? DeviceVersion)
{
    public static readonly ConfigurationStatus None = new("none", null, null);

    public static readonly ConfigurationStatus Fixed = new("fixed", null, null);

    /// <summary>Files that it waits for.</summary>
    public int MissingArtifacts { get; init; }

    /// <summary>Why the last that was refused or rolled back was.</summary>
    public IReadOnlyList<ConfigurationMistake> Mistakes { get; init; } = [];

    /// <summary>Why nothing can be recorded though the device is assigned; null if it can.</summary>
    public string? Trouble { get; init; }
}
