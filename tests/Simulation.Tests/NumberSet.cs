namespace EdgeAgent.Simulation.Tests;

/// <summary>A set of sequence numbers, as ranges.</summary>
internal sealed class NumberSet
{
    private readonly List<(long From, long To)> _ranges = [];

    public long Count => _ranges.Sum(range => range.To - range.From + 1);

    public IReadOnlyList<(long From, long To)> Ranges => _ranges;

    public long Last => _ranges.Count == 0 ? 0 : _ranges[^1].To;

    public void Add(long from, long to)
    {
        if (from > to) return;
        int at = _ranges.FindIndex(range => range.To >= from - 1);
        if (at < 0)
        {
            _ranges.Add((from, to));
            return;
        }
        while (at < _ranges.Count && _ranges[at].From <= to + 1)
        {
            (from, to) = (Math.Min(from, _ranges[at].From), Math.Max(to, _ranges[at].To));
            _ranges.RemoveAt(at);
        }
        _ranges.Insert(at, (from, to));
    }

    public void Clear() => _ranges.Clear();

    public bool Contains(long number) => ContainsAll(number, number);

    public bool ContainsAll(long from, long to) => _ranges.Exists(range => range.From <= from && to <= range.To);

    public bool Overlaps(long from, long to) => _ranges.Exists(range => range.From <= to && from <= range.To);

    /// <summary>What of this set is not in the other.</summary>
    public IEnumerable<(long From, long To)> Except(NumberSet other)
    {
        foreach (var (from, to) in _ranges)
        {
            long next = from;
            foreach (var known in other._ranges.Where(known => known.From <= to && from <= known.To))
            {
                if (known.From > next) yield return (next, known.From - 1);
                next = known.To + 1;
            }
            if (next <= to) yield return (next, to);
        }
    }
}
