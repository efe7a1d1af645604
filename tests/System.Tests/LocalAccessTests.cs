using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace EdgeAgent.SystemTests;

/// <summary>What users of the device may have its agent do: the published binary as the service and as the command, and other users by setpriv.</summary>
public sealed class LocalAccessTests : IAsyncLifetime
{
    private readonly Workspace _workspace = new();
    private readonly StringBuilder _journal = new();
    private string _agent = "";
    private Process? _service;

    private string SocketPath => _workspace["agent.sock"];

    public ValueTask InitializeAsync()
    {
        _agent = _workspace["edge-agent"];
        File.Copy(Rig.Agent, _agent); // where everybody may execute it
        File.SetUnixFileMode(_workspace.Path, (UnixFileMode)0b111_101_101);
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        if (_service is { HasExited: false })
        {
            _service.Kill();
            await _service.WaitForExitAsync();
        }
        _service?.Dispose();
        _workspace.Dispose();
    }

    [Fact]
    public async Task Without_a_grant_a_user_is_refused_and_root_is_too()
    {
        RequireRoot();
        await StartAsync(access: "");
        var refused = await NobodyAsync("operation", "ping");
        Assert.Equal((4, "", "edge-agent: ping: user:nobody has no role here\n"), (refused.ExitCode, refused.Output, refused.Errors));
        await UntilJournalAsync("audit: ping refused to user:nobody (none), command -: user:nobody has no role here");
        Assert.Equal(4, (await AskAsync("operation", "ping")).ExitCode);
        Assert.Equal(4, (await NobodyAsync("status")).ExitCode);
    }

    [Fact]
    public async Task A_viewer_may_ping_and_see_the_status_and_not_change_what_is_logged()
    {
        RequireRoot();
        await StartAsync("""{"users":{"nobody":"viewer"}}""");
        var permitted = await NobodyAsync("operation", "ping", "--json");
        Assert.Equal((0, "done", ""), (permitted.ExitCode, StatusIn(permitted.Output), permitted.Errors));
        await UntilJournalAsync("audit: ping executed for user:nobody (viewer)");

        var status = await NobodyAsync("status");
        Assert.Equal(0, status.ExitCode);
        Assert.Contains("tenant         acme, epoch 1\n", status.Output, StringComparison.Ordinal);
        Assert.All(status.Output.Split('\n'), line => Assert.InRange(line.Length, 0, 80));
        using var json = JsonDocument.Parse((await NobodyAsync("status", "--json")).Output);
        Assert.Equal("can0", json.RootElement.GetProperty("sources")[0].GetProperty("bus").GetString());

        var refused = await NobodyAsync("operation", "log.level", "--argument", "level=debug", "--json");
        Assert.Equal((4, "refused", "edge-agent: log.level: viewer may not do log.level\n"), (refused.ExitCode, StatusIn(refused.Output), refused.Errors));
    }

