using System.Text.Json;
using CsCheck;
using EdgeAgent.Can;
using EdgeAgent.Capture;
using EdgeAgent.Cli.Fleet;
using EdgeAgent.Diagnostics;
using EdgeAgent.Tenancy;

namespace EdgeAgent.Tests.Diagnostics;

/// <summary>What a health record says.</summary>
public sealed class HealthReportTests
{
    private static readonly SystemReading System = new()
    {
        Cpu = 0.12345,
        AgentCpu = 0.01,
        RssBytes = 31_000_000,
        AvailableBytes = 300_000_000,
        DiskFreeBytes = 3,
        DiskTotalBytes = 8,
        WrittenBytes = 77,
        TemperatureCelsius = 51.25,
        UptimeSeconds = 12.7,
    };

    [Fact]
    public void Members_stand_in_the_order_of_the_contract_without_braces()
    {
        var report = HealthReport.Of(Health.Inputs(samples: 100, bits: 1_000_000), System, Health.Inputs(samples: 40, bits: 500_000), TimeSpan.FromSeconds(10));
        Assert.Equal(
            """
            "version":"0.2.0","uptimeSeconds":13,"link":{"connected":true,"connects":1},"buses":[{"bus":"can0","state":"open","controller":"error-active","bitrate":500000,"load":0.1,"frames":50,"samples":100,"errorFrames":0,"openings":1}],"samplesPerSecond":6,"outbox":{"bufferedSamples":1,"storedBatches":2,"storedBytes":3,"memoryBytes":4,"oldestSeconds":5.5,"delivered":6,"lost":7},"drops":{"kernel":1,"ring":2,"evicted":3,"corrupt":4},"cpu":0.123,"agentCpu":0.01,"memory":{"rssBytes":31000000,"availableBytes":300000000},"disk":{"freeBytes":3,"totalBytes":8,"writtenBytes":77},"temperatureCelsius":51.2
            """,
            Health.Text(report));
    }

    [Fact]
    public void What_is_unknown_is_left_out()
    {
        var inputs = Health.Inputs(bus: new BusHealth("log", "ended", null, null, null, 1, 2, 3, 4)) with { Outbox = new OutboxHealth(0, 0, 0, 0, null, 0, 0) };
        string text = Health.Text(HealthReport.Of(inputs, new SystemReading(), before: null, TimeSpan.Zero));
        Assert.Contains("""{"bus":"log","state":"ended","frames":1,"samples":2,"errorFrames":3,"openings":4}],"outbox":""", text, StringComparison.Ordinal);
        Assert.EndsWith("""
            "memory":{},"disk":{}
            """, text, StringComparison.Ordinal);
        Assert.DoesNotContain("oldestSeconds", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1_000_000, 500_000, 10, 0.1)]
    [InlineData(9_000_000, 500_000, 10, 1.0)] // an estimate may exceed what is possible
    [InlineData(400_000, 500_000, 10, null)] // the interface was made anew, and its counters with it
    [InlineData(1_000_000, 500_000, 0, null)]
    public void Load_is_the_used_part_of_the_bit_rate(double now, double before, int seconds, double? load) =>
        Assert.Equal(load, HealthReport.Of(Health.Inputs(bits: now), System, Health.Inputs(bits: before), TimeSpan.FromSeconds(seconds)).Buses[0].Load);

    [Fact]
    public void A_bus_that_came_with_another_configuration_has_no_load_and_all_its_samples_count()
    {
        var now = Health.Inputs(samples: 50, bits: 10, bus: new BusHealth("can1", "open", null, 500_000, null, 0, 50, 0, 1));
        var report = HealthReport.Of(now, System, Health.Inputs(samples: 40), TimeSpan.FromSeconds(10));
        Assert.Null(report.Buses[0].Load);
        Assert.Equal(5, report.SamplesPerSecond);
    }

    [Theory]
    [InlineData("asking", 12.5, ",\"obd\":{\"state\":\"asking\",\"wantedPerSecond\":12.5,\"answersPerSecond\":6,\"unsupported\":2}")]
    [InlineData("silent", null, ",\"obd\":{\"state\":\"silent\"}")]
    public void A_bus_whose_ecus_are_asked_says_at_which_rate_they_answer(string state, double? wanted, string expected)
    {
        var obd = new ObdHealth(state, wanted is { } rate ? new ObdRates(rate, 6, 10, 2) : null);
        var inputs = Health.Inputs(bus: new BusHealth("can0", "open", null, null, null, 1, 2, 3, 4) { Obd = obd });
        Assert.Contains($"\"openings\":4{expected}}}],", Health.Text(HealthReport.Of(inputs, System, before: null, TimeSpan.Zero)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_long_trouble_is_cut_off()
    {
        var inputs = Health.Inputs() with { Link = new LinkHealth(false, 1, new string('x', 1000)) };
        using var document = JsonDocument.Parse($"{{{Health.Text(HealthReport.Of(inputs, System, null, TimeSpan.Zero))}}}");
        Assert.Equal(HealthReport.MaxTroubleLength, document.RootElement.GetProperty("link").GetProperty("lastTrouble").GetString()!.Length);
    }

    [Fact]
    public void What_a_device_writes_a_fleet_reads() => Gen.Select(Gen.Long[0, long.MaxValue], Gen.Double[0, 1].Nullable(), Gen.Double[0, 1e6].Nullable(), Gen.Bool, Gen.String).Sample((count, share, seconds, flag, text) =>
    {
        var report = new HealthReport(
            "1.0", new LinkHealth(flag, count, flag ? text : null), [new BusHealth("can0", "open", flag ? "bus-off" : null, flag ? count : null, share, count, count, count, count)], seconds,
            new OutboxHealth(count, count, count, count, seconds, count, count), new DropHealth(count, count, count, count),
            new SystemReading { Cpu = share, AgentCpu = share, RssBytes = flag ? count : null, DiskFreeBytes = count, TemperatureCelsius = share, UptimeSeconds = seconds });
        var read = DeviceReports.ReadHealth(TenantId.Parse("acme"), DeviceId.Parse("d"), global::System.Text.Encoding.UTF8.GetBytes($"{{{Health.Text(report)}}}")).Report;
        Assert.Equal(count, read.Buses[0].Frames);
        Assert.Equal(report.Drops, read.Drops);
        Assert.Equal(report.Outbox with { OldestSeconds = seconds is { } age ? Math.Round(age, 1) : null }, read.Outbox);
        Assert.Equal(Health.Text(read with { Link = report.Link }), Health.Text(report));
    });
}

/// <summary>Inputs of health reports.</summary>
internal static class Health
{
    public static HealthInputs Inputs(long samples = 0, double? bits = null, BusHealth? bus = null) => new(
        "0.2.0", new LinkHealth(true, 1, null),
        [new BusInputs(bus ?? new BusHealth("can0", "open", "error-active", 500_000, null, 50, samples, 0, 1), bits is { } all ? new BusBits((long)all, 0) : null)],
        new OutboxHealth(1, 2, 3, 4, 5.5, 6, 7), new DropHealth(1, 2, 3, 4));

    public static string Text(HealthReport report) => Text(report.ToMembers());

    public static string Text(ReadOnlyMemory<byte> members) => System.Text.Encoding.UTF8.GetString(members.Span);
}
