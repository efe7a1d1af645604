namespace EdgeAgent.Can.SocketCan;

/// <summary>
/// Several interfaces read as one: what they have is read in batches and handed out in the order of its receive times. One thread; allocates nothing
/// after its making.
/// </summary>
public sealed unsafe class CanSocketSet : IDisposable
{
    /// <summary>The most interfaces that are read together.</summary>
    public const int MaxSockets = 32;

    private readonly CanSocket[] _sockets;
    private readonly FrameBatch[] _batches;
    private readonly int[] _next;
    private readonly bool[] _lost;

    /// <param name="sockets">1 to <see cref="MaxSockets"/>, which it owns from now on.</param>
    public CanSocketSet(IReadOnlyList<CanSocket> sockets)
    {
        ArgumentOutOfRangeException.ThrowIfZero(sockets.Count, nameof(sockets));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(sockets.Count, MaxSockets, nameof(sockets));
        _sockets = [.. sockets];
        _batches = [.. sockets.Select(_ => new FrameBatch(256))];
        _next = new int[sockets.Count];
        _lost = new bool[sockets.Count];
    }

    /// <summary>The interfaces, in the order in which they were given.</summary>
    public IReadOnlyList<CanSocket> Sockets => _sockets;

    /// <summary>Of how many interfaces frames may still come.</summary>
    public int Alive => _lost.Count(lost => !lost);

    /// <summary>Frames of all interfaces that the kernel dropped.</summary>
    public long Dropped => _sockets.Sum(socket => socket.Dropped);

    /// <summary>
    /// Waits until an interface has something, and reads what all have. What was read before is to be taken with <see cref="TryNext"/> first.
    /// </summary>
    /// <param name="timeout">The longest wait.</param>
    /// <returns>The place of an interface that was lost in this read, whose <see cref="CanSocket.Fault"/> says why; -1 for none.</returns>
    public int Read(TimeSpan timeout)
    {
        var descriptors = stackalloc PollDescriptor[MaxSockets];
        // poll(2) passes over negative descriptors.
        for (int i = 0; i < _sockets.Length; i++) descriptors[i] = new PollDescriptor { Descriptor = _lost[i] ? -1 : (int)_sockets[i].Descriptor, Events = Libc.PollIn };
        var limit = new TimeSpec { Seconds = timeout.Ticks / TimeSpan.TicksPerSecond, Nanoseconds = timeout.Ticks % TimeSpan.TicksPerSecond * TimeSpan.NanosecondsPerTick };
        int lost = -1;
        bool isAny = Libc.Poll(descriptors, (nuint)_sockets.Length, &limit, null) > 0;
        for (int i = 0; i < _sockets.Length; i++)
        {
            _next[i] = 0;
            _batches[i].Clear();
            if (!isAny || _lost[i] || descriptors[i].ReturnedEvents == 0 || _sockets[i].Read(_batches[i]) != ReadOutcome.Lost) continue;
            _lost[i] = true;
            lost = i;
        }
        return lost;
    }

    /// <summary>The next frame in time of those that were read.</summary>
    /// <param name="socket">The place of its interface.</param>
    /// <param name="index">Its place in <see cref="Batch"/>.</param>
    public bool TryNext(out int socket, out int index)
    {
        socket = -1;
        index = 0;
        long earliest = long.MaxValue;
        for (int i = 0; i < _batches.Length; i++)
        {
            if (_next[i] >= _batches[i].Count || _batches[i].TimestampNs(_next[i]) is var time && socket >= 0 && time >= earliest) continue;
            (socket, index, earliest) = (i, _next[i], _batches[i].TimestampNs(_next[i]));
        }
        if (socket < 0) return false;
        _next[socket]++;
        return true;
    }

    /// <summary>What was read from an interface last.</summary>
    public FrameBatch Batch(int socket) => _batches[socket];

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var socket in _sockets) socket.Dispose();
        foreach (var batch in _batches) batch.Dispose();
    }
}
