using EdgeAgent.Capture;
using EdgeAgent.Outbox;

namespace EdgeAgent.Publishing;

/// <summary>The time of a batch's first record as all encodings give it.</summary>
internal static class PublishedTime
{
    /// <summary>
    /// A receiver takes a time below 2^28 s for one relative to now (RFC 8428 §4.5.3), which is what a device whose clock was never set has to
    /// offer: how long ago it was.
    /// </summary>
    public const long FirstAbsoluteNs = (1L << 28) * 1_000_000_000;

    /// <summary>In nanoseconds since 1970-01-01 UTC, or before now; null if the clock was never set in an earlier boot, of which nothing is known.</summary>
    public static long? Of(Batch batch, WallClockReading clock, long? nowNs) => Absolute(batch, clock) ?? batch.FirstTimeNs - nowNs;

    /// <summary>In nanoseconds since 1970-01-01 UTC; null if the clock was never set.</summary>
    public static long? Absolute(Batch batch, WallClockReading clock) =>
        batch.FirstTimeNs + clock.OffsetNs is >= FirstAbsoluteNs and var absolute ? absolute : null;
}
