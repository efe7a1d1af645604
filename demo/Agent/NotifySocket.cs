using System.Net.Sockets;
using System.Text;

namespace EdgeAgent.Demo.Agent;

/// <summary>The service manager's end of sd_notify(3): the agent says here that it is ready, and once a second how things are.</summary>
internal sealed class NotifySocket : IAsyncDisposable
{
    private const int MaxDatagram = 8192;

    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _receiving;
    private readonly string _path;

    public NotifySocket(string path)
    {
        _path = path;
        _socket.Bind(new UnixDomainSocketEndPoint(path));
        _receiving = ReceiveAsync();
    }

    /// <summary>Completes with READY=1.</summary>
    public Task Ready => _ready.Task;

    /// <summary>The latest.</summary>
    public AgentStatus Status { get; private set; } = AgentStatus.None;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _receiving;
        _socket.Dispose();
        _stop.Dispose();
        File.Delete(_path);
    }

    private async Task ReceiveAsync()
    {
        byte[] buffer = new byte[MaxDatagram];
        try
        {
            while (true)
            {
                int length = await _socket.ReceiveAsync(buffer, _stop.Token);
                foreach (string line in Encoding.UTF8.GetString(buffer, 0, length).Split('\n')) Take(line);
            }
        }
        catch (OperationCanceledException)
        {
        }
    }

    private void Take(string line)
    {
        const string status = "STATUS=";
        if (line == "READY=1") _ready.TrySetResult();
        else if (line.StartsWith(status, StringComparison.Ordinal)) Status = AgentStatus.Parse(line[status.Length..]);
    }
}
