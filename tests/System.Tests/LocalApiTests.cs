using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.ServerSentEvents;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;

namespace EdgeAgent.SystemTests;

/// <summary>Whoever stands at the vehicle and wants to see what is captured: the published binary as the service, asked by HTTP and by its own command.</summary>
public sealed class LocalApiTests : IDisposable
{
    private const string Token = "0123456789abcdef0123456789abcdef";

    private readonly Workspace _workspace = new();

    private string SocketPath => _workspace["agent.sock"];

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public async Task Every_path_of_its_own_description_answers()
    {
        await using var agent = await StartAsync();
        using var client = Client();
        var description = JsonNode.Parse(await client.GetStringAsync("/openapi.json", TestContext.Current.CancellationToken))!;
        foreach (var (path, methods) in description["paths"]!.AsObject())
        {
            if (methods!["get"] is null) continue;
            using var answer = await client.GetAsync(path.Replace("{bus}", "can0", StringComparison.Ordinal) + (path == "/v1/dtc" ? "?bus=can0" : ""), TestContext.Current.CancellationToken);
            string content = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            Assert.True(path == "/v1/dtc" ? content.Contains("there is no bus 'can0' whose ECUs can be asked", StringComparison.Ordinal) : answer.IsSuccessStatusCode, $"{path}: {(int)answer.StatusCode} {content}");
        }
        Assert.Equal("ok\n", await client.GetStringAsync("/healthz", TestContext.Current.CancellationToken));
        Assert.Contains("edge_agent_bus_open{tenant=\"acme\",device=\"dongle-1\",bus=\"can0\"} 1\n", await client.GetStringAsync("/metrics", TestContext.Current.CancellationToken), StringComparison.Ordinal);
        string configuration = await client.GetStringAsync("/v1/config", TestContext.Current.CancellationToken);
        Assert.Contains("\"status\":\"fixed\"", configuration, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", configuration, StringComparison.Ordinal);
        Assert.DoesNotContain(Token, configuration, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Signals_are_seen_as_they_come()
    {
        await using var agent = await StartAsync();
        using var client = Client();
        var last = JsonNode.Parse(await client.GetStringAsync("/v1/signals?name=*/state", TestContext.Current.CancellationToken))!["result"]!["signals"]!.AsArray();
        Assert.Equal("can0/Engine/State Running", $"{Assert.Single(last)!["name"]} {last[0]!["label"]}");

        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/signals?bus=can0&name=can0/Engine/Speed&everySeconds=0.2") { Headers = { Accept = { new("text/event-stream") } } };
        using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        List<double> speeds = [];
        await foreach (var item in SseParser.Create(await answer.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken)).EnumerateAsync(TestContext.Current.CancellationToken))
        {
            Assert.Equal("signals", item.EventType);
            speeds.Add(Assert.Single(JsonNode.Parse(item.Data)!.AsArray())!["value"]!.GetValue<double>());
            if (speeds.Count == 4) break;
        }
        Assert.Equal(speeds.Order().Distinct(), speeds); // it grows in the log, and each event has a newer value
    }

    [Fact]
    public async Task The_command_prints_a_table_and_events()
    {
        await using var agent = await StartAsync();
        var table = await Rig.RunAsync(Rig.Agent, ["live", "--once", "--socket", SocketPath]);
        Assert.Equal((0, ""), (table.ExitCode, table.Errors));
        string[] lines = table.Output.Split('\n');
        Assert.Equal("dongle-1  tenant acme, epoch 1  configuration fixed  clock ", lines[0][..^lines[0].Split(' ')[^1].Length]);
        Assert.StartsWith("away  mqtt://127.0.0.1:1  buffered ", lines[1], StringComparison.Ordinal);
        Assert.Contains(lines, line => line.StartsWith("can0           open  ", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith("can0/Engine/State ", StringComparison.Ordinal) && line.Contains(" 1          Running", StringComparison.Ordinal));
        Assert.All(lines, line => Assert.InRange(line.Length, 0, 80));

        var events = await Rig.RunAsync(Rig.Agent, ["live", "--once", "--json", "--name", "*/State", "--socket", SocketPath]);
        Assert.Equal((0, ""), (events.ExitCode, events.Errors));
        var objects = events.Output.TrimEnd().Split('\n').Select(line => JsonNode.Parse(line)!).ToArray();
        Assert.Contains(objects, one => one["status"]?["device"]?.GetValue<string>() == "dongle-1");
        Assert.All(objects.Where(one => one["signals"] is not null), one => Assert.Equal("can0/Engine/State", Assert.Single(one["signals"]!.AsArray())!["name"]!.GetValue<string>()));
    }

    [Fact]
    public async Task On_a_terminal_it_draws_until_q_and_gives_the_terminal_back()
    {
        Rig.Require("script");
        await using var agent = await StartAsync();
        var start = new ProcessStartInfo("script", ["-qfec", $"stty rows 24 cols 80; {Rig.Agent} live --socket {SocketPath}", "/dev/null"]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        (start.Environment["TERM"], start.Environment["NO_COLOR"]) = ("vt102", "1");
        using var terminal = Process.Start(start)!;
        var drawn = new StringBuilder();
        char[] buffer = new char[4096];
        while (!drawn.ToString().Contains("can0/Engine/State", StringComparison.Ordinal)) Assert.True(await ReadAsync(), drawn.ToString());
        await terminal.StandardInput.WriteAsync("q");
        await terminal.StandardInput.FlushAsync(TestContext.Current.CancellationToken);
        while (await ReadAsync())
        {
        }
        await terminal.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, terminal.ExitCode);
        Assert.Contains("\e[?25h\e[?1049l", drawn.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("\e[0;1;33m", drawn.ToString(), StringComparison.Ordinal);

        async Task<bool> ReadAsync()
        {
            int read = await terminal.StandardOutput.ReadAsync(buffer, TestContext.Current.CancellationToken);
            drawn.Append(buffer, 0, read);
            return read > 0;
        }
    }

    [Fact]
    public async Task Without_a_role_there_is_nothing_to_see_and_without_an_agent_neither()
    {
        Assert.Equal(3, (await Rig.RunAsync(Rig.Agent, ["live", "--once", "--socket", SocketPath])).ExitCode);
        await using var agent = await StartAsync(role: null);
        var refused = await Rig.RunAsync(Rig.Agent, ["live", "--once", "--socket", SocketPath]);
        Assert.Equal(4, refused.ExitCode);
        Assert.Contains("has no role here", refused.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_has_the_token_sees_the_same_on_a_port()
    {
        int port = Rig.FreePort();
        await using var agent = await StartAsync(role: null, port);
        using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAsync("/v1/status", TestContext.Current.CancellationToken)).StatusCode);
        client.DefaultRequestHeaders.Authorization = new("Bearer", Token);
        Assert.Contains("\"device\":\"dongle-1\"", await client.GetStringAsync("/v1/status", TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Forbidden, (await client.GetAsync("/v1/config", TestContext.Current.CancellationToken)).StatusCode); // a viewer's
        await agent.UntilOutputAsync("audit: config.read refused to token (viewer)");
    }

    private async Task<RunningAgent> StartAsync(string? role = "technician", int? port = null)
    {
        var log = new StringBuilder();
        for (int i = 0; i < 12_000; i++) log.Append(CultureInfo.InvariantCulture, $"({1777881600 + i / 20.0:F6}) can0 100#{(byte)i:X2}{i >> 8:X2}010000000000\n");
        _workspace.Write("drive.log", log.ToString());
        _workspace.Write("token", Token + "\n");
        string path = _workspace.Configure(credentials: ", \"userName\": \"u\", \"password\": \"hunter2\"", source: "\"log\": \"drive.log\", \"speed\": 1");
        string configuration = await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken);
        string more = (role is null ? "" : $$$"""  "access": {"users": {"{{{Environment.UserName}}}": "{{{role}}}"}},""")
            + (port is null ? "" : $$"""  "localApi": {"port": {{port}}, "tokenFile": "token"},""");
        await File.WriteAllTextAsync(path, configuration.Replace("\"drainSeconds\"", more + " \"drainSeconds\"", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        var agent = RunningAgent.Start(_workspace, path, local: SocketPath);
        await agent.UntilAsync(message => message == "READY=1");
        await agent.UntilAsync(message => message.Contains("can0=open", StringComparison.Ordinal) && !message.Contains("samples=0 ", StringComparison.Ordinal));
        return agent;
    }

    private HttpClient Client() => new(new SocketsHttpHandler
    {
        ConnectCallback = async (_, stop) =>
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(SocketPath), stop);
            return new NetworkStream(socket, ownsSocket: true);
        },
    })
    { BaseAddress = new Uri("http://localhost") };
}
