namespace EdgeAgent.Management.Control;

/// <summary>Which configuration is in force, and what became of the newest.</summary>
/// <param name="Status"><c>none</c>, <c>waiting</c>, <c>trial</c>, <c>applied</c>, <c>refused</c> or <c>rolled-back</c>; <c>fixed</c> if it is a file on the device.</param>
/// <param name="TenantVersion">Of the tenant-wide layer in force; null without one.</param>
/// <param name="DeviceVersion">Of the device's own layer in force; null without one.</param>
internal sealed record ConfigurationStatus(string Status, long? TenantVersion, long? DeviceVersion)
{
    public static readonly ConfigurationStatus None = new("none", null, null);

    public static readonly ConfigurationStatus Fixed = new("fixed", null, null);
}
