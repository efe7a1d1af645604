namespace EdgeAgent.Diagnostics.Journal;

/// <summary>
/// Keeps what comes again and again from filling the journal: of one kind, an entry is let through at once, and of those that follow
/// within a minute the last, with how many there were. One thread at a time.
/// </summary>
internal sealed class JournalRepeats
{
    /// <summary>Between two entries of a kind.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    /// <summary>Kinds that are remembered. Beyond them entries are let through: journald has a limit of its own.</summary>
    public const int Capacity = 64;

    private readonly Dictionary<RepeatedKind, Held> _held = new(Capacity);

    /// <summary>True if the entry may go now. If not, it is to be handed to <see cref="Hold"/>.</summary>
    public bool MayPass(RepeatedKind kind, TimeSpan now)
    {
        if (_held.TryGetValue(kind, out var held))
        {
            if (held.Count > 0 || now - held.Since < Interval) return false;
            held.Since = now;
            return true;
        }
        if (_held.Count == Capacity) Forget(now);
        if (_held.Count < Capacity) _held.Add(kind, new Held { Since = now });
        return true;
    }

    /// <summary>Counts an entry that may not pass, and keeps it in the place of the one before.</summary>
    public void Hold(RepeatedKind kind, byte[] fields, string text)
    {
        var held = _held[kind];
        (held.Fields, held.Text, held.Count) = (fields, text, held.Count + 1);
    }

    /// <summary>When the next one is due; null if none is held.</summary>
    public TimeSpan? NextDue
    {
        get
        {
            TimeSpan? next = null;
            foreach (var held in _held.Values)
            {
                if (held.Count > 0 && !(held.Since + Interval >= next)) next = held.Since + Interval;
            }
            return next;
        }
    }

    /// <summary>Takes out those that are due.</summary>
    /// <param name="now">The time.</param>
    /// <param name="all">Also those that are not.</param>
    public List<RepeatedEntry> TakeDue(TimeSpan now, bool all = false)
    {
        List<RepeatedEntry> due = [];
        foreach (var held in _held.Values)
        {
            if (held.Count == 0 || now - held.Since < Interval && !all) continue;
            due.Add(new RepeatedEntry(held.Fields, held.Text, held.Count, now - held.Since));
            (held.Fields, held.Text, held.Count, held.Since) = ([], "", 0, now);
        }
        return due;
    }

    private void Forget(TimeSpan now)
    {
        foreach (var (kind, held) in _held)
        {
            if (held.Count == 0 && now - held.Since >= Interval) _held.Remove(kind);
        }
    }

    private sealed class Held
    {
        public TimeSpan Since { get; set; }

        public long Count { get; set; }

        public byte[] Fields { get; set; } = [];

        public string Text { get; set; } = "";
    }
}

/// <summary>What makes two entries the same: the event, and the bus and state that it is about or, without a bus, its words.</summary>
internal readonly record struct RepeatedKind(int EventId, string About);

/// <summary>The last of some entries of a kind.</summary>
/// <param name="Fields">As in <see cref="JournalEntry.Bytes"/>, without the text.</param>
/// <param name="Text">Its text.</param>
/// <param name="Count">How many there were.</param>
/// <param name="Within">In which time.</param>
internal readonly record struct RepeatedEntry(byte[] Fields, string Text, long Count, TimeSpan Within);
