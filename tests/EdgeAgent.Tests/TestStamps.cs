using EdgeAgent.Tenancy;

namespace EdgeAgent.Tests;

internal static class TestStamps
{
    public static readonly BootId Boot = new(new Guid("0f0e0d0c-0b0a-0908-0706-050403020100"));

    public static readonly RecordStamp Acme = Of("acme", 1);

    public static RecordStamp Of(string tenant, long epoch) =>
        new(new Assignment(DeviceId.Parse("dongle-1"), TenantId.Parse(tenant), new Epoch(epoch)), Boot);
}
