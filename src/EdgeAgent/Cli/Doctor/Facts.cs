using EdgeAgent.Can.SocketCan;

namespace EdgeAgent.Cli.Doctor;

/// <summary>All that was seen of the agent, its files, its machine and its network at one moment. Checks read it and touch nothing themselves.</summary>
internal sealed record Facts
{
    public required AgentAnswer Agent { get; init; }

    public required SetupReading Setup { get; init; }

    public IReadOnlyList<BusFacts> Buses { get; init; } = [];

    public required MachineReading Machine { get; init; }

    public NeighbourReading Neighbours { get; init; } = new(new HashSet<string>(), [], IsPartial: false);

    /// <summary>Null if the network was not looked at.</summary>
    public NetworkReading? Network { get; init; }

    /// <summary>What the agent says of itself; null if it says nothing.</summary>
    public AgentReading? Status => Agent.Status;
}

/// <summary>What the agent answered.</summary>
/// <param name="IsRunning">Whether anybody listens on its socket.</param>
/// <param name="Status">Its status; null if it gave none.</param>
/// <param name="Trouble">Why not.</param>
internal sealed record AgentAnswer(bool IsRunning, AgentReading? Status, string? Trouble = null)
{
    /// <summary>True if it runs and this user has no right to ask.</summary>
    public bool IsNotPermitted { get; init; }

    /// <summary>Its status a moment before.</summary>
    public AgentReading? Earlier { get; init; }

    /// <summary>How much later <see cref="Status"/> was asked for.</summary>
    public TimeSpan Between { get; init; }

    /// <summary>Samples a second, of all sources; null if that is not known.</summary>
    public double? SamplesPerSecond => Status is { } now && Earlier is { } then && Between > TimeSpan.Zero
        ? Math.Max(0, now.Sources.Sum(source => source.Samples) - then.Sources.Sum(source => source.Samples)) / Between.TotalSeconds
        : null;
}

/// <summary>A source of the running agent, or an interface of a machine on which none runs.</summary>
/// <param name="Bus">Its name.</param>
/// <param name="Interface">The CAN interface; null for a log or an adapter.</param>
/// <param name="Source">What the agent says of it; null without an agent.</param>
/// <param name="Before">What the kernel told of the interface first; null if it does not exist.</param>
/// <param name="Link">The same a moment later.</param>
internal sealed record BusFacts(string Bus, string? Interface, SourceReading? Source, CanLinkInfo? Before, CanLinkInfo? Link)
{
    /// <summary>Frames that were on the bus between the two looks, whoever wants them.</summary>
    public ulong Passed => Difference(counters => counters.ReceivedFrames + counters.SentFrames);

    /// <summary>Errors between the two looks.</summary>
    public ulong Erred => Difference(counters => counters.ReceiveErrors);

    private ulong Difference(Func<CanLinkStatistics, ulong> count) =>
        Before is { } before && Link is { } now && count(now.Statistics) is var last && count(before.Statistics) is var first && last > first ? last - first : 0;
}
