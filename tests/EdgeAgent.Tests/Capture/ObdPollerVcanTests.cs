using EdgeAgent.Can;
using EdgeAgent.Can.Dbc;
using EdgeAgent.Can.SocketCan;
using EdgeAgent.Capture;
using EdgeAgent.Obd;
using EdgeAgent.Obd.Tests;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeAgent.Tests.Capture;

/// <summary>A pipeline that decodes frames and polls a simulated ECU on vcan0, see <c>tests/rig/with-vcan.sh</c>.</summary>
[Trait("needs", "vcan")]
public sealed class ObdPollerVcanTests
{
    private const string Dbc = """
        VERSION ""
        BU_: ECU
        BO_ 256 Counter: 4 ECU
         SG_ Number : 0|32@1+ (1,0) [0|0] "" Vector__XXX
        """;

    [Fact]
    public async Task Ecus_are_polled_beside_the_decoding_of_frames_while_the_bus_is_used_and_not_longer()
    {
        if (!File.Exists("/sys/class/net/vcan0/ifindex")) Assert.Skip("no vcan0 here: run with tests/rig/with-vcan.sh");
        var bus = BusName.Parse("vcan0");
        var clock = new WallClock(BootTimeProvider.Instance);
        var ring = new SampleRing(TestStamps.Acme, firstSequence: 1);
        var catalog = new SignalCatalog([]);
        using var links = new ObdLinks(BootTimeProvider.Instance);
        var link = links.For("vcan0", ObdAddressing.Standard);
        Assert.Same(link, links.For("vcan0", ObdAddressing.Standard));
        var plan = new ObdPollPlan([new ParameterQuery(ObdPids.Find(0x0C)!, TimeSpan.FromSeconds(0.1)), new ParameterQuery(ObdPids.Find(0x5E)!, TimeSpan.FromSeconds(1))],
            link, () => CanTraffic.Open("vcan0", ObdAddressing.Standard.Conversation));
        var source = new CaptureSource(bus, "interface vcan0", DecodePlan.Compile(DbcFile.Parse(Dbc)), [new SignalDescription("vcan0/Counter/Number", null)],
            IsLive: true, () => CanSocket.Open("vcan0", new CanSocketOptions { Filter = [CanId.Standard(256)] }), "vcan0", plan);
        using var engine = new EcuSimulator("vcan0", ObdAddressing.Standard, 0, request => request == "010C" ? ["410C1AF8"] : []);
        using var pipeline = new Pipeline(ring, catalog, [source], clock, BootTimeProvider.Instance, ThreadWorkers.Instance, NullLogger.Instance);
        using var sender = CanSocket.Open("vcan0");
        pipeline.Start((_, loop) => loop);
        await pipeline.TriedAsync(TestContext.Current.CancellationToken);
        pipeline.BeginAt(clock.NowNs());

        Dictionary<string, int> counts = [];
        void Look()
        {
            while (ring.TryTake(out var sample)) counts[catalog[sample.Signal].Name] = counts.GetValueOrDefault(catalog[sample.Signal].Name) + 1;
        }
        int sent = 0;
        await Eventually.TrueAsync(() => counts.GetValueOrDefault("vcan0/OBD/EngineSpeed") >= 20, () =>
        {
            if (sender.Send(CanFrame.Data(CanId.Standard(256), BitConverter.GetBytes(sent))) == SendOutcome.Sent) sent++;
            Look();
        });
        await Eventually.TrueAsync(() => counts.GetValueOrDefault("vcan0/Counter/Number") == sent, Look);
        Assert.Contains("015E", engine.Requests);

        // Nobody else sends: its own requests and the answers do not keep it going.
        long silentAt = clock.NowNs();
        await Eventually.TrueAsync(() => clock.NowNs() - silentAt > 4_000_000_000);
        int asked = engine.Requests.Count;
        await Eventually.TrueAsync(() => clock.NowNs() - silentAt > 6_000_000_000);
        Assert.Equal(asked, engine.Requests.Count);
        Assert.Equal(["010C", "015E"], engine.Requests.Distinct().Order());
        await pipeline.EndAtAsync(clock.NowNs());
        Look();
        Assert.Equal((asked, counts["vcan0/OBD/EngineSpeed"]), ((int)pipeline.Pollers[0].Requests, (int)pipeline.Pollers[0].Samples));
    }
}
