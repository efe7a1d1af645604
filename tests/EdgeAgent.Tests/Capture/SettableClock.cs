namespace EdgeAgent.Tests.Capture;

/// <summary>A clock whose wall time can be set without its monotonic time moving, as the system's can. (FakeTimeProvider moves both.)</summary>
internal sealed class SettableClock(DateTimeOffset wall) : TimeProvider
{
    private DateTimeOffset _wall = wall;
    private TimeSpan _monotonic = TimeSpan.FromSeconds(1);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => _monotonic.Ticks;

    public override DateTimeOffset GetUtcNow() => _wall;

    public void Advance(TimeSpan time)
    {
        _wall += time;
        _monotonic += time;
    }

    public void Set(DateTimeOffset wall) => _wall = wall;
}
