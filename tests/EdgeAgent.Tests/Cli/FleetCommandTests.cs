using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using EdgeAgent.Tests.Cli.Fleet;
using MQTTnet;
using MQTTnet.Protocol;
using MQTTnet.Server;

namespace EdgeAgent.Tests.Cli;

/// <summary>The command as people run it, with a broker and devices that publish to it.</summary>
public sealed class FleetCommandTests
{
    [Fact]
    public async Task Once_prints_the_devices_of_the_tenant_the_troubled_first()
    {
        await using var broker = await Broker.StartAsync();
        await broker.PublishAsync(Messages.Status("dongle-1", true), Messages.Health("dongle-1"), Messages.Health("dongle-2", controller: "bus-off"), Messages.Message("dongle-3", "health", "\u001b[2J"));
        var (lines, errors, code) = await RunAsync("--broker", broker.Url, "--tenant", "acme", "--once", "--seconds", "1");
        Assert.Equal((0, ""), (code, errors));
        Assert.Equal("acme: 3 devices, 1 online, 2 in trouble, 1 unreadable messages", lines[0]);
        Assert.StartsWith("DEVICE  ", lines[1], StringComparison.Ordinal);
        Assert.Equal(["dongle-2", "dongle-3", "dongle-1"], lines[2..].Select(line => line.Split(' ')[0]));
        Assert.Contains("can0 bus-off", lines[2], StringComparison.Ordinal);
    }

    [Fact]
    public async Task As_JSON_each_device_is_a_line()
    {
        await using var broker = await Broker.StartAsync();
        await broker.PublishAsync([.. Enumerable.Range(1, 50).Select(i => Messages.Health($"dongle-{i}"))]);
        var (lines, _, code) = await RunAsync("--broker", broker.Url, "--tenant", "acme", "--json", "--seconds", "1.5");
        Assert.Equal(0, code);
        Assert.Equal(50, lines.Length);
        Assert.All(lines, line => Assert.StartsWith("{\"device\":\"dongle-", line, StringComparison.Ordinal));
    }

    [Fact]
    public async Task As_an_exporter_it_serves_until_it_is_told_to_stop_and_comes_back_to_its_broker()
    {
        var broker = await Broker.StartAsync();
        await broker.PublishAsync(Messages.Health("dongle-1"));
        using var exporter = Start("--broker", broker.Url, "--tenant", "acme", "--metrics", "127.0.0.1:0");
        string address = (await exporter.StandardError.ReadLineAsync(TestContext.Current.CancellationToken))!.Split(' ')[^1];
        using var client = new HttpClient();
        await EventuallyAsync("edge_agent_info{tenant=\"acme\",device=\"dongle-1\",version=\"0.2.0\"} 1");
        await broker.DisposeAsync();
        await EventuallyAsync("edge_fleet_broker_connected{tenant=\"acme\"} 0");
        await using var again = await Broker.StartAsync(broker.Port);
        await EventuallyAsync("edge_fleet_broker_connected{tenant=\"acme\"} 1");
        Assert.Equal(0, Kill(exporter.Id, Terminate));
        await exporter.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, exporter.ExitCode);

