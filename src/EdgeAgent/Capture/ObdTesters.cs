using EdgeAgent.Can;
using EdgeAgent.Can.SocketCan;

namespace EdgeAgent.Capture;

/// <summary>The requests that the agent itself has sent on an interface and that have not been seen there yet. Thread-safe.</summary>
internal sealed class ObdOwnRequests(TimeProvider time)
{
    /// <summary>The most that are remembered.</summary>
    public const int MaxRequests = 4096;

    /// <summary>What was not seen for so long will not be.</summary>
    public static readonly TimeSpan RememberedFor = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private readonly List<(CanId Id, int Beginning, long At)> _requests = [];

    /// <summary>One is about to be sent.</summary>
    public void Add(CanId id, ReadOnlySpan<byte> request)
    {
        lock (_gate)
        {
            if (_requests.Count == MaxRequests) _requests.RemoveAt(0);
            _requests.Add((id, BeginningOf(request), time.GetTimestamp()));
        }
    }

    /// <summary>Whether a request that was seen is one of them; it is one no more afterwards.</summary>
    public bool Take(CanId id, ReadOnlySpan<byte> request)
    {
        lock (_gate)
        {
            _requests.RemoveAll(own => time.GetElapsedTime(own.At) > RememberedFor);
            int beginning = BeginningOf(request);
            int index = _requests.FindIndex(own => own.Id == id && own.Beginning == beginning);
            if (index >= 0) _requests.RemoveAt(index);
            return index >= 0;
        }
    }

    /// <summary>Service and first parameter.</summary>
    private static int BeginningOf(ReadOnlySpan<byte> request) => request[0] << 8 | (request.Length > 1 ? request[1] : 0);
}

/// <summary>
/// Tells whether another tester asks on an interface: requests to 7DF, 7E0–7E7, 18DB33F1 or 18DAxxF1 (ISO 15765-4:2016 §10.5) that are not our
/// own. One thread at a time.
/// </summary>
internal sealed class ObdTesters : IBusTraffic
{
    private const int MaxReads = 16, ReceiveBufferBytes = 256 * 1024;

    private static readonly CanIdMask[] Requests = [CanId.Standard(0x7DF), new(CanId.Standard(0x7E0), 0x7F8), CanId.Extended(0x18DB33F1), new(CanId.Extended(0x18DA00F1), 0x1FFF00FF)];

    private readonly CanSocket _socket;
    private readonly ObdOwnRequests _own;
    private readonly FrameBatch _batch = new(32);

    private ObdTesters(CanSocket socket, ObdOwnRequests own) => (_socket, _own) = (socket, own);

    /// <summary>Listens on an interface that exists and is up.</summary>
    /// <exception cref="CanSourceException">As <see cref="CanSocket.Open"/>.</exception>
    public static ObdTesters Open(string interfaceName, ObdOwnRequests own) =>
        new(CanSocket.Open(interfaceName, new CanSocketOptions { Filter = Requests, ErrorFrames = false, ReceiveBufferBytes = ReceiveBufferBytes }), own);

    /// <inheritdoc/>
    public bool WasSeen()
    {
        bool seen = false;
        // Bounded, since frames may come as fast as they are read.
        for (int read = 0; read < MaxReads && _socket.Wait(TimeSpan.Zero); read++)
        {
            switch (_socket.Read(_batch))
            {
                case ReadOutcome.Frames:
                    for (int i = 0; i < _batch.Count; i++) seen |= TryReadRequest(_batch[i].Payload, out var request) && !_own.Take(_batch[i].Id, request);
                    break;
                case ReadOutcome.Lost:
                    throw _socket.Fault!;
            }
        }
        return seen;
    }

    /// <summary>The beginning of a request: a single frame's data, or a first frame's. FlowControls and what follows a first frame are none.</summary>
    internal static bool TryReadRequest(ReadOnlySpan<byte> payload, out ReadOnlySpan<byte> request)
    {
        request = payload switch
        {
            [0, var length and > 7, ..] when payload.Length >= 2 + length => payload.Slice(2, length), // CAN FD
            [var length and > 0 and < 8, ..] when payload.Length > length => payload.Slice(1, length),
            [>= 0x10 and < 0x20, _, _, _, ..] => payload[2..],
            _ => [],
        };
        return request.Length > 0;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _socket.Dispose();
        _batch.Dispose();
    }
}
