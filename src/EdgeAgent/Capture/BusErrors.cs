using EdgeAgent.Can;
using EdgeAgent.Can.Errors;

namespace EdgeAgent.Capture;

/// <summary>The error frames of one source, counted by class. Written by its reader alone, read by anybody.</summary>
internal sealed class BusErrors
{
    private readonly long[] _counts = new long[CanErrorText.ClassNames.Count];
    private readonly Lock _gate = new();
    private CanErrorFrame? _last;

    /// <summary>The frame that came last; null if none has come.</summary>
    public CanErrorFrame? Last
    {
        get
        {
            lock (_gate) return _last;
        }
    }

    /// <summary>How many frames had a class; the place of a name in <see cref="CanErrorText.ClassNames"/> is its number.</summary>
    public long this[int errorClass] => Volatile.Read(ref _counts[errorClass]);

    public void Add(in CanFrame frame)
    {
        var error = CanErrorFrame.Read(frame);
        for (int bit = 0; bit < _counts.Length; bit++)
        {
            if (error.Has((CanErrorClasses)(1 << bit))) Volatile.Write(ref _counts[bit], _counts[bit] + 1);
        }
        lock (_gate) _last = error;
    }

    /// <summary>The counts of this moment.</summary>
    public BusErrorCounts Counts
    {
        get
        {
            long[] counts = new long[_counts.Length];
            for (int i = 0; i < counts.Length; i++) counts[i] = this[i];
            return new BusErrorCounts(counts);
        }
    }
}

/// <summary>How many error frames there were of each class.</summary>
/// <param name="Counts">In the order of <see cref="CanErrorText.ClassNames"/>; null for none at all.</param>
internal readonly record struct BusErrorCounts(IReadOnlyList<long>? Counts)
{
    public long this[int errorClass] => Counts is null ? 0 : Counts[errorClass];

    /// <summary>A frame has at least one class, and may have several.</summary>
    public long Sum => Counts?.Sum() ?? 0;

    public long Of(CanErrorClasses one) => this[System.Numerics.BitOperations.TrailingZeroCount((int)one)];

    /// <summary>The classes of which there were some.</summary>
    public CanErrorClasses Classes
    {
        get
        {
            var classes = CanErrorClasses.None;
            for (int i = 0; i < CanErrorText.ClassNames.Count; i++)
            {
                if (this[i] > 0) classes |= (CanErrorClasses)(1 << i);
            }
            return classes;
        }
    }

    /// <summary>What has come since; a source that was made anew counts from zero.</summary>
    public BusErrorCounts Since(in BusErrorCounts before)
    {
        var (now, then) = (this, before);
        return new BusErrorCounts([.. Enumerable.Range(0, CanErrorText.ClassNames.Count).Select(i => now[i] >= then[i] ? now[i] - then[i] : now[i])]);
    }

    /// <summary>The same with their names and numbers.</summary>
    public IEnumerable<(string Name, long Count)> Named
    {
        get
        {
            for (int i = 0; i < CanErrorText.ClassNames.Count; i++)
            {
                if (this[i] > 0) yield return (CanErrorText.ClassNames[i], this[i]);
            }
        }
    }

    public bool Equals(BusErrorCounts other)
    {
        var (left, right) = (this, other);
        return Enumerable.Range(0, CanErrorText.ClassNames.Count).All(i => left[i] == right[i]);
    }

    public override int GetHashCode() => Sum.GetHashCode();
}
