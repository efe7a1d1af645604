using EdgeAgent.Outbox;
using EdgeAgent.Tenancy;

namespace EdgeAgent.Cli.Verification;

/// <summary>What of one stream was received, against what its ledger says.</summary>
internal sealed class StreamAudit(Assignment assignment, RecordStream stream)
{
    private const int BlockBits = 14, BlockSize = 1 << BlockBits;

    private readonly SortedDictionary<long, uint[]> _blocks = [];
    private readonly HashSet<long> _afterLedger = [];
    private readonly List<Stranger> _firstStrangers = [];
    private long _next = 1;
    private bool _isAfterLedger;

    public Assignment Assignment { get; } = assignment;

    public RecordStream Stream { get; } = stream;

    /// <summary>Different numbers received.</summary>
    public long Received { get; private set; }

    /// <summary>Records received once more, the same as before.</summary>
    public long Duplicates { get; private set; }

    /// <summary>Records with the number of another one, or with a number that a later ledger does not know.</summary>
    public long Strangers { get; private set; }

    /// <summary>The strangers in order, the first of them; if there is no ledger, only those with the number of another one.</summary>
    public IReadOnlyList<Stranger> FirstStrangers => _firstStrangers;

    /// <summary>Records that came after the last ledger and have numbers beyond it: a device uses a number before its ledger says so.</summary>
    public long Ahead { get; private set; }

    /// <summary>Numbers that are missing though the ledger says delivered.</summary>
    public long Gaps { get; private set; }

    /// <summary>The gaps in order, the first of them.</summary>
    public List<(long From, long To)> FirstGaps { get; } = [];

    /// <summary>Missing and accounted for, by what the ledger says.</summary>
    public SortedDictionary<string, long> Missing { get; } = new(StringComparer.Ordinal);

    /// <summary>The ranges of its last ledger; null if there was none.</summary>
    public IReadOnlyList<LedgerRange>? Ledger { get; private set; }

    public void Add(ReceivedRecords records)
    {
        for (int i = 0; i < records.Contents.Count; i++)
        {
            long number = records.FirstSequence + i;
            if (!_blocks.TryGetValue(number >> BlockBits, out uint[]? block)) _blocks[number >> BlockBits] = block = new uint[BlockSize];
            ref uint known = ref block[number & (BlockSize - 1)];
            if (known == 0)
            {
                known = records.Contents[i];
                Received++;
                if (_isAfterLedger && number >= _next) _afterLedger.Add(number);
            }
            else if (known == records.Contents[i]) Duplicates++;
            else AddStranger(number, "another record has this number");
        }
    }

    /// <summary>Takes a ledger from among the records.</summary>
    public void SetLedger(long next, IReadOnlyList<LedgerRange> ranges)
    {
        // The broker keeps the last one and sends it again to whoever subscribes again: that makes it no younger.
        if (!IsSame(next, ranges)) SetLedgerApart(next, ranges);
        _isAfterLedger = true;
    }

    /// <summary>Takes a ledger that is younger than all records, unless it is found among them.</summary>
    public void SetLedgerApart(long next, IReadOnlyList<LedgerRange> ranges)
    {
        (_next, Ledger, _isAfterLedger) = (next, ranges, false);
        _afterLedger.Clear();
    }

    /// <summary>Notes that a ledger came among the records, while the one that counts was recorded apart.</summary>
    public void NoteLedger(long next, IReadOnlyList<LedgerRange> ranges) => _isAfterLedger |= IsSame(next, ranges);

    /// <summary>Compares the two. To be called once, at the end.</summary>
    public void Conclude()
    {
        foreach (var range in Ledger ?? []) Compare(range);
        Ahead = _afterLedger.Count;
        foreach (long number in Numbers(_next).Where(number => !_afterLedger.Contains(number)))
        {
            if (Ledger is null) Strangers++;
            else AddStranger(number, $"the ledger knows only those before {_next}");
        }
    }

    private bool IsSame(long next, IReadOnlyList<LedgerRange> ranges) => Ledger is { } known && next == _next && known.SequenceEqual(ranges);

    private void AddStranger(long number, string why)
    {
        Strangers++;
        if (_firstStrangers is [.., var last] && last.To == number - 1 && last.Why == why) _firstStrangers[^1] = last with { To = number };
        else if (_firstStrangers.Count < Stranger.MaxNamed) _firstStrangers.Add(new Stranger(Assignment, Stream, number, number, why));
    }

    private void Compare(LedgerRange range)
    {
        long number = range.From;
        foreach (long received in Numbers(range.From).TakeWhile(received => received <= range.To))
        {
            NoteMissing(range, number, received - 1);
            number = received + 1;
        }
        NoteMissing(range, number, range.To);
    }

    private void NoteMissing(LedgerRange range, long from, long to)
    {
        if (from > to) return;
        if (range.Outcome == LedgerOutcome.Delivered)
        {
            Gaps += to - from + 1;
            if (FirstGaps.Count < 10) FirstGaps.Add((from, to));
            return;
        }
        string why = LedgerWords.Of(range.Outcome) + (LedgerWords.Of(range.Reason) is { } reason ? $" ({reason})" : "");
        Missing[why] = Missing.GetValueOrDefault(why) + to - from + 1;
    }

    private IEnumerable<long> Numbers(long from)
    {
        foreach (var (high, block) in _blocks)
        {
            if (high < from >> BlockBits) continue;
            for (int low = high == from >> BlockBits ? (int)(from & (BlockSize - 1)) : 0; low < BlockSize; low++)
            {
                if (block[low] != 0) yield return (high << BlockBits) + low;
            }
        }
    }
}
