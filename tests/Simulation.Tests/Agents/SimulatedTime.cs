namespace EdgeAgent.Simulation.Tests.Agents;

/// <summary>
/// The device's clocks in one life: a monotonic one that goes when the simulation says so, and a wall clock that can be set. Timers fire in the
/// order in which they are due; a periodic one fires once for however many periods have passed. Of one thread.
/// </summary>
internal sealed class SimulatedTime(DateTimeOffset wall) : TimeProvider
{
    private readonly PriorityQueue<(Timer Timer, int Version), (long Due, long Order)> _timers = new();
    private long _now;
    private long _wall = wall.UtcTicks;
    private long _order;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    public override DateTimeOffset GetUtcNow() => new(_wall + _now, TimeSpan.Zero);

    public override long GetTimestamp() => _now;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Somebody sets the wall clock.</summary>
    public void SetUtcNow(DateTimeOffset moment) => _wall = moment.UtcTicks - _now;

    public void Advance(TimeSpan step)
    {
        long until = _now + step.Ticks;
        while (_timers.TryPeek(out var next, out var when) && when.Due <= until)
        {
            _timers.Dequeue();
            if (next.Timer.Version != next.Version) continue;
            _now = Math.Max(_now, when.Due);
            next.Timer.Fire(when.Due, until);
        }
        _now = until;
    }

    private sealed class Timer(SimulatedTime time, TimerCallback callback, object? state) : ITimer
    {
        private long _period;

        /// <summary>Grows with each change, so that what was planned before is passed over.</summary>
        public int Version { get; private set; }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            Version++;
            _period = period <= TimeSpan.Zero ? 0 : period.Ticks;
            ArgumentOutOfRangeException.ThrowIfGreaterThan(dueTime.TotalMilliseconds, uint.MaxValue - 1.0, nameof(dueTime));
            if (dueTime != Timeout.InfiniteTimeSpan) Plan(time._now + dueTime.Ticks);
            return true;
        }

        public void Fire(long due, long until)
        {
            if (_period > 0) Plan(due + _period * ((until - due) / _period + 1));
            callback(state);
        }

        public void Dispose() => Version++;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        private void Plan(long due) => time._timers.Enqueue((this, Version), (due, time._order++));
    }
}
