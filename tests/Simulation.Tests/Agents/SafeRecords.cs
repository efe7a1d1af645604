using EdgeAgent.Outbox;

namespace EdgeAgent.Simulation.Tests.Agents;

/// <summary>
/// Which records the device must not lose any more, whatever happens to it: those that were numbered long enough ago to be on the disk, and
/// all of a run that was stopped properly. Nothing but their ledger is asked for that.
/// </summary>
internal sealed class SafeRecords
{
    private static readonly TimeSpan After = TimeSpan.FromSeconds(8);

    private readonly Dictionary<StreamName, SortedList<long, long>> _safe = [];
    private readonly Dictionary<StreamName, long> _first = [];
    private readonly Dictionary<StreamName, LedgerEntry> _ledger = [];
    private readonly HashSet<StreamName> _ofThisRun = [];
    private readonly HashSet<(StreamName Stream, long Number)> _neverStored = [];
    private readonly Queue<(TimeSpan Since, StreamName Stream, long Next)> _soon = new();
    private TimeSpan _notBefore;

    /// <summary>The last that was known of each stream.</summary>
    public IReadOnlyDictionary<StreamName, LedgerEntry> Ledger => _ledger;

    public long Count => _safe.Values.Sum(ranges => ranges.Sum(range => range.Value - range.Key));

    /// <summary>The safe ones of these numbers.</summary>
    public IEnumerable<long> Among(StreamName stream, long from, long to)
    {
        if (!_safe.TryGetValue(stream, out var ranges)) yield break;
        foreach (var (first, next) in ranges)
        {
            for (long number = Math.Max(first, from); number <= Math.Min(next - 1, to); number++)
            {
                if (!_neverStored.Contains((stream, number))) yield return number;
            }
        }
    }

    /// <summary>Another run begins: numbers that the one before had reserved may never have been used.</summary>
    public void Begin(IEnumerable<LedgerEntry> entries)
    {
        _first.Clear();
        _ofThisRun.Clear();
        foreach (var entry in entries) _first[NameOf(entry)] = entry.Next;
    }

    public void Note(LedgerEntry entry, TimeSpan now)
    {
        var stream = NameOf(entry);
        bool isNew = !_ledger.TryGetValue(stream, out var known) || known.Next != entry.Next;
        _ledger[stream] = entry;
        _ofThisRun.Add(stream);
        // A full disk let nobody number or store these, and the device has said so before they could have been safe.
        foreach (var range in entry.Ranges.Where(range => range is { Outcome: LedgerOutcome.Lost, Reason: LedgerReason.DiskFull }))
        {
            for (long number = range.From; number <= range.To; number++)
            {
                if (!Among(stream, number, number).Any()) _neverStored.Add((stream, number));
            }
        }
        if (isNew) _soon.Enqueue((now, stream, entry.Next));
    }

    /// <summary>Nothing becomes safe before this moment.</summary>
    public void Delay(TimeSpan until) => _notBefore = until;

    public bool IsDelayed(TimeSpan now) => now < _notBefore;

    public void Pass(TimeSpan now)
    {
        if (now < _notBefore) return;
        while (_soon.TryPeek(out var next) && now - next.Since > After)
        {
            _soon.Dequeue();
            MakeSafe(next.Stream, next.Next);
        }
    }

    /// <summary>The run ended properly, with everything on the disk. Of what an earlier run could not even write down this one knows nothing.</summary>
    public void NoteAll()
    {
        foreach (var stream in _ofThisRun) MakeSafe(stream, _ledger[stream].Next);
    }

    /// <summary>The run broke off: what was not safe by then may be lost.</summary>
    public void Forget() => _soon.Clear();

    private void MakeSafe(StreamName stream, long next)
    {
        long first = _first.GetValueOrDefault(stream, 1);
        if (next <= first) return;
        if (!_safe.TryGetValue(stream, out var ranges)) _safe.Add(stream, ranges = []);
        ranges[first] = Math.Max(ranges.GetValueOrDefault(first), next);
    }

    private static StreamName NameOf(LedgerEntry entry) => new(entry.Assignment.Tenant, entry.Assignment.Epoch.Value, entry.Stream);
}
