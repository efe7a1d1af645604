namespace EdgeAgent.Outbox;

/// <summary>
/// The fate of every number of one stream: a sorted list of ranges that are settled. What is in none of them waits somewhere, so that a
/// record needs no entry while it is buffered. Not thread-safe.
/// </summary>
/// <remarks>
/// When there are more ranges than <see cref="MaxRanges"/>, the two neighbours with the least between them become one range, which says
/// <see cref="LedgerOutcome.Unconfirmed"/> unless all of it had the same fate. So the ledger may come to know less, and never says
/// <see cref="LedgerOutcome.Delivered"/> of what was not; what it learns later replaces that part of the range again.
/// </remarks>
internal sealed class StreamLedger(int most)
{
    /// <summary>The most ranges of a stream in the ledger.</summary>
    public const int MaxRanges = 4096;

    private readonly List<LedgerRange> _ranges = [];

    /// <summary>The settled ranges in order; neighbours differ or do not touch.</summary>
    public IReadOnlyList<LedgerRange> Ranges => _ranges;

    /// <summary>Settles numbers, whatever was said of them before.</summary>
    public void Set(LedgerRange range)
    {
        int at = Cut(range.From, range.To);
        _ranges.Insert(at, range);
        Join(at);
        Join(at - 1);
        // One that is put into the middle of another makes two more.
        while (_ranges.Count > most) Merge();
    }

    /// <summary>Settles what is not settled of these numbers.</summary>
    /// <returns>How many these were.</returns>
    public long Fill(LedgerRange range)
    {
        long filled = 0;
        foreach (var (from, to) in Open(range.From, range.To))
        {
            Set(range with { From = from, To = to });
            filled += to - from + 1;
        }
        return filled;
    }

    /// <summary>These numbers wait again.</summary>
    public void Clear(long from, long to) => Cut(from, to);

    /// <summary>What is not settled of these numbers, in order.</summary>
    public List<(long From, long To)> Open(long from, long to)
    {
        List<(long, long)> open = [];
        for (int i = FirstEndingAtOrAfter(from); i < _ranges.Count && _ranges[i].From <= to; i++)
        {
            if (_ranges[i].From > from) open.Add((from, _ranges[i].From - 1));
            from = _ranges[i].To + 1;
        }
        if (from <= to) open.Add((from, to));
        return open;
    }

    /// <summary>True if each of these numbers is in such a range.</summary>
    public bool Are(long from, long to, Func<LedgerRange, bool> such)
    {
        for (int i = FirstEndingAtOrAfter(from); from <= to; i++)
        {
            if (i == _ranges.Count || _ranges[i].From > from || !such(_ranges[i])) return false;
            from = _ranges[i].To + 1;
        }
        return true;
    }

    /// <summary>All of [1, next), with what waits as <see cref="LedgerOutcome.Buffered"/>.</summary>
    public IReadOnlyList<LedgerRange> Complete(long next)
    {
        List<LedgerRange> all = [];
        long from = 1;
        foreach (var range in _ranges)
        {
            if (range.From > from) all.Add(new LedgerRange(from, range.From - 1, LedgerOutcome.Buffered));
            all.Add(range);
            from = range.To + 1;
        }
        if (from < next) all.Add(new LedgerRange(from, next - 1, LedgerOutcome.Buffered));
        return all;
    }

    /// <summary>Takes these numbers out of all ranges.</summary>
    /// <returns>Where in the list a range of them belongs.</returns>
    private int Cut(long from, long to)
    {
        int first = FirstEndingAtOrAfter(from), behind = first;
        while (behind < _ranges.Count && _ranges[behind].From <= to) behind++;
        if (first == behind) return first;
        var (left, right) = (_ranges[first], _ranges[behind - 1]);
        _ranges.RemoveRange(first, behind - first);
        if (right.To > to) _ranges.Insert(first, right with { From = to + 1 });
        if (left.From < from) _ranges.Insert(first++, left with { To = from - 1 });
        return first;
    }

    /// <summary>Makes one of a range and the next if they touch and say the same.</summary>
    private void Join(int at)
    {
        if (at < 0 || at + 1 >= _ranges.Count) return;
        var (left, right) = (_ranges[at], _ranges[at + 1]);
        if (left.To + 1 != right.From || !left.IsSame(right)) return;
        _ranges[at] = left with { To = right.To };
        _ranges.RemoveAt(at + 1);
    }

    private void Merge()
    {
        int best = 0;
        for (int i = 1; i + 1 < _ranges.Count; i++)
        {
            if (_ranges[i + 1].From - _ranges[i].To < _ranges[best + 1].From - _ranges[best].To) best = i;
        }
        _ranges[best] = new LedgerRange(_ranges[best].From, _ranges[best + 1].To, LedgerOutcome.Unconfirmed, LedgerReason.Merged);
        _ranges.RemoveAt(best + 1);
        Join(best);
        Join(best - 1);
    }

    private int FirstEndingAtOrAfter(long number)
    {
        // Most of the time it is about the newest.
        if (_ranges.Count > 0 && _ranges[^1].To < number) return _ranges.Count;
        int low = 0, high = _ranges.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (_ranges[middle].To < number) low = middle + 1;
            else high = middle;
        }
        return low;
    }
}
