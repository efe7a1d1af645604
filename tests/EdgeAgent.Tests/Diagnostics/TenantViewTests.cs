using EdgeAgent.Diagnostics;
using EdgeAgent.Management;
using EdgeAgent.Outbox;
using EdgeAgent.Tenancy;
using static EdgeAgent.Tests.Tenancy.TestDocuments;

namespace EdgeAgent.Tests.Diagnostics;

/// <summary>What a tenant is told of a device that still holds records of another.</summary>
public sealed class TenantViewTests
{
    private static readonly OutboxCounts OfAll = new()
    {
        SealedSamples = 99_001,
        DeliveredSamples = 99_002,
        DeliveredOfEarlierRuns = 99_003,
        DroppedSamples = 99_004,
        MemorySamples = 99_005,
        MemoryMessages = 99_006,
        MemoryBytes = 99_007,
        StoredBatches = 99_008,
        StoredBytes = 99_009,
    };

    private static readonly AgentStatus Status = new(Device, new Assignment(Device, Tenant, new Epoch(2)), null, OfAll, true)
    {
        Tenant = new TenantCounts(1, 2, 3, 4, TimeSpan.FromSeconds(5), 6, 7, 8, 9) { DeliveredSamples = 10, MemoryBytes = 11 },
    };

    [Fact]
    public void The_status_counts_the_tenants_own_records()
    {
        Assert.Equal(
            """{"bufferedSamples":1,"bufferedMessages":2,"deliveredSamples":10,"evicted":7,"corrupt":8,"unconfirmed":9,"storedBatches":3,"storedBytes":4,"memoryBytes":11,"oldestSeconds":5}""",
            StatusJson.Of(Status)["outbox"]!.ToJsonString());
        Assert.Equal("""{"storedBatches":99008,"storedBytes":99009,"memoryBytes":99007}""", StatusJson.Of(Status with { Assignment = null, Tenant = null })["outbox"]!.ToJsonString());
    }

    [Fact]
    public void Health_counts_the_tenants_own_records()
    {
        Assert.Equal(new OutboxHealth(1, 3, 4, 11, 5, 10, 15), HealthService.Of(Status, []).Outbox);
        Assert.Equal(new OutboxHealth(0, 0, 0, 0, null, 0, 0), HealthService.Of(Status with { Tenant = null }, []).Outbox);
    }
}
