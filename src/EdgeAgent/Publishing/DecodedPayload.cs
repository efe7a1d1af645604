using EdgeAgent.Tenancy;

namespace EdgeAgent.Publishing;

/// <summary>From when the times of a payload count.</summary>
internal enum TimeReference
{
    /// <summary>Times are not known: the device's clock was never set, and it has booted since.</summary>
    Unknown,

    /// <summary>1970-01-01 UTC.</summary>
    Unix,

    /// <summary>The moment of publishing, from which they count backwards: the device's clock was never set.</summary>
    Publishing,
}

/// <summary>One sample as a receiver has it.</summary>
/// <param name="Sequence">Its number.</param>
/// <param name="TimeNs">In nanoseconds from the payload's <see cref="TimeReference"/>.</param>
/// <param name="Name"><c>bus/message/signal</c>.</param>
/// <param name="Unit">SenML's name for it where the encoding gives that, else the DBC file's; null if there is none.</param>
/// <param name="Value">In that unit.</param>
internal readonly record struct DecodedSample(long Sequence, long TimeNs, string Name, string? Unit, double Value);

/// <summary>A published record or batch of records.</summary>
/// <param name="Stamp">Whose it is.</param>
/// <param name="Stream">In which stream it is numbered.</param>
/// <param name="FirstSequence">The number of its first record.</param>
/// <param name="Count">How many records follow each other; 1 for a message.</param>
/// <param name="ClockSynchronized">False while nothing had set the device's clock.</param>
/// <param name="TimeReference">From when the samples' times count.</param>
/// <param name="Samples">In the order of their numbers; none for a message.</param>
internal sealed record DecodedPayload(
    RecordStamp Stamp, RecordStream Stream, long FirstSequence, int Count, bool ClockSynchronized, TimeReference TimeReference, IReadOnlyList<DecodedSample> Samples)
{
    public long LastSequence => FirstSequence + Count - 1;
}
