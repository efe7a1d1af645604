using EdgeAgent.Outbox;
using EdgeAgent.Tenancy;

namespace EdgeAgent.Cli.Verification;

/// <summary>What of one stream was received, against what its ledger says.</summary>
internal sealed class StreamAudit(Assignment assignment, RecordStream stream)
{
    private const int BlockBits = 14, BlockSize = 1 << BlockBits;

    private readonly SortedDictionary<long, uint[]> _blocks = [];
    private readonly HashSet<long> _afterLedger = [];
    private long _next = 1;
    private bool _hasLedger;

    public Assignment Assignment { get; } = assignment;

    public RecordStream Stream { get; } = stream;

    /// <summary>Different numbers received.</summary>
    public long Received { get; private set; }

    /// <summary>Records received once more, the same as before.</summary>
    public long Duplicates { get; private set; }

    /// <summary>Records with the number of another one, or with a number that the ledger does not know.</summary>
    public long Strangers { get; private set; }

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
                // The device uses a number before its ledger says so: what comes after the last ledger may be beyond it.
                if (_hasLedger && number >= _next) _afterLedger.Add(number);
            }
            else if (known == records.Contents[i]) Duplicates++;
            else Strangers++;
        }
    }

    public void SetLedger(long next, IReadOnlyList<LedgerRange> ranges)
    {
        (_next, Ledger, _hasLedger) = (next, ranges, true);
        _afterLedger.Clear();
    }

    /// <summary>Compares the two. To be called once, at the end.</summary>
    /// <param name="ledgerIsLast">True if the ledger is of a later time than every record.</param>
    public void Conclude(bool ledgerIsLast)
    {
        foreach (var range in Ledger ?? []) Compare(range);
        long beyond = Numbers().Count(number => number >= _next);
        Strangers += ledgerIsLast || !_hasLedger ? beyond : beyond - _afterLedger.Count;
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

    private IEnumerable<long> Numbers(long from = 1)
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
