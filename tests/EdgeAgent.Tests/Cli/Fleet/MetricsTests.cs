using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using EdgeAgent.Cli.Fleet;

namespace EdgeAgent.Tests.Cli.Fleet;

/// <summary>What Prometheus gets, and how.</summary>
public sealed class MetricsTests
{
    private static readonly TimeSpan StaleAfter = TimeSpan.FromMinutes(5);

    [Fact]
    public void Each_metric_has_help_and_type_once_and_a_series_a_device()
    {
        string[] lines = Write(Messages.Mixed()).Split('\n');
        Assert.Equal("", lines[^1]);
        Assert.Contains("edge_agent_online{tenant=\"acme\",device=\"dongle-3\"} 0", lines);
        Assert.Contains("edge_agent_bus_off{tenant=\"acme\",device=\"dongle-2\",bus=\"can0\"} 1", lines);
        Assert.Contains("edge_agent_bus_load_ratio{tenant=\"acme\",device=\"dongle-1\",bus=\"can0\"} 0.47", lines);
        Assert.Contains("edge_agent_lost_samples_total{tenant=\"acme\",device=\"dongle-3\"} 12", lines);
        Assert.Contains("edge_agent_configuration_refused{tenant=\"acme\",device=\"dongle-4\"} 1", lines);
        Assert.Contains("edge_agent_configuration_version{tenant=\"acme\",device=\"dongle-1\",scope=\"device\"} 2", lines);
        Assert.Contains("edge_agent_clock_synchronized{tenant=\"acme\",device=\"dongle-3\"} 0", lines);
        Assert.Contains("edge_fleet_broker_connected{tenant=\"acme\"} 1", lines);
        var types = lines.Where(line => line.StartsWith("# TYPE ", StringComparison.Ordinal)).ToList();
        Assert.Equal(types.Count, types.Distinct().Count());
        Assert.All(lines.Where(line => line.Length > 0 && line[0] != '#'), line => Assert.Contains(types, type => type.StartsWith($"# TYPE {line.Split('{')[0]} ", StringComparison.Ordinal)));
        Assert.All(types, type => Assert.Equal(type.Split(' ')[2].EndsWith("_total", StringComparison.Ordinal), type.EndsWith(" counter", StringComparison.Ordinal)));
    }

    [Fact]
    public void Labels_are_escaped()
    {
        var roster = Messages.Roster();
        roster.Take(Messages.Message("d", "state", """{"version":"a\"b\\c\nd"}"""));
        Assert.Contains("""edge_agent_info{tenant="acme",device="d",version="a\"b\\c?d"} 1""", Write(roster), StringComparison.Ordinal);
    }

    [Fact]
    public void A_report_that_is_old_ends_and_that_its_device_is_away_stays()
    {
        var roster = Messages.Mixed();
        string text = FleetMetrics.Write(roster, false, Messages.Now.AddMinutes(6), StaleAfter);
        Assert.DoesNotContain("edge_agent_bus_", text, StringComparison.Ordinal);
        Assert.Contains("edge_agent_online{tenant=\"acme\",device=\"dongle-3\"} 0", text, StringComparison.Ordinal);
        Assert.Contains("edge_agent_last_seen_timestamp_seconds{tenant=\"acme\",device=\"dongle-3\"} 1777881600", text, StringComparison.Ordinal);
        Assert.Contains("edge_fleet_broker_connected{tenant=\"acme\"} 0", text, StringComparison.Ordinal);
    }

