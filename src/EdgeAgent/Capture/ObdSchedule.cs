using EdgeAgent.Can;
using EdgeAgent.Obd;

namespace EdgeAgent.Capture;

/// <summary>One request of a schedule.</summary>
/// <param name="Ecu">Whom to ask; null for all.</param>
/// <param name="Entries">What for: one, or several parameters of service 01.</param>
/// <param name="Request">What to send.</param>
internal sealed record ObdAsk(CanId? Ecu, IReadOnlyList<ObdScheduleEntry> Entries, ReadOnlyMemory<byte> Request);

/// <summary>
/// Which request is next, as a state machine on given times: what has been due for longest, as fast as the manners allow and the ECUs answer. A
/// request that all are asked is alone on the bus; else an ECU has one at a time. So everything that is due has its turn before anything has a
/// second. Parameters of one ECU are asked together; one that is not answered so is asked alone. One that is not answered then is asked
/// for less and less often, and given up until the next trip if it never was.
/// </summary>
internal sealed class ObdSchedule
{
    /// <summary>So often what was never answered is asked for in a trip.</summary>
    public const int MaxTries = 5;

    /// <summary>The longest wait for what was answered before: its ECU sleeps and will be back.</summary>
    public static readonly TimeSpan LongestBackOff = TimeSpan.FromSeconds(30);

    internal static readonly TimeSpan FirstBackOff = TimeSpan.FromSeconds(1);

    private readonly ObdManners _manners;
    private readonly ObdScheduleEntry[] _entries;
    private readonly List<ObdAsk> _underWay = [];
    private readonly TimeSpan _distance;
    private TimeSpan _free;

    public ObdSchedule(IReadOnlyList<ObdQuery> queries, ObdManners manners, Func<ObdQuery, int> slotsOf)
    {
        _manners = manners;
        _distance = TimeSpan.FromSeconds(1) / manners.RequestsPerSecond;
        int slot = 0;
        _entries = new ObdScheduleEntry[queries.Count];
        for (int i = 0; i < _entries.Length; i++)
        {
            _entries[i] = new ObdScheduleEntry(queries[i], slot);
            slot += slotsOf(queries[i]);
        }
    }

    public IReadOnlyList<ObdScheduleEntry> Entries => _entries;

    /// <summary>Answers a second that are wanted of what is not given up.</summary>
    public double WantedPerSecond => _entries.Where(entry => !entry.IsUnsupported).Sum(entry => 1 / entry.Query.Every.TotalSeconds);

    /// <summary>Everything is due, and nothing is known of what the ECUs can do: a new trip.</summary>
    public void Restart(TimeSpan now)
    {
        _underWay.Clear();
        foreach (var entry in _entries) entry.Restart(now);
    }

    /// <summary>What was under way came to nothing, through no fault of an ECU.</summary>
    public void Abandon()
    {
        _underWay.Clear();
        foreach (var entry in _entries) entry.IsAsked = false;
    }

    /// <summary>The request to send now; null if there is none yet.</summary>
    public ObdAsk? Start(TimeSpan now)
    {
        if (now < _free || Oldest(now) is not { } first) return null;
        List<ObdScheduleEntry> entries = [first];
        if (first.MayJoin)
        {
            while (entries.Count < _manners.MaxPids && OldestBeside(entries, now) is { } other) entries.Add(other);
        }
        var ask = new ObdAsk(first.Ecu, entries, entries.Count == 1 ? first.Query.Request : CurrentData.Request([.. entries.Select(entry => entry.Query.Pid!.Value)]));
        foreach (var entry in entries) entry.IsAsked = true;
        _underWay.Add(ask);
        // A wait that took a little too long is made up for, but never more than one.
        if (_free < now - _distance) _free = now - _distance;
        _free += _distance;
        return ask;
    }

    /// <summary>When there may be something to send; never, if first something that is under way has to end.</summary>
    public TimeSpan NextStart(TimeSpan now)
    {
        var next = TimeSpan.MaxValue;
        if (_underWay.Count >= ObdManners.AtOnce) return next;
        foreach (var entry in _entries)
        {
            if (!entry.IsUnsupported && !entry.IsAsked && !IsBlocked(entry) && entry.Due < next) next = entry.Due;
        }
        if (next <= now && Oldest(now) is null) return TimeSpan.MaxValue;
        return next < _free ? _free : next;
    }

    /// <summary>A request is over. What was not answered in it is asked alone, later, or not again.</summary>
    /// <param name="ask">The request.</param>
    /// <param name="answers">Who answered each of its entries; null for nobody.</param>
    /// <param name="now">The moment.</param>
    /// <param name="givenUp">Told of what is not asked for again.</param>
    public void Ended(ObdAsk ask, ReadOnlySpan<CanId?> answers, TimeSpan now, Action<ObdScheduleEntry> givenUp)
    {
        _underWay.Remove(ask);
        bool isAnswered = false;
        for (int i = 0; i < ask.Entries.Count; i++)
        {
            var entry = ask.Entries[i];
            entry.IsAsked = false;
            if (answers[i] is { } ecu)
            {
                isAnswered = true;
                entry.Answered(ecu, now);
                // An ECU that knows no such requests answers to the first parameter alone.
                if (Count(answers, ecu) > 1) entry.Together = true;
            }
            else if (ask.Entries.Count > 1 && entry.Together is null) entry.Together = false;
            else if (entry.Unanswered(now)) givenUp(entry);
        }
        if (!isAnswered) return;
        // The ECUs are awake again.
        foreach (var other in _entries)
        {
            if (other is { WasAnswered: true, Tries: > 0 } && other.Due > now) other.Due = now;
        }
    }

    private static int Count(ReadOnlySpan<CanId?> answers, CanId ecu)
    {
        int count = 0;
        foreach (var answer in answers) count += answer == ecu ? 1 : 0;
        return count;
    }

    private ObdScheduleEntry? Oldest(TimeSpan now)
    {
        if (_underWay.Count >= ObdManners.AtOnce) return null;
        ObdScheduleEntry? oldest = null, free = null;
        foreach (var entry in _entries)
        {
            if (entry.IsUnsupported || entry.IsAsked || entry.Due > now) continue;
            if (oldest is null || entry.Due < oldest.Due) oldest = entry;
            if (!IsBlocked(entry) && (free is null || entry.Due < free.Due)) free = entry;
        }
        // Those who are not asked alone wait until nothing is under way; if it is their turn, nothing more begins.
        return oldest is { Ecu: null } && oldest != free ? null : free;
    }

    private ObdScheduleEntry? OldestBeside(List<ObdScheduleEntry> entries, TimeSpan now)
    {
        ObdScheduleEntry? oldest = null;
        foreach (var entry in _entries)
        {
            if (entry.IsUnsupported || entry.IsAsked || entry.Due > now || !entry.MayJoin || entry.Ecu != entries[0].Ecu || oldest?.Due <= entry.Due) continue;
            if (!entries.Exists(other => other.Query.Pid == entry.Query.Pid)) oldest = entry;
        }
        return oldest;
    }

    private bool IsBlocked(ObdScheduleEntry entry)
    {
        foreach (var ask in _underWay)
        {
            if (entry.Ecu is null || ask.Ecu is null || ask.Ecu == entry.Ecu) return true;
        }
        return false;
    }
}
