namespace EdgeAgent.Simulation.Tests.Agents;

/// <summary>The time of the simulated world, which goes on whatever clocks say, and what happens in it when.</summary>
internal sealed class Agenda
{
    private readonly PriorityQueue<Action, (TimeSpan Due, long Order)> _events = new();
    private long _order;

    /// <summary>Since the world began.</summary>
    public TimeSpan Now { get; private set; }

    /// <summary>By the world's clock, which is right.</summary>
    public DateTimeOffset UtcNow => Beginning + Now;

    private static readonly DateTimeOffset Beginning = new(2026, 5, 4, 8, 0, 0, TimeSpan.Zero);

    /// <summary>Something happens later; what has the same time happens in the order of these calls.</summary>
    public void After(TimeSpan wait, Action happens) => _events.Enqueue(happens, (Now + wait, _order++));

    public void Advance(TimeSpan step) => Now += step;

    /// <summary>Lets the next thing happen that is due.</summary>
    public bool TryRunNext()
    {
        if (!_events.TryPeek(out _, out var when) || when.Due > Now) return false;
        _events.Dequeue()();
        return true;
    }
}
