namespace EdgeAgent.Can.Dbc;

/// <summary>Selector values from <paramref name="First"/> to <paramref name="Last"/>, both included.</summary>
/// <param name="First">The lowest value.</param>
/// <param name="Last">The highest value, not below <paramref name="First"/>.</param>
public readonly record struct DbcMultiplexerRange(ulong First, ulong Last);

/// <summary>When a multiplexed signal is present: its multiplexer holds one of the given values (and is present itself).</summary>
public sealed class DbcMultiplexing
{
    internal DbcMultiplexing(string multiplexer, IEnumerable<DbcMultiplexerRange> ranges)
    {
        Multiplexer = multiplexer;
        Ranges = Merge(ranges);
    }

    /// <summary>The name of the multiplexer, a signal of the same message.</summary>
    public string Multiplexer { get; }

    /// <summary>The multiplexer's raw values, read as unsigned, that select the signal: ascending, disjoint; empty if none does.</summary>
    public IReadOnlyList<DbcMultiplexerRange> Ranges { get; }

    /// <summary>True if no value is in the ranges of both.</summary>
    internal bool Excludes(DbcMultiplexing other)
    {
        for (int mine = 0, theirs = 0; mine < Ranges.Count && theirs < other.Ranges.Count;)
        {
            if (Ranges[mine].Last < other.Ranges[theirs].First) mine++;
            else if (other.Ranges[theirs].Last < Ranges[mine].First) theirs++;
            else return false;
        }

        return true;
    }

    /// <summary>True if a frame can hold the signal: all up its chain are multiplexers, and values that select.</summary>
    internal static bool CanBePresent(DbcSignal signal, IReadOnlyDictionary<string, DbcSignal> byName)
    {
        var depth = 0;
        for (var selection = signal.Multiplexing; selection is not null; selection = byName[selection.Multiplexer].Multiplexing)
        {
            if (depth++ == DbcLimits.MultiplexerDepth || selection.Ranges.Count == 0) return false;
            if (!byName.TryGetValue(selection.Multiplexer, out var multiplexer) || !multiplexer.IsMultiplexer) return false;
        }

        return true;
    }

    private static DbcMultiplexerRange[] Merge(IEnumerable<DbcMultiplexerRange> ranges)
    {
        var merged = new List<DbcMultiplexerRange>();
        foreach (var range in ranges.Where(range => range.First <= range.Last).OrderBy(range => range.First))
        {
            if (merged.Count > 0 && (range.First <= merged[^1].Last || range.First - 1 == merged[^1].Last))
            {
                merged[^1] = merged[^1] with { Last = Math.Max(merged[^1].Last, range.Last) };
            }
            else
            {
                merged.Add(range);
            }
        }

        return [.. merged];
    }
}
