using EdgeAgent.Can;
using EdgeAgent.Can.Dbc;
using EdgeAgent.Can.SocketCan;
using EdgeAgent.Capture;
using EdgeAgent.Management;
using EdgeAgent.Outbox;
using EdgeAgent.Tenancy;
using EdgeAgent.Tests.Capture;
using EdgeAgent.Tests.Diagnostics.Local;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeAgent.Tests.Management;

public sealed class StatusJsonTests : IDisposable
{
    private readonly Pipeline _pipeline = new(new SampleRing(TestStamps.Acme, 1), new SignalCatalog([]),
        [new CaptureSource(BusName.Parse("body"), "interface can0", DecodePlan.Compile([]), [], IsLive: true, () => new FakeSource(), "can0")],
        new WallClock(TimeProvider.System), TimeProvider.System, ThreadWorkers.Instance, NullLogger.Instance);

    public void Dispose() => _pipeline.Dispose();

    [Fact]
    public void A_source_is_told_with_what_the_kernel_knows_of_its_interface()
    {
        var source = Source(new CanLinkInfo
        {
            Kind = "can",
            IsUp = true,
            State = CanControllerState.ErrorPassive,
            BitTiming = new CanBitTiming(500_000, 875),
            RestartAfter = TimeSpan.FromMilliseconds(100),
            SendErrorCounter = 128,
            ReceiveErrorCounter = 3,
            DeviceStatistics = new CanDeviceStatistics(1, 2, 3, 4, 5, 6),
            Statistics = new CanLinkStatistics(1000, 10, 0, 0, 0, 0, 7, 0),
        });
        Assert.Equal(
            """
            {"up":true,"controller":"error-passive","bitrate":500000,"dataBitrate":null,"samplePoint":0.875,"restartMs":100,"listenOnly":false,"load":0.25,"silentSeconds":12,"sendErrorCounter":128,"receiveErrorCounter":3,"busOffs":4,"receivedFrames":1000,"sentFrames":10,"receiveDropped":7,"errors":{}}
            """.Trim(), source["can"]!.ToJsonString());
        Assert.True(OpenApiTests.IsValid("Source", source.ToJsonString()));
    }

    [Fact]
    public void Of_a_virtual_interface_it_knows_less_and_of_one_that_is_not_there_nothing()
    {
        Assert.True(OpenApiTests.IsValid("Source", Source(new CanLinkInfo { Kind = "vcan" }).ToJsonString()));
        var gone = Source(null);
        Assert.Null(gone["can"]);
        Assert.True(OpenApiTests.IsValid("Source", gone.ToJsonString()));
    }

    private System.Text.Json.Nodes.JsonNode Source(CanLinkInfo? link)
    {
        _pipeline.Readers[0].Bus = new BusReading { Link = link, Load = 0.25, Silent = TimeSpan.FromSeconds(12) };
        return StatusJson.Of(new AgentStatus(DeviceId.Parse("dongle-1"), null, _pipeline, new OutboxCounts(), BrokerIsConnected: false))["sources"]![0]!;
    }
}
