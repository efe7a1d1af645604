using System.Diagnostics;
using System.Text;

namespace EdgeAgent.SystemTests.Faults;

/// <summary>One boot of the emulated arm64 machine, on a disk that outlives it.</summary>
internal sealed class Machine : IAsyncDisposable
{
    /// <summary>The host's loopback, seen from the machine.</summary>
    public const string Host = "10.0.2.2";

    private readonly Process _process;
    private readonly StringBuilder _console = new();

    private Machine(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => { lock (_console) _console.AppendLine(line.Data?.TrimEnd('\r')); };
        process.ErrorDataReceived += (_, line) => { lock (_console) _console.AppendLine(line.Data); };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>What it has said up to now.</summary>
    public string Console
    {
        get
        {
            lock (_console) return _console.ToString();
        }
    }

    /// <param name="disk">An image, which is made if it is not there.</param>
    /// <param name="job">A directory with the program <c>main</c>.</param>
    /// <param name="withCan">True for two CAN controllers and all that goes with them.</param>
    public static Machine Boot(string disk, string job, bool withCan = false) =>
        Become("arm64-machine.sh", ["--disk", disk, "--job", job, .. withCan ? (string[])["--can"] : []]);

    /// <summary>One with a whole system and two CAN controllers, which forgets everything when it is off.</summary>
    /// <param name="job">A directory with the program <c>main</c>.</param>
    public static Machine BootDebian(string job) => Become("arm64-debian.sh", "--job", job);

    private static Machine Become(string rig, params string[] options) => new(Process.Start(
        new ProcessStartInfo(Path.Combine(Rig.Root, "tests", "rig", rig), ["boot", .. options])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!);

    public async Task UntilAsync(Func<string, bool> condition, TimeSpan patience)
    {
        using var timeout = new CancellationTokenSource(patience, TimeProvider.System);
        try
        {
            while (!condition(Console))
            {
                if (_process.HasExited) break;
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, timeout.Token);
            }
        }
        catch (OperationCanceledException)
        {
            Assert.Fail("not in time; the machine's console:\n" + Console);
        }
        Assert.True(condition(Console), "the machine is off; its console:\n" + Console);
    }

    /// <summary>Whoever reads the machine's console gets a line.</summary>
    public void Type(string line) => _process.StandardInput.WriteLine(line);

    /// <summary>The power is gone.</summary>
    public async Task CutAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    public async Task OffAsync(TimeSpan patience)
    {
        using var timeout = new CancellationTokenSource(patience, TimeProvider.System);
        await _process.WaitForExitAsync(timeout.Token);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) await CutAsync();
        _process.Dispose();
    }
}
