using System.Diagnostics;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;

namespace EdgeAgent.SystemTests;

/// <summary>Real set-ups that are broken, and what <c>edge-agent why</c> names: the published binary as service and as command, and real mosquitto.</summary>
public sealed class WhyTests(ITestOutputHelper output) : IDisposable
{
    private readonly Workspace _workspace = new();

    private string SocketPath => _workspace["agent.sock"];

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public async Task A_name_that_nobody_knows() => await AssertAsync(Configure("mqtt://broker.invalid:1883"), "name", "broker.invalid cannot be resolved");

    [Fact]
    public async Task A_port_at_which_nobody_listens() => await AssertAsync(Configure($"mqtt://127.0.0.1:{Rig.FreePort()}"), "tcp", "Connection refused");

    [Fact]
    public async Task An_interface_that_is_not_there() =>
        await AssertAsync(Configure("mqtt://127.0.0.1:1", source: "\"interface\": \"nosuch0\""), "interface", "the interface nosuch0 does not exist");

    [Fact]
    public async Task A_device_that_belongs_to_nobody() => await AssertAsync(Configure("mqtt://127.0.0.1:1", tenant: ""), "assignment", "the device belongs to nobody");

    [Fact]
    public async Task A_configuration_with_which_the_agent_does_not_start()
    {
        var result = await WhyAsync(Configure("htp://broker.example.com"));
        Assert.Equal(3, result.ExitCode);
        AssertSays(result, "setup", "/broker/url");
    }

    [Fact]
    public async Task A_password_that_is_wrong()
    {
        Rig.Require("mosquitto", "mosquitto_passwd");
        await Rig.RunAsync("mosquitto_passwd", ["-b", "-c", _workspace["users"], "dongle-1", "right"]);
        int port = Rig.FreePort();
        using var broker = await StartBrokerAsync($"listener {port} 127.0.0.1\npassword_file {_workspace["users"]}\n");
        await AssertAsync(Configure($"mqtt://127.0.0.1:{port}", ", \"userName\": \"dongle-1\", \"password\": \"wrong\""), "credentials", "NotAuthorized (0x87)");
        await EndAsync(broker);
    }

    [Fact]
    public async Task Access_rules_that_do_not_have_the_device_and_then_have_it()
    {
        Rig.Require("mosquitto");
        int port = Rig.FreePort();
        string rules = _workspace.Write("acl", "topic readwrite devices/#\n");
        using var broker = await StartBrokerAsync($"listener {port} 127.0.0.1\nallow_anonymous true\nacl_file {rules}\n");
        string configuration = Configure($"mqtt://127.0.0.1:{port}");
        await using var agent = RunningAgent.Start(_workspace, configuration, local: SocketPath);
        await UntilAsync(configuration, "access", "refuses tenants/acme/devices/dongle-1/");

        _workspace.Write("acl", "topic readwrite #\n");
        await Rig.SignalAsync(broker.Id, "HUP");
        await agent.UntilAsync(message => message.Contains("delivered=3", StringComparison.Ordinal));
        var well = await WhyAsync(configuration, "--json");
        // The log has ended and nothing waits: there is nothing more to come from it.
        AssertSays(well, "vehicle", "the log that it replayed has ended");
        using var json = JsonDocument.Parse(well.Output);
        Assert.Equal(3, json.RootElement.GetProperty("deliveredSamples").GetInt64());
        await EndAsync(broker);
    }

    [Fact]
    public async Task A_certificate_that_has_expired()
    {
        Rig.Require("mosquitto");
        int port = Rig.FreePort();
        WriteCertificate();
        using var broker = await StartBrokerAsync($"listener {port} 127.0.0.1\nallow_anonymous true\ncertfile {_workspace["broker.pem"]}\nkeyfile {_workspace["broker.key"]}\n");
        await AssertAsync(Configure($"mqtts://127.0.0.1:{port}", ", \"authorityFile\": \"broker.pem\""), "tls", "expired on ");
        await EndAsync(broker);
    }

    [Theory]
    [InlineData("ip link set lo down", "mqtt://192.0.2.1:1883", "route", "no route to 192.0.2.1: Network is unreachable\"")]
    [InlineData("mount -t tmpfs -o size=8m full state; dd if=/dev/zero of=state/filler bs=64k", "mqtt://127.0.0.1:1", "store", "is full")]
    [InlineData("mount -t tmpfs -o size=8m,ro full state", "mqtt://127.0.0.1:1", "service", "does not run")]
    public async Task A_machine_without_a_route_or_without_room(string how, string broker, string link, string words)
    {
        Rig.Require("unshare", "ip");
        if (Environment.UserName != "root" || (await Rig.RunAsync("unshare", ["-n", "-m", "true"])).ExitCode != 0) Assert.Skip("needs root, and namespaces of its own");
        Directory.CreateDirectory(_workspace["state"]);
        string configuration = Configure(broker);
        string script = _workspace.Write("machine.sh", $$"""
            cd {{_workspace.Path}}
            { {{how}}; } > /dev/null 2>&1
            '{{Rig.Agent}}' run --config '{{configuration}}' --socket '{{SocketPath}}' > agent.log 2>&1 &
            agent=$!
            for i in 1 2 3 4 5 6 7 8 9 10; do
              answer=$('{{Rig.Agent}}' why --json --config '{{configuration}}' --socket '{{SocketPath}}')
              case "$answer" in *'"link":"{{link}}"'*) [ $i -gt 1 ] && break ;; esac
            done
            echo "$answer"
            kill -KILL $agent 2> /dev/null
            exit 1
            """);
        var result = await Rig.RunAsync("unshare", ["-n", "-m", "bash", script]);
        AssertSays(result, link, words);
    }

