using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace EdgeAgent.Benchmarks;

/// <summary>A mosquitto on the loopback, in memory alone.</summary>
internal sealed class Mosquitto : IAsyncDisposable
{
    private readonly Process _process;

    private Mosquitto(Process process, int port) => (_process, Port) = (process, port);

    public int Port { get; }

    public static async Task<Mosquitto> StartAsync(Scratch directory)
    {
        int port = FreePort();
        string configuration = Path.Combine(directory.Path, "mosquitto.conf");
        await File.WriteAllTextAsync(configuration, $"listener {port} 127.0.0.1\nallow_anonymous true\nlog_dest none\nmax_queued_messages 0\n");
        Process process;
        try
        {
            process = Process.Start(new ProcessStartInfo("mosquitto", ["-c", configuration]) { RedirectStandardError = true })!;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            throw new BenchmarkException("mosquitto is missing; as root: apt-get install -y mosquitto");
        }
        while (!Answers(port))
        {
            if (process.HasExited) throw new BenchmarkException("mosquitto ended: " + await process.StandardError.ReadToEndAsync());
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        }
        return new Mosquitto(process, port);
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static bool Answers(int port)
    {
        using var client = new TcpClient();
        try
        {
            client.Connect(IPAddress.Loopback, port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
