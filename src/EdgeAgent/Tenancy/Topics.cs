namespace EdgeAgent.Tenancy;

/// <summary>The only place where topics are made, and only from identifiers that were checked.</summary>
internal static class Topics
{
    public static string Telemetry(TenantId tenant, DeviceId device) => $"tenants/{tenant}/devices/{device}/telemetry";
}