        async Task EventuallyAsync(string line)
        {
            string text = "";
            await Eventually.TrueAsync(() => (text = client.GetStringAsync(new Uri(address), TestContext.Current.CancellationToken).GetAwaiter().GetResult()).Contains(line + "\n", StringComparison.Ordinal));
            Assert.NotEmpty(text);
        }
    }

    [Fact]
    public async Task A_user_whom_the_broker_refuses_is_told_which_options_to_check()
    {
        await using var broker = await Broker.StartAsync(refusesUser: "viewer");
        var (_, errors, code) = await RunAsync("--broker", broker.Url, "--tenant", "acme", "--user", "viewer", "--once");
        Assert.Equal(1, code);
        Assert.Contains("refuses user 'viewer'", errors, StringComparison.Ordinal);
        Assert.EndsWith("check --user and --password-file\n", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_broker_that_does_not_speak_TLS_is_said_to_be_out_of_reach()
    {
        await using var broker = await Broker.StartAsync();
        var (_, errors, code) = await RunAsync("--broker", broker.Url.Replace("mqtt:", "mqtts:", StringComparison.Ordinal), "--tenant", "acme", "--once");
        Assert.Equal(1, code);
        Assert.StartsWith($"edge-agent: mqtts://127.0.0.1:{broker.Port} cannot be reached: ", errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, "mqtt://127.0.0.1:1 cannot be reached: Connection refused", "--broker", "mqtt://127.0.0.1:1", "--tenant", "acme")]
    [InlineData(2, "--broker: 'http://a' is no broker", "--broker", "http://a", "--tenant", "acme")]
    [InlineData(2, "--broker: 'mqtt://a:b@c' is no broker", "--broker", "mqtt://a:b@c", "--tenant", "acme")]
    [InlineData(2, "--tenant: 'a/+' is no tenant id", "--broker", "mqtt://a", "--tenant", "a/+")]
    [InlineData(2, "--seconds: 0 is not from 0.1 to 3600", "--broker", "mqtt://a", "--tenant", "acme", "--seconds", "0")]
    [InlineData(2, "--password-file: a password without --user", "--broker", "mqtt://a", "--tenant", "acme", "--password-file", "f")]
    [InlineData(2, "--metrics: '9464' is no address", "--broker", "mqtt://a", "--tenant", "acme", "--metrics", "9464")]
    [InlineData(2, "--metrics serves until it is told to stop", "--broker", "mqtt://a", "--tenant", "acme", "--metrics", "[::1]:9464", "--once")]
    [InlineData(2, "Option '--tenant' is required.", "--broker", "mqtt://a")]
    public async Task What_is_wrong_is_said_in_a_line(int expectedCode, string message, params string[] arguments)
    {
        var (_, errors, code) = await RunAsync(arguments);
        Assert.Equal(expectedCode, code);
        Assert.StartsWith("edge-agent: " + message, errors, StringComparison.Ordinal);
    }

    private const int Terminate = 15;

    [System.Runtime.InteropServices.DllImport("libc", EntryPoint = "kill")]
    private static extern int Kill(int process, int signal);

    /// <summary>The agent lies beside the tests, for the runtime that runs these.</summary>
    private static Process Start(params string[] arguments)
    {
        string[] all = ["exec", Path.Combine(AppContext.BaseDirectory, "edge-agent.dll"), "fleet", .. arguments];
        return Process.Start(new ProcessStartInfo(Environment.ProcessPath!, all) { RedirectStandardOutput = true, RedirectStandardError = true })!;
    }

    private static async Task<(string[] Lines, string Errors, int ExitCode)> RunAsync(params string[] arguments)
    {
        using var process = Start(arguments);
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        string output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (output.Split('\n', StringSplitOptions.RemoveEmptyEntries), await errors, process.ExitCode);
    }

    /// <summary>MQTTnet's broker on the loopback interface.</summary>
    private sealed class Broker : IAsyncDisposable
    {
        private readonly MqttServer _server;

        private Broker(MqttServer server, int port) => (_server, Port) = (server, port);

        public int Port { get; }

        public string Url => $"mqtt://127.0.0.1:{Port}";

        public static async Task<Broker> StartAsync(int? port = null, string? refusesUser = null)
        {
            int at = port ?? FreePort();
            var server = new MqttServerFactory().CreateMqttServer(new MqttServerOptionsBuilder().WithDefaultEndpoint().WithDefaultEndpointBoundIPAddress(IPAddress.Loopback)
                .WithDefaultEndpointBoundIPV6Address(IPAddress.None).WithDefaultEndpointPort(at).WithDefaultEndpointReuseAddress().Build());
            server.ValidatingConnectionAsync += client =>
            {
                if (refusesUser is not null && client.UserName == refusesUser) client.ReasonCode = MqttConnectReasonCode.NotAuthorized;
                return Task.CompletedTask;
            };
            await server.StartAsync();
            return new Broker(server, at);
        }

        /// <summary>Retained, so that it does not matter when the watcher comes.</summary>
        public async Task PublishAsync(params EdgeAgent.Publishing.IncomingMessage[] messages)
        {
            foreach (var message in messages)
                await _server.UpdateRetainedMessageAsync(new MqttApplicationMessageBuilder().WithTopic(message.Topic).WithPayload(message.Payload.ToArray()).WithRetainFlag().Build());
        }

        public async ValueTask DisposeAsync()
        {
            await _server.StopAsync();
            _server.Dispose();
        }

        private static int FreePort()
        {
            using var probe = new TcpListener(IPAddress.Loopback, 0);
            probe.Start();
            return ((IPEndPoint)probe.LocalEndpoint).Port;
        }
    }
}
