using EdgeAgent.Can;
using EdgeAgent.Obd;

namespace EdgeAgent.Capture;

/// <summary>
/// Which parameter is asked for next. All that are due have their turn before one has its second. One that is not answered is asked for less
/// and less often, and given up if it never was.
/// </summary>
internal sealed class ObdSchedule
{
    /// <summary>So often a parameter that was never answered is asked for.</summary>
    public const int MaxTries = 5;

    /// <summary>The longest wait for one that was answered before: its ECU sleeps and will be back.</summary>
    public static readonly TimeSpan LongestBackOff = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan FirstBackOff = TimeSpan.FromSeconds(1);

    private readonly Entry[] _entries;
    private int _turn;

    public ObdSchedule(IReadOnlyList<ObdPoll> polls)
    {
        int slot = 0;
        _entries = new Entry[polls.Count];
        for (int i = 0; i < _entries.Length; i++)
        {
            _entries[i] = new Entry(polls[i], slot);
            slot += polls[i].Pid.Parameters.Count;
        }
    }

    /// <summary>Everything is due, and nothing is known of what the ECUs can do.</summary>
    public void Restart(TimeSpan now)
    {
        foreach (var entry in _entries)
        {
            entry.Due = now;
            entry.Tries = 0;
            entry.WasAnswered = false;
            entry.IsUnsupported = false;
            entry.Ecu = null;
        }
    }

    /// <summary>The next that is due, or null.</summary>
    public Entry? Next(TimeSpan now)
    {
        for (int i = 0; i < _entries.Length; i++)
        {
            int at = (_turn + i) % _entries.Length;
            var entry = _entries[at];
            if (entry.IsUnsupported || entry.Due > now) continue;
            _turn = at + 1;
            return entry;
        }
        return null;
    }

    /// <summary>When the next will be due; never, if none is supported.</summary>
    public TimeSpan NextDue => _entries.Where(entry => !entry.IsUnsupported).Select(entry => entry.Due).DefaultIfEmpty(TimeSpan.MaxValue).Min();

    public void Answered(Entry entry, CanId ecu, TimeSpan now)
    {
        entry.Ecu = ecu;
        entry.WasAnswered = true;
        entry.Tries = 0;
        // What could not be asked in time is not caught up on.
        entry.Due += entry.Poll.Every;
        if (entry.Due < now) entry.Due = now;
        // The ECUs are awake again.
        foreach (var other in _entries)
        {
            if (other is { WasAnswered: true, Tries: > 0 } && other.Due > now) other.Due = now;
        }
    }

    internal sealed class Entry(ObdPoll poll, int firstSlot)
    {
        public ObdPoll Poll { get; } = poll;

        /// <summary>The place of its first number among the signals of the plan.</summary>
        public int FirstSlot { get; } = firstSlot;

        public ReadOnlyMemory<byte> Request { get; } = new byte[] { ObdService.CurrentData, poll.Pid.Pid };

        /// <summary>Who answered; then it alone is asked, which takes less time and fewer frames.</summary>
        public CanId? Ecu { get; set; }

        public TimeSpan Due { get; set; }

        public int Tries { get; set; }

        public bool WasAnswered { get; set; }

        public bool IsUnsupported { get; set; }

        /// <returns>True if it will not be asked for again.</returns>
        public bool Unanswered(TimeSpan now)
        {
            Ecu = null;
            Tries++;
            if (!WasAnswered && Tries == MaxTries) return IsUnsupported = true;
            var backOff = FirstBackOff * Math.Pow(2, Math.Min(Tries, 8) - 1);
            if (backOff > LongestBackOff) backOff = LongestBackOff;
            Due = now + (backOff > Poll.Every ? backOff : Poll.Every);
            return false;
        }
    }
}