    private async Task AssertAsync(string configuration, string link, string words)
    {
        await using var agent = RunningAgent.Start(_workspace, configuration, local: SocketPath);
        var result = await UntilAsync(configuration, link, words);
        Assert.Equal(1, result.ExitCode);
        var text = await WhyAsync(configuration);
        Assert.InRange(text.Output.TrimEnd().Split('\n').Length, 2, 8);
        Assert.All(text.Output.Split('\n'), line => Assert.InRange(line.Length, 0, 80));
        output.WriteLine(text.Output);
    }

    /// <summary>The agent needs a moment to find out; what it says in the end has to be right.</summary>
    private async Task<ProgramResult> UntilAsync(string configuration, string link, string words)
    {
        var watch = Stopwatch.StartNew();
        ProgramResult result;
        do
        {
            result = await WhyAsync(configuration, "--json");
        }
        while (!result.Output.Contains($"\"link\":\"{link}\"", StringComparison.Ordinal) && watch.Elapsed < Rig.Patience);
        AssertSays(result, link, words);
        return result;
    }

    private static void AssertSays(ProgramResult result, string link, string words)
    {
        Assert.Contains(words, result.Output, StringComparison.Ordinal);
        if (!result.Output.StartsWith('{')) return;
        using var json = JsonDocument.Parse(result.Output);
        Assert.Equal(link, json.RootElement.GetProperty("link").GetString());
    }

    private Task<ProgramResult> WhyAsync(string configuration, params string[] more) => Rig.RunAsync(Rig.Agent, ["why", "--config", configuration, "--socket", SocketPath, .. more]);

    private string Configure(string url, string credentials = "", string source = "\"log\": \"drive.log\"", string tenant = "\"tenant\": { \"id\": \"acme\", \"epoch\": 1 },") =>
        _workspace.Write("agent.json", $$"""
            {
              "device": "dongle-1",
              {{tenant}}
              "broker": { "url": "{{url}}"{{credentials}} },
              "access": { "users": { "{{Environment.UserName}}": "viewer" } },
              "sources": [{ "bus": "can0", {{source}}, "dbc": ["vehicle.dbc"] }],
              "outbox": { "directory": "state", "flushAfterSeconds": 1 },
              "drainSeconds": 1
            }
            """);

    private async Task<Process> StartBrokerAsync(string configuration)
    {
        string file = _workspace.Write("mosquitto.conf", configuration + "user root\n");
        var broker = Process.Start(new ProcessStartInfo("mosquitto", ["-c", file]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        await broker.StandardError.ReadLineAsync(TestContext.Current.CancellationToken);
        return broker;
    }

    private static async Task EndAsync(Process broker)
    {
        broker.Kill();
        await broker.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    private void WriteCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddDays(-60), now.AddDays(-30));
        _workspace.Write("broker.pem", certificate.ExportCertificatePem());
        _workspace.Write("broker.key", key.ExportPkcs8PrivateKeyPem());
    }
}

/// <summary>Buses that are broken, and one that is well, and what <c>edge-agent why</c> says of them.</summary>
[Collection(Rig.Guests)]
public sealed class WhyOfBusTests(ITestOutputHelper output)
{
    [Fact]
    public async Task An_interface_that_is_down_and_a_bit_rate_that_is_wrong_and_a_bus_that_is_well()
    {
        string directory = await Rig.RunScenarioAsync("why.sh", Rig.Vehicle, Rig.Drive, output);
        string[] said = await File.ReadAllLinesAsync(Path.Combine(directory, "why.log"), TestContext.Current.CancellationToken);
        Assert.Equal(["interface", "interface", "vehicle", "flows"], said.Select(line =>
        {
            using var json = JsonDocument.Parse(line);
            return json.RootElement.TryGetProperty("link", out var link) ? link.GetString() : json.RootElement.GetProperty("status").GetString();
        }));
        Assert.Contains("the bit rate is wrong", said[0], StringComparison.Ordinal);
        Assert.Contains("the interface vcan0 is down", said[1], StringComparison.Ordinal);
        Directory.Delete(directory, recursive: true);
    }
}
