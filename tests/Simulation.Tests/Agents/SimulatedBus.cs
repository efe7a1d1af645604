using System.Buffers.Binary;
using EdgeAgent.Can;

namespace EdgeAgent.Simulation.Tests.Agents;

/// <summary>
/// Two CAN buses on which every frame has a number of its own, so that each sample that is ever received can be traced to the moment at which
/// it was on the bus.
/// </summary>
internal sealed class SimulatedBus(Agenda agenda)
{
    public const uint FrameId = 0x100;

    /// <summary>What a socket holds before it drops.</summary>
    private const int SocketFrames = 400;

    public static readonly string[] Names = ["can0", "can1"];

    private readonly List<Frame> _frames = [];
    private readonly List<Socket> _sockets = [];
    private readonly bool[] _isThere = [true, true];

    /// <summary>Every frame that was on a bus; its number is its place from 1.</summary>
    public IReadOnlyList<Frame> Frames => _frames;

    /// <summary>When an interface was away last.</summary>
    public TimeSpan LastTrouble { get; private set; } = TimeSpan.MinValue;

    public bool IsThere(int bus) => _isThere[bus];

    /// <summary>The value that goes with a frame's number.</summary>
    public static int EchoOf(long number) => (int)(number * 31 & 0xFFFF);

    /// <summary>Frames on a bus, evenly over a while that ends now.</summary>
    /// <param name="bus">0 or 1.</param>
    /// <param name="count">How many.</param>
    /// <param name="over">The while.</param>
    /// <param name="life">In which life of the device.</param>
    /// <param name="wall">The device's wall clock.</param>
    public void Emit(int bus, int count, TimeSpan over, int life, DateTimeOffset wall)
    {
        if (!_isThere[bus]) return;
        Span<byte> payload = stackalloc byte[8];
        for (int i = count - 1; i >= 0; i--)
        {
            var ago = over / count * i;
            _frames.Add(new Frame(bus, agenda.Now - ago, life));
            long number = _frames.Count;
            BinaryPrimitives.WriteUInt32LittleEndian(payload, (uint)number);
            BinaryPrimitives.WriteInt32LittleEndian(payload[4..], EchoOf(number));
            var frame = CanFrame.Data(CanId.Standard(FrameId), payload);
            long timestamp = (wall - ago - DateTimeOffset.UnixEpoch).Ticks * 100;
            foreach (var socket in _sockets)
            {
                if (socket.Bus == bus) socket.Add(frame, timestamp);
            }
        }
    }

    public void SetThere(int bus, bool isThere)
    {
        _isThere[bus] = isThere;
        LastTrouble = agenda.Now;
        if (isThere) return;
        foreach (var socket in _sockets.Where(socket => socket.Bus == bus)) socket.IsLost = true;
    }

    /// <exception cref="CanSourceException">There is no such interface.</exception>
    public ICanSource Open(string name)
    {
        int bus = Array.IndexOf(Names, name);
        if (bus < 0 || !_isThere[bus]) throw new CanSourceException(CanSourceFault.Missing, $"{name} does not exist; `ip link` shows what does");
        var socket = new Socket(this, bus);
        _sockets.Add(socket);
        return socket;
    }

    /// <summary>The end of a life closes all sockets.</summary>
    public void Abandon() => _sockets.Clear();

    /// <summary>A frame that was on a bus.</summary>
    /// <param name="Bus">0 or 1.</param>
    /// <param name="At">In the world's time.</param>
    /// <param name="Life">In which life of the device.</param>
    public readonly record struct Frame(int Bus, TimeSpan At, int Life);

    private sealed class Socket(SimulatedBus owner, int bus) : ICanSource
    {
        private readonly Queue<(CanFrame Frame, long TimestampNs)> _received = new();

        public int Bus { get; } = bus;

        public bool IsLost { get; set; }

        public long Dropped { get; private set; }

        public CanSourceException? Fault => IsLost ? new CanSourceException(CanSourceFault.Down, $"{Names[Bus]} is down; try: ip link set {Names[Bus]} up") : null;

        public string Details => "";

        public void Add(in CanFrame frame, long timestampNs)
        {
            if (_received.Count == SocketFrames) Dropped++;
            else _received.Enqueue((frame, timestampNs));
        }

        public ReadOutcome Read(FrameBatch batch)
        {
            batch.Clear();
            if (IsLost) return ReadOutcome.Lost;
            while (batch.Count < batch.Capacity && _received.TryDequeue(out var next)) batch.Add(next.Frame, next.TimestampNs);
            return batch.Count > 0 ? ReadOutcome.Frames : ReadOutcome.Idle;
        }

        public void Dispose() => owner._sockets.Remove(this);
    }
}
