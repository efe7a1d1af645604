using System.Numerics;
using System.Runtime.InteropServices;
using EdgeAgent.Can.Dbc;
using EdgeAgent.Tenancy;

namespace EdgeAgent.Capture;

/// <summary>
/// The one place through which every sample passes: readers write, one consumer takes. A sample's place in the ring is its sequence
/// number and the ring belongs to one assignment, so that being accepted and being stamped are the same act.
/// </summary>
/// <remarks>
/// Readers reserve the slots of a frame with one compare-and-swap and publish each slot by writing its sequence number last:
/// <code>
///             _taken                    _reserved
///   … free ──▶│ published │ published │ being written │──▶ free …
/// </code>
/// Nobody waits: when the ring is full, the frame's samples are refused as a whole and the reader counts them.
/// </remarks>
internal sealed class SampleRing
{
    public const int DefaultCapacity = 1 << 16;

    private readonly Slot[] _slots;
    private readonly int _mask;
    private readonly long _first;
    private Cursors _cursors;

    /// <param name="stamp">Whose samples these are.</param>
    /// <param name="firstSequence">The number of the first one.</param>
    /// <param name="capacity">In samples; a power of two.</param>
    public SampleRing(RecordStamp stamp, long firstSequence, int capacity = DefaultCapacity)
    {
        if (!BitOperations.IsPow2(capacity)) throw new ArgumentException("The capacity is a power of two.", nameof(capacity));
        ArgumentOutOfRangeException.ThrowIfLessThan(firstSequence, 1);
        Stamp = stamp;
        _first = firstSequence;
        _slots = new Slot[capacity];
        _mask = capacity - 1;
    }

    public RecordStamp Stamp { get; }

    public long FirstSequence => _first;

    public int Capacity => _slots.Length;

    /// <summary>Samples accepted so far.</summary>
    public long Accepted => Volatile.Read(ref _cursors.Reserved);

    /// <summary>Accepts all samples of one frame, or none if there is no room. Any thread; allocates nothing.</summary>
    /// <param name="timeNs">Nanoseconds since boot.</param>
    /// <param name="signals">The number in the catalog of each slot of the reader's plan.</param>
    /// <param name="values">What the frame held.</param>
    public bool TryAccept(long timeNs, ReadOnlySpan<int> signals, ReadOnlySpan<SignalValue> values)
    {
        long start = Volatile.Read(ref _cursors.Reserved);
        while (true)
        {
            if (start + values.Length - Volatile.Read(ref _cursors.Taken) > _slots.Length) return false;
            long seen = Interlocked.CompareExchange(ref _cursors.Reserved, start + values.Length, start);
            if (seen == start) break;
            start = seen;
        }

        for (int i = 0; i < values.Length; i++)
        {
            ref var slot = ref _slots[(start + i) & _mask];
            slot.TimeNs = timeNs;
            slot.Signal = signals[values[i].Slot];
            slot.Value = values[i].Value;
            Volatile.Write(ref slot.Sequence, _first + start + i);
        }
        return true;
    }

    /// <summary>Takes the next sample in order of sequence. One thread at a time; allocates nothing.</summary>
    /// <returns>False if there is none yet.</returns>
    public bool TryTake(out Sample sample)
    {
        long position = _cursors.Taken;
        long expected = _first + position;
        ref var slot = ref _slots[position & _mask];
        if (Volatile.Read(ref slot.Sequence) != expected)
        {
            sample = default;
            return false;
        }
        sample = new Sample(expected, slot.TimeNs, slot.Signal, slot.Value);
        Volatile.Write(ref _cursors.Taken, position + 1);
        return true;
    }

    private struct Slot
    {
        public long Sequence;
        public long TimeNs;
        public double Value;
        public int Signal;
    }

    // A cache line each, so that readers and consumer do not take them from each other.
    [StructLayout(LayoutKind.Explicit, Size = 192)]
    private struct Cursors
    {
        [FieldOffset(64)] public long Reserved;
        [FieldOffset(128)] public long Taken;
    }
}
