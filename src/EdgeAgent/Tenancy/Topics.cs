namespace EdgeAgent.Tenancy;

/// <summary>The only place where topics are made, and only from identifiers that were checked.</summary>
internal static class Topics
{
    // What the device publishes.

    /// <summary>A record's topic follows from its stamp and channel alone.</summary>
    public static string Of(RecordStamp stamp, Channel channel) => $"{Own(stamp.Tenant, stamp.Device)}/{channel.Path}";

    /// <summary>Retained, and the last will: whether the device is online. No tenant's data.</summary>
    public static string Status(DeviceId device) => $"devices/{device}/status";

    /// <summary>Retained: assignment, configuration and how the device is.</summary>
    public static string State(TenantId tenant, DeviceId device) => $"{Own(tenant, device)}/state";

    /// <summary>Retained: which sequence numbers were delivered, are buffered or lost.</summary>
    public static string Ledger(TenantId tenant, DeviceId device) => $"{Own(tenant, device)}/ledger";

    // What the device subscribes to.

    public static string Assignment(DeviceId device) => $"devices/{device}/assignment";

    /// <summary>Rotations of the platform's keys, a retained message a version.</summary>
    public const string PlatformKeys = "platform/keys/+";

    /// <summary>Rotations of the tenant's keys, a retained message a version.</summary>
    public static string TenantKeys(TenantId tenant) => $"tenants/{tenant}/keys/+";

    public static string TenantConfiguration(TenantId tenant) => $"tenants/{tenant}/config";

    public static string DeviceConfiguration(TenantId tenant, DeviceId device) => $"{Own(tenant, device)}/config";

    /// <summary>A file or a piece of one, named by its content.</summary>
    public static string Artifact(TenantId tenant, Sha256Digest content) => $"tenants/{tenant}/artifacts/{content}";

    public static string Commands(TenantId tenant, DeviceId device) => $"{Own(tenant, device)}/commands/+";

    private static string Own(TenantId tenant, DeviceId device) => $"tenants/{tenant}/devices/{device}";
}
