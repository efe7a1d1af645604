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

    /// <summary>Which artifact of the tenant a topic names.</summary>
    public static bool TryParseArtifact(string topic, TenantId tenant, out Sha256Digest artifact)
    {
        string own = $"tenants/{tenant}/artifacts/";
        artifact = default;
        return topic.StartsWith(own, StringComparison.Ordinal) && Sha256Digest.TryParse(topic[own.Length..], out artifact);
    }

    public static string Commands(TenantId tenant, DeviceId device) => $"{Own(tenant, device)}/commands/+";

    // What whoever watches a tenant's devices subscribes to.

    /// <summary>What a tenant's devices say of themselves: everything but telemetry, raw capture and results.</summary>
    public static IReadOnlyList<string> OfFleet(TenantId tenant) =>
        [.. ((string[])["health", "state", "ledger", "events/#"]).Select(channel => $"tenants/{tenant}/devices/+/{channel}")];

    /// <summary>Of all tenants' devices, so a broker may refuse it.</summary>
    public const string AllStatuses = "devices/+/status";

    private static string Own(TenantId tenant, DeviceId device) => $"tenants/{tenant}/devices/{device}";
}
