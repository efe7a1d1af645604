using EdgeAgent.Can;

namespace EdgeAgent.Capture;

/// <summary>A query in a schedule, and what is known of it in this trip.</summary>
internal sealed class ObdScheduleEntry(ObdQuery query, int firstSlot)
{
    public ObdQuery Query { get; } = query;

    /// <summary>The place of its first value among the signals of the plan.</summary>
    public int FirstSlot { get; } = firstSlot;

    /// <summary>Whom to ask: who is named, or who answered before, which takes less time and fewer frames than asking all.</summary>
    public CanId? Ecu { get; private set; } = query.Ecu;

    public TimeSpan Due { get; set; }

    /// <summary>Requests without an answer since the last answer.</summary>
    public int Tries { get; private set; }

    /// <summary>True if it was answered in this trip.</summary>
    public bool WasAnswered { get; private set; }

    /// <summary>True if it is not asked for again in this trip.</summary>
    public bool IsUnsupported { get; private set; }

    /// <summary>Whether its ECU answers it together with others; null if that is not known.</summary>
    public bool? Together { get; set; }

    /// <summary>True while a request for it is under way.</summary>
    public bool IsAsked { get; set; }

    /// <summary>Whether it may be asked together with others.</summary>
    public bool MayJoin => Query.Pid is not null && Together != false && Tries == 0;

    /// <summary>Nothing is known of it.</summary>
    public void Restart(TimeSpan now)
    {
        Ecu = Query.Ecu;
        Due = now;
        Tries = 0;
        WasAnswered = IsUnsupported = IsAsked = false;
        Together = null;
    }

    public void Answered(CanId ecu, TimeSpan now)
    {
        Ecu = ecu;
        WasAnswered = true;
        Tries = 0;
        // What could not be asked in time is not caught up on.
        Due += Query.Every;
        if (Due < now) Due = now;
    }

    /// <returns>True if it will not be asked for again.</returns>
    public bool Unanswered(TimeSpan now)
    {
        Ecu = Query.Ecu;
        Tries++;
        if (!WasAnswered && Tries == ObdSchedule.MaxTries) return IsUnsupported = true;
        var backOff = ObdSchedule.FirstBackOff * Math.Pow(2, Math.Min(Tries, 8) - 1);
        if (backOff > ObdSchedule.LongestBackOff) backOff = ObdSchedule.LongestBackOff;
        Due = now + (backOff > Query.Every ? backOff : Query.Every);
        return false;
    }
}
