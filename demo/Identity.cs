namespace EdgeAgent.Demo;

/// <summary>Who the device is, and whose.</summary>
internal static class Identity
{
    public const string Device = "dongle-1";

    public const string Tenant = "acme";

    public const int Epoch = 1;

    public const string Topic = $"tenants/{Tenant}/devices/{Device}/telemetry";
}
