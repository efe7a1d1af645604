using EdgeAgent.Can;
using EdgeAgent.Capture;

namespace EdgeAgent.Cli.Can;

/// <summary>What is known of the frames of one identifier on one interface. Allocates nothing for a frame.</summary>
internal sealed class FrameStatistics(string bus, CanId id)
{
    private double _mean, _squares;
    private ulong _changedBytes;

    public string Bus { get; } = bus;

    public CanId Id { get; } = id;

    public long Count { get; private set; }

    public long FirstNs { get; private set; }

    public long LastNs { get; private set; }

    /// <summary>The frame that came last.</summary>
    public CanFrame Last { get; private set; }

    /// <summary>How often the data was another than before.</summary>
    public long Changes { get; private set; }

    /// <summary>Mean time between two frames in seconds; null with fewer than two.</summary>
    public double? MeanPeriod => Count > 1 ? _mean : null;

    /// <summary>Standard deviation of the time between two frames in seconds: the jitter; null with fewer than three.</summary>
    public double? Deviation => Count > 2 ? Math.Sqrt(_squares / (Count - 2)) : null;

    public double ShortestPeriod { get; private set; } = double.PositiveInfinity;

    public double LongestPeriod { get; private set; }

    /// <summary>When it was counted last how many frames there were; for rates.</summary>
    public long CountBefore { get; private set; }

    public long ChangesBefore { get; private set; }

    public void Add(in CanFrame frame, long timestampNs)
    {
        if (Count > 0)
        {
            double period = (timestampNs - LastNs) / 1e9;
            long periods = Count;
            double distance = period - _mean;
            // Welford: mean and sum of squares without keeping what was
            _mean += distance / periods;
            _squares += distance * (period - _mean);
            ShortestPeriod = Math.Min(ShortestPeriod, period);
            LongestPeriod = Math.Max(LongestPeriod, period);
            NoteChanges(frame);
        }
        else
        {
            FirstNs = timestampNs;
        }
        Count++;
        LastNs = timestampNs;
        Last = frame;
    }

    /// <summary>The bytes that have changed since the last call, a bit a byte.</summary>
    public ulong TakeChangedBytes()
    {
        ulong changed = _changedBytes;
        _changedBytes = 0;
        return changed;
    }

    /// <summary>From now on rates count anew.</summary>
    public void TakeCounts() => (CountBefore, ChangesBefore) = (Count, Changes);

    private void NoteChanges(in CanFrame frame)
    {
        var before = Last;
        ReadOnlySpan<byte> old = before.Payload, now = frame.Payload;
        ulong changed = 0;
        for (int i = 0; i < Math.Max(old.Length, now.Length); i++)
        {
            if (i >= old.Length || i >= now.Length || old[i] != now[i]) changed |= 1UL << i;
        }
        _changedBytes |= changed;
        if (changed != 0) Changes++;
    }
}

/// <summary>The frames of some interfaces by identifier, and all of them together.</summary>
internal sealed class FrameTable
{
    /// <summary>More identifiers than any vehicle has; what comes beyond is counted alone.</summary>
    public const int MaxIdentifiers = 4096;

    private readonly Dictionary<(string Bus, CanId Id), FrameStatistics> _rows = [];

    public IReadOnlyCollection<FrameStatistics> Rows => _rows.Values;

    public long Frames { get; private set; }

    public long ErrorFrames { get; private set; }

    /// <summary>Frames of identifiers for which there was no row left.</summary>
    public long Beyond { get; private set; }

    /// <summary>Error frames by class, and the last.</summary>
    public BusErrors Errors { get; } = new();

    /// <summary>Bits on the wire, stuff bits counted.</summary>
    public BusBits Bits { get; private set; }

    public void Add(string bus, in CanFrame frame, long timestampNs)
    {
        if (frame.IsError)
        {
            ErrorFrames++;
            Errors.Add(frame);
            return;
        }
        Frames++;
        Bits += BusLoad.Bits(frame, BitStuffing.Exact);
        if (!_rows.TryGetValue((bus, frame.Id), out var row))
        {
            if (_rows.Count == MaxIdentifiers)
            {
                Beyond++;
                return;
            }
            _rows.Add((bus, frame.Id), row = new FrameStatistics(bus, frame.Id));
        }
        row.Add(frame, timestampNs);
    }
}
