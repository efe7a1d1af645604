namespace EdgeAgent.Capture;

/// <summary>
/// The last sample of each signal of a catalog, for whoever looks on. It is set behind the ring, where samples are taken out anyway, so that capture
/// knows nothing of it; who looks seldom sees the last value alone. Any thread; allocates nothing but when the catalog has grown.
/// </summary>
internal sealed class LatestValues(SignalCatalog catalog)
{
    private readonly Lock _gate = new();
    private Entry[] _entries = [];
    private long _version;

    public void Set(in Sample sample)
    {
        lock (_gate)
        {
            if (sample.Signal >= _entries.Length) Array.Resize(ref _entries, Math.Max(catalog.Count, sample.Signal + 1));
            _entries[sample.Signal] = new Entry(++_version, sample.TimeNs, sample.Value);
        }
    }

    /// <summary>Adds what has come since an earlier look, a signal at most once and in the order of the catalog.</summary>
    /// <param name="since">What that look returned; 0 for everything.</param>
    /// <param name="into">Added to.</param>
    /// <returns>For the next look.</returns>
    public long Read(long since, List<LatestValue> into)
    {
        lock (_gate)
        {
            for (int i = 0; i < _entries.Length; i++)
            {
                ref readonly var entry = ref _entries[i];
                if (entry.Version > since) into.Add(new LatestValue(i, entry.TimeNs, entry.Value));
            }
            return _version;
        }
    }

    // The version counts samples; it is 0 for a signal of which none has come.
    private readonly record struct Entry(long Version, long TimeNs, double Value);
}

/// <summary>The last sample of a signal.</summary>
/// <param name="Signal">Its number in the catalog.</param>
/// <param name="TimeNs">Nanoseconds since boot.</param>
/// <param name="Value">In the signal's unit.</param>
internal readonly record struct LatestValue(int Signal, long TimeNs, double Value);