    [Theory]
    [InlineData("nogroup", "games")] // by the databases, which have it as his primary group
    [InlineData("games", "games")] // by the kernel, since he came with it
    public async Task A_group_may_be_granted_a_role(string granted, string group)
    {
        RequireRoot();
        await StartAsync($$$"""{"groups":{"{{{granted}}}":"installer"}}""");
        var result = await Rig.RunAsync("setpriv", ["--reuid", "nobody", "--regid", group, "--clear-groups", _agent, "operation", "log.level", "--argument", "level=debug", "--argument", "seconds=1", "--socket", SocketPath]);
        Assert.Equal((0, ""), (result.ExitCode, result.Errors));
        Assert.Contains("\"level\": \"debug\"", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_device_of_nobody_obeys_root_in_what_needs_no_tenant_and_nobody_else()
    {
        RequireRoot();
        await StartAsync(access: "", hasTenant: false);
        Assert.Equal(0, (await AskAsync("operation", "ping")).ExitCode);
        Assert.Contains("tenant         nobody", (await AskAsync("status")).Output, StringComparison.Ordinal);
        var needsTenant = await AskAsync("operation", "can.record", "--argument", "interface=can0");
        Assert.Equal((1, "edge-agent: can.record: can.record is for a device that belongs to a tenant\n"), (needsTenant.ExitCode, needsTenant.Errors));
        Assert.Equal(4, (await NobodyAsync("operation", "ping")).ExitCode);
        Assert.Equal(0, (await AskAsync("operation", "agent.restart")).ExitCode);
        await _service!.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(75, _service.ExitCode); // for the service manager to start it anew
    }

    [Fact]
    public async Task What_is_wrong_has_an_exit_code_and_a_line()
    {
        RequireRoot();
        var notRunning = await AskAsync("status");
        Assert.Equal((3, $"edge-agent: {SocketPath}: there is no such socket: the agent does not run; start it with: systemctl start edge-agent, or name its socket with --socket PATH\n"), (notRunning.ExitCode, notRunning.Errors));
        var mistyped = await AskAsync("operation", "pnig");
        Assert.Equal((2, "edge-agent: 'pnig' is no operation; did you mean ping?\n"), (mistyped.ExitCode, mistyped.Errors));
        await StartAsync("""{"users":{"root":"admin"}}""");
        var arguments = await AskAsync("operation", "log.level", "--argument", "level=loud");
        Assert.Equal((5, "edge-agent: log.level: /arguments/level: 'loud': expected one of trace, debug, information, warning, error\n"), (arguments.ExitCode, arguments.Errors));
        var failed = await AskAsync("operation", "dtc.read", "--argument", "bus=can9");
        Assert.Equal(1, failed.ExitCode);
        Assert.StartsWith("edge-agent: dtc.read: there is no bus 'can9'", failed.Errors, StringComparison.Ordinal);
        _service!.Kill(); // as a power cut does: the socket stays
        await _service.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(File.Exists(SocketPath));
        Assert.Equal(3, (await AskAsync("status")).ExitCode);
        await StartAsync("""{"users":{"root":"admin"}}""");
        Assert.Equal(0, (await AskAsync("status")).ExitCode);
    }

    [Fact]
    public async Task A_second_agent_leaves_the_socket_to_the_first_and_captures_nevertheless()
    {
        RequireRoot();
        await StartAsync("""{"users":{"root":"admin"}}""");
        string other = _workspace.Configure(directory: "other");
        var start = new ProcessStartInfo("timeout", ["-s", "TERM", "5", _agent, "run", "--config", other, "--socket", SocketPath]) { RedirectStandardError = true };
        using var second = Process.Start(start)!;
        string errors = await second.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        Assert.Contains($"local users cannot be served: {SocketPath}: another edge-agent serves there; everything else goes on", errors, StringComparison.Ordinal);
        Assert.Contains("stopped: 3 samples captured", errors, StringComparison.Ordinal);
        Assert.Equal(0, (await AskAsync("operation", "ping")).ExitCode);
    }

    [Fact]
    public async Task The_tenant_hears_of_what_was_refused_and_what_was_done()
    {
        RequireRoot();
        Rig.Require("mosquitto", "mosquitto_sub");
        int port = Rig.FreePort();
        string configuration = _workspace.Write("mosquitto.conf", $"listener {port} 127.0.0.1\nallow_anonymous true\nuser root\n");
        using var mosquitto = Process.Start(new ProcessStartInfo("mosquitto", ["-c", configuration]) { RedirectStandardError = true })!;
        try
        {
            await mosquitto.StandardError.ReadLineAsync(TestContext.Current.CancellationToken);
            const string audit = "tenants/acme/devices/dongle-1/events/agent/audit";
            var listening = Rig.RunAsync("mosquitto_sub", ["-p", $"{port}", "-C", "2", "-W", "20", "-t", audit, "-q", "1", "-V", "5"]);
            await StartAsync("""{"users":{"nobody":"viewer"}}""", port: port);
            await NobodyAsync("operation", "ping");
            await NobodyAsync("operation", "dtc.clear", "--argument", "bus=can0");
            string[] entries = (await listening).Output.TrimEnd().Split('\n');
            Assert.Contains("\"operation\":\"ping\",\"principal\":\"user:nobody\",\"role\":\"viewer\",\"decision\":\"executed\"", entries[0], StringComparison.Ordinal);
            Assert.Contains("\"operation\":\"dtc.clear\",\"principal\":\"user:nobody\",\"role\":\"viewer\",\"decision\":\"refused\",\"reason\":\"viewer may not do dtc.clear\"", entries[1], StringComparison.Ordinal);
        }
        finally
        {
            mosquitto.Kill();
            await mosquitto.WaitForExitAsync(TestContext.Current.CancellationToken);
        }
    }

    private static void RequireRoot()
    {
        Rig.Require("setpriv");
        if (Environment.UserName != "root") Assert.Skip("only root can act as another user: sudo ./build.sh test");
    }

    private async Task StartAsync(string access, bool hasTenant = true, int port = 1)
    {
        string path = _workspace.Configure(port);
        string configuration = await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken);
        if (access.Length > 0) configuration = configuration.Replace("\"drainSeconds\"", $"\"access\": {access},\n\"drainSeconds\"", StringComparison.Ordinal);
        if (!hasTenant) configuration = configuration.Replace("\"tenant\": { \"id\": \"acme\", \"epoch\": 1 },", "", StringComparison.Ordinal);
        await File.WriteAllTextAsync(path, configuration, TestContext.Current.CancellationToken);
        lock (_journal) _journal.Clear();
        _service?.Dispose();
        _service = Process.Start(new ProcessStartInfo(_agent, ["run", "--config", path, "--socket", SocketPath]) { RedirectStandardError = true })!;
        _service.ErrorDataReceived += (_, line) => { lock (_journal) _journal.AppendLine(line.Data); };
        _service.BeginErrorReadLine();
        await UntilAsync(() => IsServed());
    }

    private bool IsServed()
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(SocketPath));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private Task<ProgramResult> AskAsync(params string[] arguments) => Rig.RunAsync(_agent, [.. arguments, "--socket", SocketPath]);

    private Task<ProgramResult> NobodyAsync(params string[] arguments) =>
        Rig.RunAsync("setpriv", ["--reuid", "nobody", "--regid", "nogroup", "--clear-groups", _agent, .. arguments, "--socket", SocketPath]);

    private Task UntilJournalAsync(string text) => UntilAsync(() =>
    {
        lock (_journal) return _journal.ToString().Contains(text, StringComparison.Ordinal);
    });

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var timeout = new CancellationTokenSource(Rig.Patience, TimeProvider.System);
        while (!condition()) await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, timeout.Token);
    }

    private static string StatusIn(string output)
    {
        using var json = JsonDocument.Parse(output);
        return json.RootElement.GetProperty("status").GetString()!;
    }
}
