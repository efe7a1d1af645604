namespace EdgeAgent.Can.SocketCan;

/// <summary>
/// Tells whether a bus carries frames other than some that do not count, such as our own requests and the answers to them. It costs next to
/// nothing on a busy bus: the socket holds a few frames and the kernel drops the others. One thread at a time.
/// </summary>
public sealed class CanTraffic : IBusTraffic
{
    private readonly CanSocket _socket;
    private readonly FrameBatch _batch = new(8);

    private CanTraffic(CanSocket socket) => _socket = socket;

    /// <summary>Listens on an interface that exists and is up.</summary>
    /// <exception cref="CanSourceException">As <see cref="CanSocket.Open"/>.</exception>
    public static CanTraffic Open(string interfaceName, IReadOnlyCollection<CanIdMask> except) =>
        new(CanSocket.Open(interfaceName, new CanSocketOptions { Except = except, ErrorFrames = false, ReceiveBufferBytes = 1 }));

    /// <inheritdoc/>
    public bool WasSeen()
    {
        bool seen = false;
        // Bounded, since frames may come as fast as they are read.
        for (int i = 0; i < _batch.Capacity && _socket.Wait(TimeSpan.Zero); i++)
        {
            switch (_socket.Read(_batch))
            {
                case ReadOutcome.Frames:
                    seen = true;
                    break;
                case ReadOutcome.Lost:
                    throw _socket.Fault!;
            }
        }
        return seen;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _socket.Dispose();
        _batch.Dispose();
    }
}
