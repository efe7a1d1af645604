namespace EdgeAgent.Benchmarks;

/// <summary>A clock that goes on when it is told to, so that days pass in minutes.</summary>
internal sealed class SteppedClock : TimeProvider
{
    private static readonly DateTimeOffset Begin = new(2026, 5, 4, 8, 0, 0, TimeSpan.Zero);

    private TimeSpan _elapsed = TimeSpan.Zero;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => _elapsed.Ticks;

    public override DateTimeOffset GetUtcNow() => Begin + _elapsed;

    public void Step(TimeSpan step) => _elapsed += step;
}
