using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace EdgeAgent.SystemTests;

/// <summary>The agent as a child whose service manager is the test: it hears what the agent says by sd_notify(3) and on stderr.</summary>
internal sealed class RunningAgent : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Socket _socket;
    private readonly StringBuilder _output = new();
    private readonly List<string> _messages = [];
    private readonly Task _listening;

    private RunningAgent(Process process, Socket socket)
    {
        (_process, _socket) = (process, socket);
        process.OutputDataReceived += (_, line) => { lock (_output) _output.AppendLine(line.Data); };
        process.ErrorDataReceived += (_, line) => { lock (_output) _output.AppendLine(line.Data); };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        _listening = ListenAsync();
    }

    public int Id => _process.Id;

    public IReadOnlyList<string> Messages
    {
        get
        {
            lock (_messages) return [.. _messages];
        }
    }

    /// <summary>The newest status line, without <c>STATUS=</c>.</summary>
    public string Status => Messages.LastOrDefault(message => message.StartsWith("STATUS=", StringComparison.Ordinal))?["STATUS=".Length..] ?? "";

    public string Output
    {
        get
        {
            lock (_output) return _output.ToString();
        }
    }

    /// <param name="workspace">Where its service manager listens.</param>
    /// <param name="configuration">Its file.</param>
    /// <param name="watchdog">How long its service manager waits for a heartbeat; null for no watchdog.</param>
    /// <param name="local">Where it serves local users; null for where it does by itself.</param>
    /// <param name="state">Where it keeps its state, if the file is a provisioning.</param>
    public static RunningAgent Start(Workspace workspace, string configuration, TimeSpan? watchdog = null, string? local = null, string? state = null)
    {
        string address = workspace["notify"];
        File.Delete(address);
        var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(address));
        // Whoever runs the tests in the background of a script has them, and so the agent, ignore SIGINT.
        var start = new ProcessStartInfo("env", ["--default-signal=INT", Rig.Agent, "run", .. state is null ? new[] { "--config", configuration } : ["--provision", configuration, "--state", state], .. local is null ? Array.Empty<string>() : new[] { "--socket", local }]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["NOTIFY_SOCKET"] = address;
        if (watchdog is { } timeout) start.Environment["WATCHDOG_USEC"] = timeout.TotalMicroseconds.ToString(CultureInfo.InvariantCulture);
        return new RunningAgent(Process.Start(start)!, socket);
    }

    public Task UntilAsync(Func<string, bool> condition) => UntilTrueAsync(() => Messages.Any(condition));

    public Task UntilOutputAsync(string text) => UntilTrueAsync(() => Output.Contains(text, StringComparison.Ordinal));

    /// <summary>Waits until the service manager has been told something so often.</summary>
    public Task UntilMessagesAsync(string message, int count) => UntilTrueAsync(() => Messages.Count(told => told == message) >= count);

    /// <summary>Waits until the newest status says all of these.</summary>
    public Task UntilStatusAsync(params string[] words) =>
        UntilTrueAsync(() => words.All(word => $" {Status} ".Contains($" {word} ", StringComparison.Ordinal)));

    public async Task<int> TerminateAsync(string signal = "TERM")
    {
        await Rig.SignalAsync(_process.Id, signal);
        return await ExitAsync();
    }

    public async Task<int> ExitAsync()
    {
        using var timeout = new CancellationTokenSource(Rig.Patience, TimeProvider.System);
        await _process.WaitForExitAsync(timeout.Token);
        // What was sent before the end has arrived: the listener takes it and then finds the socket closed.
        while (_socket.Available > 0) await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, timeout.Token);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }
        _socket.Dispose();
        await _listening;
        _process.Dispose();
    }

    private async Task ListenAsync()
    {
        byte[] buffer = new byte[4096];
        try
        {
            while (true)
            {
                int length = await _socket.ReceiveAsync(buffer);
                lock (_messages) _messages.Add(Encoding.UTF8.GetString(buffer, 0, length));
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Disposed: there is nothing more to hear.
        }
    }

    private async Task UntilTrueAsync(Func<bool> condition)
    {
        using var timeout = new CancellationTokenSource(Rig.Patience, TimeProvider.System);
        try
        {
            while (!condition()) await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, timeout.Token);
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"not in time; the agent's last status: {Status}\nand its words:\n{Output}");
        }
    }
}
