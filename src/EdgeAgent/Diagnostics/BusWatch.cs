using EdgeAgent.Can;
using EdgeAgent.Can.SocketCan;
using EdgeAgent.Capture;
using EdgeAgent.Tenancy;
using Microsoft.Extensions.Logging;

namespace EdgeAgent.Diagnostics;

/// <summary>One look at the bus of a source.</summary>
/// <param name="Bus">Its name.</param>
/// <param name="Interface">The CAN interface.</param>
/// <param name="IsOpen">Whether its frames are being read.</param>
/// <param name="Policy">What is to be done about it.</param>
/// <param name="Link">What the kernel tells of it; null if it is not there.</param>
/// <param name="Errors">Error frames read.</param>
internal sealed record BusLook(BusName Bus, string Interface, bool IsOpen, BusPolicy Policy, CanLinkInfo? Link, BusErrors Errors);

/// <summary>
/// Follows the buses that are captured: tells the tenant of changes of their controllers' states (<c>can/{bus}/state</c>) and of those that fall
/// silent or wake (<c>can/{bus}/silent</c>, <c>can/{bus}/awake</c>), the journal the same with what to do, and restarts controllers. Called
/// regularly, by one thread; what happens between two calls is known by the counters.
/// </summary>
/// <param name="record">Takes an event's members.</param>
/// <param name="restart">Restarts the controller of an interface, or throws <see cref="CanSourceException"/>.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">The journal.</param>
internal sealed class BusWatch(Action<Channel, ReadOnlyMemory<byte>> record, Action<string> restart, TimeProvider time, ILogger logger)
{
    /// <summary>Between two events of one kind from one bus: a broken cable changes the state many times a second.</summary>
    public static readonly TimeSpan ShortestDistance = TimeSpan.FromSeconds(30);

    private readonly long _begun = time.GetTimestamp();
    private readonly Dictionary<BusName, Watched> _buses = [];

    /// <summary>Looks at all buses.</summary>
    /// <param name="looks">One a bus; what is no longer among them is forgotten.</param>
    /// <returns>How each is, in the same order.</returns>
    public IReadOnlyList<BusReading> Step(IReadOnlyList<BusLook> looks)
    {
        foreach (var gone in _buses.Keys.Except(looks.Select(look => look.Bus)).ToArray()) _buses.Remove(gone);
        return [.. looks.Select(Step)];
    }

    private BusReading Step(BusLook look)
    {
        if (!_buses.TryGetValue(look.Bus, out var watched)) _buses.Add(look.Bus, watched = new Watched(look.Bus, record, restart, logger));
        var now = time.GetElapsedTime(_begun);
        watched.State.Observe(look, now);
        watched.Restarts.Observe(look, now);
        return new BusReading
        {
            Link = look.Link,
            Errors = look.Errors.Counts,
            Silent = watched.Silence.Observe(look, now),
            Load = watched.Load.Observe(look, now),
        };
    }

    private sealed class Watched(BusName bus, Action<Channel, ReadOnlyMemory<byte>> record, Action<string> restart, ILogger logger)
    {
        public BusStateWatch State { get; } = new(bus, record, logger);

        public SilenceWatch Silence { get; } = new(bus, record, logger);

        public BusRestarts Restarts { get; } = new(bus, restart, logger);

        public LoadWatch Load { get; } = new();
    }
}
