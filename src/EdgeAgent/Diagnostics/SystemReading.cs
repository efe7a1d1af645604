namespace EdgeAgent.Diagnostics;

/// <summary>How the machine and the agent's process are. Null is what the system does not say.</summary>
internal sealed record SystemReading
{
    /// <summary>How much of all processors together was busy since the reading before, whoever kept them so; 0 to 1.</summary>
    public double? Cpu { get; init; }

    /// <summary>The agent's part of <see cref="Cpu"/>; 0 to 1.</summary>
    public double? AgentCpu { get; init; }

    /// <summary>Memory of the agent that is not swapped out or shared away.</summary>
    public long? RssBytes { get; init; }

    /// <summary>Memory of the machine that can be had without swapping.</summary>
    public long? AvailableBytes { get; init; }

    /// <summary>What the agent can still write on the file system of its outbox.</summary>
    public long? DiskFreeBytes { get; init; }

    /// <summary>The size of that file system.</summary>
    public long? DiskTotalBytes { get; init; }

    /// <summary>What the agent has caused to be written to disks since its start.</summary>
    public long? WrittenBytes { get; init; }

    /// <summary>The hottest thermal zone.</summary>
    public double? TemperatureCelsius { get; init; }

    /// <summary>Since the agent's start.</summary>
    public double? UptimeSeconds { get; init; }
}