    [Fact]
    public void What_has_left_the_tenant_is_only_counted()
    {
        var roster = Messages.Mixed();
        roster.Take(Messages.Left("dongle-2"));
        string text = Write(roster);
        Assert.DoesNotContain("dongle-2", text, StringComparison.Ordinal);
        Assert.Contains("edge_fleet_devices{tenant=\"acme\"} 4\n", text, StringComparison.Ordinal);
        Assert.Contains("edge_fleet_departed_devices{tenant=\"acme\"} 1\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_number_of_series_is_bounded()
    {
        var roster = Messages.Roster();
        for (int i = 0; i < FleetMetrics.MaxDevices + 3; i++) roster.Take(Messages.Message($"d{i}", "state", "{}"));
        string text = Write(roster);
        Assert.Contains("edge_fleet_devices_left_out{tenant=\"acme\"} 3", text, StringComparison.Ordinal);
        Assert.Equal(FleetMetrics.MaxDevices, text.Split('\n').Count(line => line.StartsWith("edge_agent_configuration_refused{", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Promtool_has_nothing_to_say_against_it()
    {
        Process promtool;
        try
        {
            promtool = Process.Start(new ProcessStartInfo("promtool", ["check", "metrics"]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip("promtool is not installed (Debian: prometheus)");
            return;
        }
        using (promtool)
        {
            await promtool.StandardInput.WriteAsync(Write(Messages.Mixed()));
            promtool.StandardInput.Close();
            string said = await promtool.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken) + await promtool.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            await promtool.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.Equal(("", 0), (said, promtool.ExitCode));
        }
    }

    [Fact]
    public async Task They_are_served_by_HTTP_whatever_the_host_is_called()
    {
        await using var server = new Served();
        using var client = new HttpClient();
        foreach (string host in (string[])["127.0.0.1", "localhost"])
        {
            using var answer = await client.GetAsync(new Uri($"http://{host}:{server.Port}/metrics"), TestContext.Current.CancellationToken);
            Assert.Equal((HttpStatusCode.OK, "text/plain; version=0.0.4; charset=utf-8"), (answer.StatusCode, answer.Content.Headers.ContentType?.ToString()));
            Assert.Equal("metrics\n", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        }
    }

    [Theory]
    [InlineData("GET /metrics?x=1 HTTP/1.0\r\n\r\n", "200", true)]
    [InlineData("HEAD /metrics HTTP/1.1\r\nHost: x\r\n\r\n", "200", false)]
    [InlineData("GET / HTTP/1.1\r\n\r\n", "404", true)]
    [InlineData("POST /metrics HTTP/1.1\r\nContent-Length: 4\r\n\r\nbody", "405", true)]
    [InlineData("\u0016\u0003\u0001\r\n\r\n", "400", true)]
    [InlineData("GET /metrics\r\n\r\n", "400", true)]
    [InlineData("GET  /metrics HTTP/1.1\r\n\r\n", "400", true)]
    public async Task Requests_are_answered_by_their_first_line(string request, string status, bool hasBody)
    {
        await using var server = new Served();
        string answer = await server.AskAsync(request);
        Assert.StartsWith($"HTTP/1.1 {status} ", answer, StringComparison.Ordinal);
        Assert.Equal(hasBody, !answer.EndsWith("\r\n\r\n", StringComparison.Ordinal));
        Assert.Contains("\r\nConnection: close\r\n", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_request_without_end_is_refused()
    {
        await using var server = new Served();
        Assert.StartsWith("HTTP/1.1 431 ", await server.AskAsync($"GET /metrics HTTP/1.1\r\nX: {new string('x', 10_000)}"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Clients_that_say_nothing_keep_others_waiting_only_so_long()
    {
        var time = new SteppedTime();
        await using var server = new Served(time);
        List<TcpClient> silent = [];
        for (int i = 0; i < 4; i++)
        {
            var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, server.Port, TestContext.Current.CancellationToken);
            silent.Add(client);
        }
        var asking = server.AskAsync("GET /metrics HTTP/1.1\r\n\r\n");
        Assert.Equal(MetricsServer.Patience, await time.StepAsync());
        Assert.StartsWith("HTTP/1.1 200 ", await asking, StringComparison.Ordinal);
        silent.ForEach(client => client.Dispose());
    }

    private static string Write(FleetRoster roster) => FleetMetrics.Write(roster, true, Messages.Now, StaleAfter);

    /// <summary>A server on a free port.</summary>
    private sealed class Served : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly MetricsServer _server;
        private readonly Task _running;

        public Served(TimeProvider? time = null)
        {
            _server = new MetricsServer(new IPEndPoint(IPAddress.Loopback, 0), () => "metrics\n", time ?? TimeProvider.System);
            _running = _server.RunAsync(_stop.Token);
        }

        public int Port => _server.Address.Port;

        public async Task<string> AskAsync(string request)
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, Port, TestContext.Current.CancellationToken);
            var stream = client.GetStream();
            await stream.WriteAsync(Encoding.Latin1.GetBytes(request), TestContext.Current.CancellationToken);
            using var reader = new StreamReader(stream);
            return await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
        }

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await _running;
            _server.Dispose();
            _stop.Dispose();
        }
    }
}
