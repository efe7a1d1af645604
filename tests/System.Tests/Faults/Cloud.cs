using System.Diagnostics;
using System.Net.Sockets;

namespace EdgeAgent.SystemTests.Faults;

/// <summary>A mosquitto with a subscriber that writes down all that arrives, a line a message: topic and payload.</summary>
/// <remarks>Whatever the broker has acknowledged was written to the subscriber's connection before: it lets through any number at once.</remarks>
internal sealed class Cloud : IAsyncDisposable
{
    private readonly Workspace _workspace;
    private readonly string _log;
    private Process? _broker;
    private Process? _subscriber;

    public Cloud(Workspace workspace)
    {
        Rig.Require("mosquitto", "mosquitto_sub");
        _workspace = workspace;
        Directory.CreateDirectory(workspace["broker"]);
        _log = workspace["mosquitto.log"];
        workspace.Write("mosquitto.conf", $"""
            listener {Port} 127.0.0.1
            allow_anonymous true
            user root
            persistence true
            persistence_location {workspace["broker"]}/
            log_dest file {_log}
            log_type all
            max_queued_messages 0
            max_inflight_messages 0
            """);
    }

    public int Port { get; } = Rig.FreePort();

    public string Received => _workspace["received.log"];

    public bool IsUp => _broker is not null;

    /// <summary>How often an agent has connected.</summary>
    public int Connects => Lines("New client connected").Count(line => !line.Contains(" as subscriber ", StringComparison.Ordinal));

    public async Task StartAsync()
    {
        _broker = Process.Start("bash", ["-c", $"exec mosquitto -c {_workspace["mosquitto.conf"]} 2>> {_workspace["broker.err"]}"]);
        await UntilAsync(Answers, "mosquitto does not listen");
    }

    /// <summary>In order: the broker keeps on its disk which messages wait for the subscriber.</summary>
    public Task StopAsync() => EndAsync("TERM");

    /// <summary>At once.</summary>
    /// <param name="keepStore">False if all that it has stored is gone too.</param>
    public async Task KillAsync(bool keepStore)
    {
        await EndAsync("KILL");
        if (!keepStore) File.Delete(Path.Combine(_workspace["broker"], "mosquitto.db"));
    }

    public Task SignalAsync(string signal) => Rig.SignalAsync(_broker!.Id, signal);

    /// <summary>Has the broker write down its sessions, which it otherwise does every half an hour and at its end.</summary>
    public async Task SaveAsync()
    {
        await SignalAsync("USR1");
        await UntilAsync(() => File.Exists(Path.Combine(_workspace["broker"], "mosquitto.db")), "mosquitto does not save");
    }

    public async Task SubscribeAsync()
    {
        _subscriber = Process.Start(
            "bash",
            ["-c", $"exec mosquitto_sub -p {Port} -i subscriber -c -q 1 -t 'tenants/#' -t 'devices/#' -F '%t %p' >> {Received} 2>> {_workspace["subscriber.log"]}"]);
        await SubscribedAsync(times: 1);
    }

    /// <summary>Until the subscriber has subscribed so often, as it does at each connection.</summary>
    public Task SubscribedAsync(int times) => UntilAsync(() => Lines("Sending SUBACK to subscriber").Count() >= times, "the subscriber does not subscribe");

    /// <summary>Until agents have connected so often.</summary>
    public Task ConnectedAsync(int times) => UntilAsync(() => Connects >= times, "no agent connects");

    /// <summary>Until a ledger has arrived which says that nothing waits. The agent reports it every ten seconds.</summary>
    public Task SettledAsync() => UntilAsync(() => new Promise(Received).IsSettled, "the ledger says that something waits", TimeSpan.FromMilliseconds(500));

    /// <summary>Until nothing has arrived for a while.</summary>
    public async Task QuietAsync()
    {
        long before = -1;
        while (Length() is var now && now != before)
        {
            before = now;
            await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in (Process?[])[_broker, _subscriber])
        {
            if (process is null) continue;
            if (!process.HasExited) process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
        }
    }

    private async Task EndAsync(string signal)
    {
        await SignalAsync(signal);
        await _broker!.WaitForExitAsync();
        _broker.Dispose();
        _broker = null;
    }

    private long Length() => File.Exists(Received) ? new FileInfo(Received).Length : 0;

    private IEnumerable<string> Lines(string text) => File.Exists(_log) ? File.ReadLines(_log).Where(line => line.Contains(text, StringComparison.Ordinal)) : [];

    private bool Answers()
    {
        using var client = new TcpClient();
        try
        {
            client.Connect("127.0.0.1", Port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private async Task UntilAsync(Func<bool> condition, string otherwise, TimeSpan? every = null)
    {
        using var timeout = new CancellationTokenSource(Rig.Patience, TimeProvider.System);
        try
        {
            while (!condition()) await Task.Delay(every ?? TimeSpan.FromMilliseconds(20), TimeProvider.System, timeout.Token);
        }
        catch (OperationCanceledException)
        {
            Assert.Fail(otherwise + (File.Exists(_log) ? "\n" + File.ReadAllText(_log) : ""));
        }
    }
}
