using System.Diagnostics;

namespace EdgeAgent.SystemTests;

/// <summary>The agent as a Type=notify service: the protocol of sd_notify(3) on a socket that the test owns.</summary>
public sealed class ServiceTests : IDisposable
{
    private readonly Workspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public async Task It_is_ready_with_open_outbox_and_sources_then_tells_how_things_stand_and_says_that_it_stops()
    {
        await using var agent = RunningAgent.Start(_workspace, _workspace.Configure());
        await agent.UntilAsync(message => message == "READY=1");
        Assert.True(Directory.Exists(_workspace["state"]));
        await agent.UntilAsync(message => message.StartsWith("STATUS=", StringComparison.Ordinal) && message.Contains("samples=3 dropped=0", StringComparison.Ordinal) && message.Contains("can0=ended", StringComparison.Ordinal));
        Assert.Equal(0, await agent.TerminateAsync());
        Assert.Contains("STOPPING=1", agent.Messages);
        Assert.Contains("stopped: 3 samples captured, 0 delivered, 3 kept in the outbox", agent.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_watchdog_of_the_service_manager_gets_heartbeats()
    {
        await using var agent = RunningAgent.Start(_workspace, _workspace.Configure(), watchdog: TimeSpan.FromSeconds(0.4));
        await agent.UntilAsync(message => message == "READY=1");
        await agent.UntilStatusAsync("can0=ended");
        int before = agent.Messages.Count(message => message == "WATCHDOG=1");
        await agent.UntilMessagesAsync("WATCHDOG=1", before + 5);
        Assert.Equal(0, await agent.TerminateAsync());
    }

    [Fact]
    public async Task A_store_that_a_later_version_has_written_ends_it_with_a_code_for_which_it_is_not_started_again()
    {
        Directory.CreateDirectory(_workspace["state"]);
        _workspace.Write("state/format", "2\n");
        await using var agent = RunningAgent.Start(_workspace, _workspace.Configure());
        Assert.Equal(5, await agent.ExitAsync());
        Assert.Contains($"edge-agent: {_workspace["state"]}: written by a newer version of edge-agent (store format 2; this one reads up to 1)", agent.Output, StringComparison.Ordinal);
        Assert.Equal(["state/.lock", "state/format"], Directory.GetFiles(_workspace["state"]).Select(path => Path.GetRelativePath(_workspace.Path, path)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task It_is_ready_while_an_interface_is_missing()
    {
        await using var agent = RunningAgent.Start(_workspace, _workspace.Configure(source: "\"interface\": \"can77\""));
        await agent.UntilAsync(message => message == "READY=1");
        await agent.UntilAsync(message => message.Contains("can0=retrying", StringComparison.Ordinal));
        Assert.Equal(0, await agent.TerminateAsync());
        Assert.Contains("can77", agent.Output, StringComparison.Ordinal);
        Assert.Contains("trying again", agent.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_is_never_ready_without_an_outbox()
    {
        await using var agent = RunningAgent.Start(_workspace, _workspace.Configure(directory: "/proc/edge-agent"));
        Assert.Equal(1, await agent.ExitAsync());
        Assert.DoesNotContain("READY=1", agent.Messages);
    }

    [Fact]
    public async Task A_second_agent_on_the_same_outbox_ends_with_a_word_and_the_first_goes_on()
    {
        string configuration = _workspace.Configure();
        await using var first = RunningAgent.Start(_workspace, configuration);
        await first.UntilAsync(message => message == "READY=1");
        var second = await Rig.RunAsync(Rig.Agent, ["run", "--config", configuration]);
        Assert.Equal(1, second.ExitCode);
        Assert.Equal($"edge-agent: {_workspace["state"]}: another edge-agent uses this outbox; stop it first, for the service: systemctl stop edge-agent\n", second.Errors);
        Assert.Equal(0, await first.TerminateAsync());
    }

    [Fact]
    public async Task A_service_manager_that_goes_away_is_no_reason_to_stop()
    {
        await using var agent = RunningAgent.Start(_workspace, _workspace.Configure());
        await agent.UntilAsync(message => message == "READY=1");
        File.Delete(_workspace["notify"]);
        await agent.UntilOutputAsync("cannot notify the service manager");
        Assert.Equal(0, await agent.TerminateAsync());
        Assert.Contains("stopped: 3 samples captured", agent.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_interrupt_stops_it_in_order_too()
    {
        await using var agent = RunningAgent.Start(_workspace, _workspace.Configure());
        await agent.UntilAsync(message => message == "READY=1");
        Assert.Equal(0, await agent.TerminateAsync("INT"));
        Assert.Contains("stopped: ", agent.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stop_while_a_source_is_still_being_opened_keeps_what_the_others_captured()
    {
        await Rig.RunAsync("mkfifo", [_workspace["pipe"]]); // to open it for reading waits for a writer
        string configuration = _workspace.Configure();
        File.WriteAllText(configuration, File.ReadAllText(configuration).Replace("\"sources\": [", "\"sources\": [{ \"bus\": \"can1\", \"log\": \"pipe\", \"dbc\": [\"vehicle.dbc\"] }, ", StringComparison.Ordinal));
        await using var agent = RunningAgent.Start(_workspace, configuration);
        await agent.UntilOutputAsync("can0: the log has ended after 3 frames");
        Assert.Equal(0, await agent.TerminateAsync());
        Assert.Contains("stopped: 3 samples captured, 0 delivered, 3 kept in the outbox", agent.Output, StringComparison.Ordinal);
        Assert.Single(Directory.GetFiles(_workspace["state"], "*-normal.db", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task A_device_without_a_tenant_captures_nothing_and_says_so()
    {
        string configuration = _workspace.Configure();
        File.WriteAllText(configuration, File.ReadAllText(configuration).Replace("\"tenant\": { \"id\": \"acme\", \"epoch\": 1 },", "", StringComparison.Ordinal));
        await using var agent = RunningAgent.Start(_workspace, configuration);
        await agent.UntilAsync(message => message.StartsWith("STATUS=tenant=- ", StringComparison.Ordinal));
        Assert.Equal(0, await agent.TerminateAsync());
        Assert.Contains("assigned to nobody: it captures nothing", agent.Output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_workspace["state/tenants"]));
    }

    [Fact]
    public async Task A_broker_that_refuses_the_password_is_named_with_the_settings_to_check_and_nothing_is_lost()
    {
        Rig.Require("mosquitto", "mosquitto_passwd", "mosquitto_sub");
        int port = Rig.FreePort();
        await Rig.RunAsync("mosquitto_passwd", ["-b", "-c", _workspace["users"], "dongle-1", "right"]);
        string broker = _workspace.Write("mosquitto.conf", $"listener {port} 127.0.0.1\npassword_file {_workspace["users"]}\nuser root\n");
        _workspace.Write("password", "wrong\n");
        using var mosquitto = Process.Start(new ProcessStartInfo("mosquitto", ["-c", broker]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        try
        {
            await using var agent = RunningAgent.Start(_workspace, _workspace.Configure(port, ", \"userName\": \"dongle-1\", \"passwordFile\": \"password\""));
            await agent.UntilAsync(message => message.Contains("samples=3", StringComparison.Ordinal));
            await agent.UntilOutputAsync($"mqtt://127.0.0.1:{port} refuses user 'dongle-1': NotAuthorized (0x87); check /broker/userName and /broker/passwordFile");

            _workspace.Write("password", "right\n"); // read anew at each connection: no restart is needed
            await agent.UntilAsync(message => message.Contains("delivered=3", StringComparison.Ordinal));
            Assert.Equal(0, await agent.TerminateAsync());
        }
        finally
        {
            mosquitto.Kill();
            await mosquitto.WaitForExitAsync(TestContext.Current.CancellationToken);
        }
    }
}
