using EdgeAgent.Capture;
using EdgeAgent.Tenancy;

namespace EdgeAgent.Diagnostics;

/// <summary>
/// Reports the device's health: at the start, every interval, and soon after something that matters has changed, which is a bus's state or that
/// the broker is back. A bus that flaps does not flood the outbox: reports have a shortest distance.
/// </summary>
/// <param name="read">The agent's parts; asked every second, so it is to be cheap.</param>
/// <param name="system">The machine; asked once a report.</param>
/// <param name="sink">Takes the members of a record's object.</param>
/// <param name="interval">How often at least, now.</param>
/// <param name="time">The clock.</param>
internal sealed class HealthReporter(Func<HealthInputs> read, Func<SystemReading> system, Action<Channel, ReadOnlyMemory<byte>> sink, Func<TimeSpan> interval, TimeProvider time)
{
    /// <summary>Between two reports, whatever happens.</summary>
    public static readonly TimeSpan ShortestDistance = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    private HealthInputs? _last;
    private long _reported;

    /// <summary>Reports until it is told to stop, which is no error; what the sink throws ends the loop.</summary>
    public Task RunAsync(CancellationToken stop)
    {
        Step();
        return Periodic.RunAsync(Look, time, Step, stop);
    }

    private void Step()
    {
        var now = read();
        var elapsed = _last is null ? TimeSpan.Zero : time.GetElapsedTime(_reported);
        if (_last is not null && elapsed < interval() && !(elapsed >= ShortestDistance && HasChanged(_last, now))) return;
        sink(Channel.Health, HealthReport.Of(now, system(), _last, elapsed).ToMembers());
        _last = now;
        _reported = time.GetTimestamp();
    }

    private static bool HasChanged(HealthInputs before, HealthInputs now) =>
        now.Link.Connected && (!before.Link.Connected || now.Link.Connects != before.Link.Connects)
        || !now.Buses.Select(Essence).SequenceEqual(before.Buses.Select(Essence));

    private static (string, string, string?, bool) Essence(BusInputs bus) => (bus.Health.Bus, bus.Health.State, bus.Health.Controller, bus.Health.SilentSeconds is not null);
}
