using EdgeAgent.Can;
using EdgeAgent.Obd;

namespace EdgeAgent.Capture;

/// <summary>One parameter of the standard that is asked for again and again.</summary>
/// <param name="Pid">Of SAE J1979 service 01.</param>
/// <param name="Every">How often: <see cref="Shortest"/>–<see cref="Longest"/>.</param>
internal sealed record ObdPoll(ObdPid Pid, TimeSpan Every)
{
    public static readonly TimeSpan Shortest = TimeSpan.FromSeconds(0.1), Longest = TimeSpan.FromHours(1);
}

/// <summary>How much asking is decent.</summary>
internal sealed record ObdManners
{
    public const int FewestRequests = 1, MostRequests = 1000;

    public static readonly TimeSpan ShortestYield = TimeSpan.FromSeconds(1), LongestYield = TimeSpan.FromHours(1);

    /// <summary>So many requests may be under way at once, each to another ECU.</summary>
    public const int AtOnce = CanObdLink.MaxAtOnce;

    /// <summary>
    /// The most requests a second, to all ECUs together. A request and its answer are two to about six frames: 50 a second are at most 8 % of a
    /// bus of 500 kbit/s.
    /// </summary>
    public int RequestsPerSecond { get; init; } = 50;

    /// <summary>How many parameters of service 01 one request may ask for: 6 on CAN, else 1.</summary>
    public int MaxPids { get; init; } = 1;

    /// <summary>How long another tester has the bus to itself after its last request.</summary>
    public TimeSpan YieldFor { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>True to leave the vehicle alone while its engine is off, even if the bus is alive.</summary>
    public bool StopsWithEngine { get; init; }
}

/// <summary>What the ECUs of a source are asked for while it is read.</summary>
/// <param name="Queries">At least one.</param>
/// <param name="Link">The way to the ECUs, shared by all who ask on that bus.</param>
/// <param name="OpenTraffic">Begins to listen for frames that are neither requests nor answers, or throws <see cref="CanSourceException"/>.</param>
internal sealed record ObdPollPlan(IReadOnlyList<ObdQuery> Queries, IObdLink Link, Func<IBusTraffic> OpenTraffic)
{
    /// <summary>How much asking is decent.</summary>
    public ObdManners Manners { get; init; } = new();

    /// <summary>Begins to listen for requests of other testers, or throws <see cref="CanSourceException"/>; null where none can be seen.</summary>
    public Func<IBusTraffic>? OpenTesters { get; init; }

    /// <summary>The vehicle's number, if that is read, too.</summary>
    public VinQuery? Vin { get; init; }

    /// <summary>What the samples stand for: <c>bus/OBD/EngineSpeed</c>, in the order of the queries and of the values in each.</summary>
    public IReadOnlyList<SignalDescription> SignalsOf(BusName bus) => [.. Queries.SelectMany(query => query.SignalsOf(bus))];
}
