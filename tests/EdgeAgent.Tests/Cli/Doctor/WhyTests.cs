using System.Text.Json;
using EdgeAgent.Can;
using EdgeAgent.Can.SocketCan;
using EdgeAgent.Cli.Doctor;

namespace EdgeAgent.Tests.Cli.Doctor;

/// <summary>The first broken link by what was seen.</summary>
public sealed class WhyTests
{
    /// <summary>A name, what was seen, and the link with some of the words that have to be said.</summary>
    private static readonly (string Name, Func<Facts> Facts, Link Link, string[] Words)[] Broken =
    [
        ("wrong bit rate", () => TestFacts.Of(
            status => { Source(status)["frames"] = 412; Source(status)["errorFrames"] = 412; Source(status)["samples"] = 0; Source(status)["can"]!["errors"]!["bus-error"] = 412; },
            TestFacts.Link with { State = CanControllerState.ErrorPassive, ReceiveErrorCounter = 128, BitTiming = new CanBitTiming(250_000, 875) }),
            Link.Interface, ["can0:", "not one frame at 250 kbit/s", "the bit rate is wrong", "edge-agent can find-bitrate can0"]),
        ("wrong bit rate, by a kernel that counts errors as frames", () => TestFacts.Of(
            status => { Source(status)["frames"] = 0; Source(status)["samples"] = 0; },
            TestFacts.Link with { Statistics = TestFacts.Link.Statistics with { ReceivedFrames = 1300, ReceiveErrors = 300 } }),
            Link.Interface, ["300 in the last second", "the bit rate is wrong"]),
        ("interface down", () => TestFacts.Of(link: TestFacts.Link with { IsUp = false, State = CanControllerState.Stopped }), Link.Interface, ["the interface can0 is down", "edge-agent can up can0"]),
        ("interface missing", () => TestFacts.Of() with { Buses = [new BusFacts("can0", "can7", TestFacts.Of().Status!.Sources[0], null, null)] }, Link.Interface, ["the interface can7 does not exist"]),
        ("silent vehicle", () => TestFacts.Of(status => Source(status)["can"]!["silentSeconds"] = 42, TestFacts.Link), Link.Vehicle, ["no frame for 42 s", "ignition"]),
        ("nothing selected", () => TestFacts.Of(status => { Source(status)["frames"] = 0; Source(status)["samples"] = 0; }), Link.Decoding, ["none becomes a sample", "sources[].dbc"]),
        ("no route", () => TestFacts.Away("route", "cannot be reached: Network is unreachable",
            TestFacts.Network with { Route = new Step("", "no route to 192.0.2.1: Network is unreachable"), Tcp = null, Tls = null }), Link.Route, ["no route to 192.0.2.1", "ip route"]),
        ("no route, by the agent alone", () => TestFacts.Away("route", "Network is unreachable") with { Network = null }, Link.Route, ["Network is unreachable (7 s ago)"]),
        ("bad DNS", () => TestFacts.Away("name", "cannot be reached: Name or service not known",
            TestFacts.Network with { Name = new Step("", "the name broker.example.com cannot be resolved: Name or service not known"), Route = null, Tcp = null, Tls = null }),
            Link.Name, ["broker.example.com cannot be resolved", "resolvectl"]),
        ("port closed", () => TestFacts.Away("tcp", "Connection refused", TestFacts.Network with { Tcp = new Step("", "broker.example.com:8883 cannot be reached: Connection refused"), Tls = null }), Link.Tcp, ["Connection refused"]),
        ("expired certificate", () => TestFacts.Away("tls", "its certificate (CN=broker.example.com) expired on 2026-10-01; whoever runs the broker has to renew it",
            TestFacts.Network with { Tls = new Step("", "its certificate (CN=broker.example.com) expired on 2026-10-01; whoever runs the broker has to renew it") }),
            Link.Tls, ["expired on 2026-10-01"]),
        ("own certificate expired, which the broker says after the handshake", () => TestFacts.Away("tls", "this device's certificate (CN=dongle-1) expired on 2026-10-01; renew it",
            TestFacts.Network with { DeviceCertificate = ("/etc/edge-agent/device.pem", TestFacts.Now.AddDays(-58)) }), Link.Tls, ["expired on 2026-10-01"]),
        ("clock in 1970", () => TestFacts.Away("tls", "its certificate is not valid before 2026-01-01",
            TestFacts.Network with { Tls = new Step("", "its certificate is not valid before 2026-01-01") }) with { Machine = TestFacts.Machine with { Now = DateTimeOffset.UnixEpoch } }, Link.Clock, ["1970-01-01", "timedatectl"]),
        ("wrong password", () => TestFacts.Away("credentials", "mqtts://broker.example.com:8883 refuses user 'dongle-1': NotAuthorized (0x87)"), Link.Credentials, ["refuses user 'dongle-1'", "passwordFile"]),
        ("password file unreadable", () => TestFacts.Away("file", "/etc/edge-agent/broker.password: cannot read the broker's password"), Link.Credentials, ["cannot read the broker's password", "chgrp"]),
        ("ACL refusal", () => TestFacts.Of(status => Refuse(status, refusedAgo: 1, acknowledgedAgo: null)), Link.Access, ["refuses tenants/acme/devices/dongle-1/telemetry", "(12 refused)", "packaging/broker"]),
        ("ACL refusal after it went well", () => TestFacts.Of(status => Refuse(status, refusedAgo: 1, acknowledgedAgo: 90)), Link.Access, ["refuses tenants/acme"]),
        ("full disk", () => TestFacts.Of() with { Machine = TestFacts.Machine with { DiskFreeBytes = 4096 } }, Link.Store, ["is full", "make room"]),
        ("read-only disk", () => TestFacts.Of() with { Machine = TestFacts.Machine with { DiskIsReadOnly = true } }, Link.Store, ["mounted read-only", "remount"]),
        ("store trouble of the agent", () => TestFacts.Of(status => status["store"]!["trouble"] = "Permission denied"), Link.Store, ["cannot be written: Permission denied"]),
        ("no assignment", () => TestFacts.Of(status => { status["tenant"] = null; status["sources"]!.AsArray().Clear(); status["configuration"]!["status"] = "none"; }),
            Link.Assignment, ["belongs to nobody", "devices/dongle-1/assignment"]),
        ("no assignment since no network", () => Unassigned(TestFacts.Away("name", "Name or service not known", TestFacts.Network with { Name = new Step("", "the name cannot be resolved") })), Link.Name, ["cannot be resolved"]),
        ("bad configuration", () => TestFacts.Of(status =>
            {
                status["sources"]!.AsArray().Clear();
                status["configuration"]!["status"] = "refused";
                status["configuration"]!["mistakes"]!.AsArray().Add("/sources/0/bus: expected a name");
            }), Link.Configuration, ["refused: /sources/0/bus: expected a name", "config validate", "tenants/acme/config"]),
        ("bad configuration in the device's file", () => Stopped() with { Setup = new SetupReading("/etc/edge-agent/agent.json", null, ["/broker/url: missing", "/device: missing"]) },
            Link.Setup, ["/broker/url: missing (and 1 more)", "does not start", "config validate"]),
        ("not provisioned", () => Stopped() with { Setup = new SetupReading("/etc/edge-agent/agent.json", null, []) { Exists = false } }, Link.Setup, ["does not exist", "provision the device"]),
        ("certificate awaited", () => Stopped() with { Setup = new SetupReading("/etc/edge-agent/agent.json", null, []) { Exists = false, AwaitsCertificate = true } },
            Link.Setup, ["waits for its certificate", "edge-agent-provision.csr", "edge-agent provision certificate"]),
        ("nothing configured", () => TestFacts.Of(status => { status["sources"]!.AsArray().Clear(); status["configuration"]!["status"] = "none"; }), Link.Configuration, ["configured nothing"]),
        ("agent stopped", () => Stopped(), Link.Service, ["does not run", "systemctl start edge-agent"]),
        ("metered network", () => TestFacts.Of(status => { status["broker"]!["acknowledgedSeconds"] = 4000; status["outbox"]!["oldestSeconds"] = 4000; }), Link.Delivery, ["the oldest has waited 4000 s", "metered"]),
    ];

