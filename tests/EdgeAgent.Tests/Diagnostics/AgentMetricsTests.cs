using EdgeAgent.Diagnostics;
using EdgeAgent.Diagnostics.Metrics;
using EdgeAgent.Management;
using EdgeAgent.Outbox;
using EdgeAgent.Tenancy;

namespace EdgeAgent.Tests.Diagnostics;

public sealed class AgentMetricsTests
{
    private static readonly HealthReport Report = new(
        "0.1.0", new LinkHealth(true, 3, null), [new BusHealth("can0", "open", "error-active", 500_000, 0.25, 100, 400, 2, 1)], 812.5,
        new OutboxHealth(7, 1, 1000, 64, 4.5, 390, 0), new DropHealth(1, 2, 3, 4), new SystemReading { Cpu = 0.5, RssBytes = 40_000_000 });

    [Fact]
    public void The_device_has_the_names_and_labels_that_it_has_in_the_fleet()
    {
        var status = new AgentStatus(DeviceId.Parse("dongle-1"), new Assignment(DeviceId.Parse("dongle-1"), TenantId.Parse("acme"), new Epoch(4)), null, new OutboxCounts(), BrokerIsConnected: true);
        string[] lines = AgentMetrics.Write(status, Report).Split('\n');
        const string labels = """tenant="acme",device="dongle-1" """;
        foreach (string line in new[]
        {
            "# HELP edge_agent_bus_frames_total Frames read.", "# TYPE edge_agent_bus_frames_total counter", "edge_agent_online{L} 1", "edge_agent_epoch{L} 4", "edge_agent_clock_synchronized{L} 0",
            "edge_agent_bus_frames_total{L,bus=\"can0\"} 100", "edge_agent_bus_load_ratio{L,bus=\"can0\"} 0.25", "edge_agent_samples_per_second{L} 812.5", "edge_agent_dropped_total{L,reason=\"ring\"} 2",
            "edge_agent_outbox_buffered_samples{L} 7", "edge_agent_resident_memory_bytes{L} 40000000",
        })
        {
            Assert.Contains(line.Replace("{L", "{" + labels.TrimEnd(), StringComparison.Ordinal), lines);
        }
        Assert.DoesNotContain(lines, line => line.Contains("temperature", StringComparison.Ordinal)); // what is unknown has no series
    }

    [Fact]
    public void A_device_of_nobody_has_no_tenant_and_before_the_first_look_no_health()
    {
        string text = AgentMetrics.Write(new AgentStatus(DeviceId.Parse("dongle-1"), null, null, new OutboxCounts(), BrokerIsConnected: false), report: null);
        Assert.Contains("edge_agent_online{device=\"dongle-1\"} 0\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("tenant=", text, StringComparison.Ordinal);
        Assert.DoesNotContain("bus", text, StringComparison.Ordinal);
    }
}
