using System.Text.Json.Nodes;
using EdgeAgent.Can;
using EdgeAgent.Can.SocketCan;
using EdgeAgent.Cli.Doctor;

namespace EdgeAgent.Tests.Cli.Doctor;

/// <summary>A device on which all is well, and ways to break it.</summary>
internal static class TestFacts
{
    public const string Status = """
        {"version":"1.0.0","device":"dongle-1","tenant":"acme","epoch":3,
         "configuration":{"status":"applied","tenantVersion":12,"deviceVersion":2,"missingArtifacts":0,"mistakes":[],"trouble":null},
         "broker":{"url":"mqtts://broker.example.com:8883","connected":true,"connects":1,"trouble":null,"fault":null,"troubleSeconds":null,
                   "refusals":0,"refusal":null,"refusalSeconds":null,"acknowledgedSeconds":0.4,"refusedSubscriptions":[]},
         "sources":[{"bus":"can0","interface":"can0","state":"open","trouble":null,"frames":1000,"unknownFrames":0,"samples":4000,"droppedByKernel":0,"refusedSamples":0,
                     "errorFrames":0,"openings":1,"can":{"controller":"error-active","bitrate":500000,"listenOnly":false,"silentSeconds":null,"errors":{}}}],
         "store":{"directory":"/var/lib/edge-agent","trouble":null},
         "outbox":{"bufferedSamples":20,"bufferedMessages":0,"deliveredSamples":3980,"evicted":0,"corrupt":0,"unconfirmed":0,"storedBatches":0,"storedBytes":0,"memoryBytes":80,"oldestSeconds":0.5}}
        """;

    public static readonly DateTimeOffset Now = new(2026, 11, 28, 8, 0, 0, TimeSpan.Zero);

    public static readonly CanLinkInfo Link = new()
    {
        Kind = "can",
        IsUp = true,
        State = CanControllerState.ErrorActive,
        BitTiming = new CanBitTiming(500_000, 875),
        SendErrorCounter = 0,
        ReceiveErrorCounter = 0,
        Statistics = new CanLinkStatistics(1000, 0, 8000, 0, 0, 0, 0, 0),
    };

    public static readonly NetworkReading Network = new()
    {
        Host = "broker.example.com",
        Port = 8883,
        IsTls = true,
        Name = new Step("broker.example.com is 192.0.2.1"),
        Route = new Step("to 192.0.2.1 from 192.0.2.2"),
        Tcp = new Step("broker.example.com:8883 accepts connections"),
        Tls = new Step("Tls13, CN=broker.example.com"),
        BrokerCertificateUntil = Now.AddDays(90),
        DeviceCertificate = ("/etc/edge-agent/device.pem", Now.AddDays(90)),
    };

    public static readonly MachineReading Machine = new()
    {
        Now = Now,
        ClockIsSynchronized = true,
        MemoryTotalBytes = 512_000_000,
        MemoryAvailableBytes = 300_000_000,
        StoreDirectory = "/var/lib/edge-agent",
        DiskFreeBytes = 1_000_000_000,
        DiskTotalBytes = 4_000_000_000,
        SegmentsAside = 0,
        Flash = [new FlashWear("mmcblk0", 2, 1)],
    };

    /// <param name="change">Changes the status.</param>
    /// <param name="link">The interface now; null for <see cref="Link"/> with some more frames.</param>
    public static Facts Of(Action<JsonObject>? change = null, CanLinkInfo? link = null)
    {
        var json = JsonNode.Parse(Status)!.AsObject();
        change?.Invoke(json);
        var status = AgentReading.Parse(json);
        link ??= Link with { Statistics = Link.Statistics with { ReceivedFrames = 1100 } };
        return new Facts
        {
            Agent = new AgentAnswer(true, status) { Earlier = status with { Sources = [.. status.Sources.Select(source => source with { Samples = Math.Max(0, source.Samples - 400) })] }, Between = TimeSpan.FromSeconds(1) },
            Setup = new SetupReading("/etc/edge-agent/provision.json", null, []) { IsHidden = true },
            Buses = [.. status.Sources.Select(source => new BusFacts(source.Bus, source.Interface, source, Link, link))],
            Machine = Machine,
            Network = Network,
        };
    }

    /// <summary>The same with the broker away.</summary>
    public static Facts Away(string fault, string trouble, NetworkReading? network = null) => Of(status =>
    {
        var broker = status["broker"]!;
        (broker["connected"], broker["fault"], broker["trouble"], broker["troubleSeconds"]) = (false, fault, trouble, 7);
    }) with
    { Network = network ?? Network };
}
