using EdgeAgent.Tenancy;

namespace EdgeAgent.Outbox;

/// <summary>What a ledger keeps on the disk.</summary>
internal sealed class LedgerState
{
    public StreamState[] Streams { get; } = [new(RecordStream.Telemetry), new(RecordStream.Messages)];

    /// <summary>False while a run records, and for ever if it broke off.</summary>
    public bool Stopped { get; set; } = true;

    public StreamState this[RecordStream stream] => Streams[(int)stream];
}

/// <summary>The numbers of one stream.</summary>
internal sealed class StreamState(RecordStream stream)
{
    /// <summary>On the disk it is known that numbers below this one may have been used.</summary>
    public long Reserved = 1;

    public RecordStream Stream { get; } = stream;

    /// <summary>The next number; kept in memory alone.</summary>
    public long Next { get; set; } = 1;

    /// <summary>The first number of the run that recorded last: when it began, all below was accounted for.</summary>
    public long From { get; set; } = 1;

    public long FirstOfThisRun { get; set; } = 1;

    public StreamLedger Settled { get; } = new(StreamLedger.MaxRanges);

    public void StopAt(long next)
    {
        // Numbers that were reserved and not used come again, so nothing may be said of them.
        Reserved = Next = From = next;
        Settled.Clear(next, long.MaxValue);
    }
}

/// <summary>A stream in the report.</summary>
/// <param name="Assignment">Whose.</param>
/// <param name="Stream">Which.</param>
/// <param name="Next">The next number that nobody has used.</param>
/// <param name="Ranges">All of [1, next), without gaps.</param>
internal sealed record LedgerEntry(Assignment Assignment, RecordStream Stream, long Next, IReadOnlyList<LedgerRange> Ranges);
