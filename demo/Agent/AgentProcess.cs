using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace EdgeAgent.Demo.Agent;

/// <summary>The agent as a child process, with its output in a file. Never outlives its owner.</summary>
internal sealed partial class AgentProcess : IAsyncDisposable
{
    private const int SigTerm = 15;

    private const int TailLines = 15;

    /// <summary>The agent publishes for at most its <c>drainSeconds</c> when it is told to stop.</summary>
    private static readonly TimeSpan StopWithin = TimeSpan.FromSeconds(10);

    private readonly Process _process;
    private readonly string _outputPath;
    private readonly Task _copying;

    private AgentProcess(Process process, string outputPath)
    {
        _process = process;
        _outputPath = outputPath;
        _copying = CopyOutputAsync();
        Exited = process.WaitForExitAsync();
    }

    public Task Exited { get; }

    /// <exception cref="DemoException">There is no such executable.</exception>
    public static AgentProcess Start(string path, Workspace workspace)
    {
        string executable = Path.GetFullPath(path);
        if (!File.Exists(executable)) throw new DemoException(ExitCode.InputRefused, $"--agent: {path}: no such file");
        var start = new ProcessStartInfo(executable, ["run", "--config", workspace.ConfigurationPath]) { RedirectStandardOutput = true, RedirectStandardError = true };
        // What systemd sets; and nothing of what it may have set for the demo itself.
        start.Environment.Remove("WATCHDOG_USEC");
        start.Environment.Remove("WATCHDOG_PID");
        start.Environment["NOTIFY_SOCKET"] = workspace.NotifySocketPath;
        start.Environment["INVOCATION_ID"] = "demo";
        try
        {
            return new AgentProcess(Process.Start(start)!, workspace.AgentOutputPath);
        }
        catch (Win32Exception e)
        {
            throw new DemoException(ExitCode.InputRefused, $"--agent: {path}: cannot be started: {new Win32Exception(e.NativeErrorCode).Message}", e);
        }
    }

    /// <summary>Asks the agent to stop, as systemd does, and waits for it; kills it if it does not.</summary>
    /// <returns>Null, or what was wrong with its end.</returns>
    public async Task<string?> StopAsync()
    {
        if (!_process.HasExited) _ = Kill(_process.Id, SigTerm);
        try
        {
            await Exited.WaitAsync(StopWithin);
        }
        catch (TimeoutException)
        {
            _process.Kill();
            await Exited;
            return $"the agent did not stop within {StopWithin.TotalSeconds} s and was killed";
        }
        return _process.ExitCode == 0 ? null : $"the agent ended with exit code {_process.ExitCode}";
    }

    /// <summary>The last lines of its output, once it has ended.</summary>
    public async Task<IReadOnlyList<string>> TailAsync()
    {
        await _copying;
        return [.. (await File.ReadAllLinesAsync(_outputPath)).TakeLast(TailLines)];
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await _copying;
        _process.Dispose();
    }

    private async Task CopyOutputAsync()
    {
        await using var file = new FileStream(_outputPath, FileMode.Append, FileAccess.Write, FileShare.ReadWrite);
        using var oneAtATime = new SemaphoreSlim(1);
        await Task.WhenAll(CopyAsync(_process.StandardOutput), CopyAsync(_process.StandardError));

        async Task CopyAsync(StreamReader from)
        {
            while (await from.ReadLineAsync() is { } line)
            {
                await oneAtATime.WaitAsync();
                try
                {
                    await file.WriteAsync(System.Text.Encoding.UTF8.GetBytes(line + '\n'));
                }
                finally
                {
                    oneAtATime.Release();
                }
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