    public static TheoryData<string> Names => [.. Broken.Select(one => one.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void The_first_broken_link_is_named_with_evidence_and_remedy(string name)
    {
        var (_, facts, link, words) = Broken.Single(one => one.Name == name);
        var verdict = Verdict.Of(facts());
        Assert.Equal(link, verdict.Broken?.Link);
        Assert.Equal(link is Link.Service or Link.Setup ? 3 : 1, verdict.ExitCode);
        string[] lines = [.. verdict.Lines()];
        Assert.All(lines, line => Assert.InRange(line.Length, 1, 80));
        string text = string.Join(' ', lines.Select(line => line.Trim()));
        Assert.StartsWith("No data, because of the ", text, StringComparison.Ordinal);
        Assert.All(words, word => Assert.Contains(word, text, StringComparison.Ordinal));
        using var json = JsonDocument.Parse(verdict.Json());
        Assert.Equal(("broken", link.ToString().ToLowerInvariant()), (json.RootElement.GetProperty("status").GetString(), json.RootElement.GetProperty("link").GetString()));
    }

    [Fact]
    public void When_all_is_well_it_says_so_with_figures()
    {
        var verdict = Verdict.Of(TestFacts.Of());
        Assert.Equal((null, 0), (verdict.Broken, verdict.ExitCode));
        Assert.Equal("Data flows: 400 samples/s captured, last PUBACK 0.4 s ago, 3980 samples delivered, 20 wait.", string.Join(' ', verdict.Lines()));
        Assert.Equal("""{"status":"flows","samplesPerSecond":400,"acknowledgedSeconds":0.4,"deliveredSamples":3980,"bufferedSamples":20}""", verdict.Json());
    }

    [Fact]
    public void What_failed_but_stops_no_record_is_said_beside_it()
    {
        var verdict = Verdict.Of(TestFacts.Of(status =>
        {
            status["configuration"]!["status"] = "rolled-back";
            status["configuration"]!["mistakes"]!.AsArray().Add("/sources/1: can1 does not exist");
        }));
        Assert.Equal(0, verdict.ExitCode);
        Assert.Contains("Beside that, configuration: the newest configuration was rolled back: /sources/1", string.Join(' ', verdict.Lines()), StringComparison.Ordinal);
    }

    [Fact]
    public void A_refusal_that_is_over_breaks_nothing() =>
        Assert.Null(Verdict.Of(TestFacts.Of(status => Refuse(status, refusedAgo: 90, acknowledgedAgo: 1))).Broken);

    [Fact]
    public void A_user_without_a_role_is_told_so()
    {
        var verdict = Verdict.Of(TestFacts.Of() with { Agent = new AgentAnswer(true, null, "status: user:nobody has no role here") { IsNotPermitted = true }, Buses = [] });
        Assert.Equal((Link.Service, 1), (verdict.Broken?.Link, verdict.ExitCode));
    }

    private static Facts Stopped() => TestFacts.Of() with
    {
        Agent = new AgentAnswer(false, null, "/run/edge-agent/agent.sock: there is no such socket: the agent does not run"),
        Setup = new SetupReading("/etc/edge-agent/provision.json", null, []) { IsHidden = true },
        Buses = [new BusFacts("can0", "can0", null, TestFacts.Link, TestFacts.Link with { IsUp = false })],
    };

    private static Facts Unassigned(Facts facts) => facts with
    {
        Agent = facts.Agent with { Status = facts.Status! with { Tenant = null, Sources = [], Configuration = new ConfigurationReading() } },
        Buses = [],
    };

    private static System.Text.Json.Nodes.JsonNode Source(System.Text.Json.Nodes.JsonObject status) => status["sources"]![0]!;

    private static void Refuse(System.Text.Json.Nodes.JsonObject status, double refusedAgo, double? acknowledgedAgo)
    {
        var broker = status["broker"]!;
        (broker["refusals"], broker["refusalSeconds"], broker["acknowledgedSeconds"]) = (12, refusedAgo, acknowledgedAgo);
        broker["refusal"] = "mqtts://broker.example.com:8883 refuses tenants/acme/devices/dongle-1/telemetry: NotAuthorized (0x87)";
    }
}
