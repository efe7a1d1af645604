namespace EdgeAgent.Cli;

/// <summary>What is kept of each bus of a log, made when a frame of the bus turns up.</summary>
internal sealed class BusStates<T>(Func<T> create)
{
    /// <summary>A log with more buses than this has no such buses: all are forgotten, so that memory does not grow.</summary>
    public const int Limit = 64;

    private readonly Dictionary<string, T> _states = [];

    public T Of(string bus)
    {
        if (_states.TryGetValue(bus, out var state)) return state;
        if (_states.Count == Limit) _states.Clear();
        return _states[bus] = create();
    }
}
