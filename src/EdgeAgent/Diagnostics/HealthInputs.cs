using EdgeAgent.Can;
using EdgeAgent.Capture;

namespace EdgeAgent.Diagnostics;

/// <summary>What the agent's parts say of themselves at one moment, as counted since the agent's start where nothing else is said.</summary>
/// <param name="Version">Of the agent.</param>
/// <param name="Link">The broker.</param>
/// <param name="Buses">The sources of the running pipeline; empty without one.</param>
/// <param name="Outbox">What became of the records of the tenant whose the device is.</param>
/// <param name="Drops">What was lost, and where.</param>
internal sealed record HealthInputs(string Version, LinkHealth Link, IReadOnlyList<BusInputs> Buses, OutboxHealth Outbox, DropHealth Drops);

/// <summary>One bus as its reader and its interface know it.</summary>
/// <param name="Health">What is reported as it is; <see cref="BusHealth.Load"/> is worked out.</param>
/// <param name="TrafficBits">From <see cref="BusTraffic"/>; null for what is no CAN interface.</param>
internal sealed record BusInputs(BusHealth Health, BusBits? TrafficBits);

/// <summary>The connection to the broker.</summary>
/// <param name="Connected">Whether there is one.</param>
/// <param name="Connects">How many there have been.</param>
/// <param name="LastTrouble">Why the last one failed or ended, for people; null if none has.</param>
internal sealed record LinkHealth(bool Connected, long Connects, string? LastTrouble);

/// <summary>A bus.</summary>
/// <param name="Bus">Its name in signal names.</param>
/// <param name="State">Of its reader: <c>starting</c>, <c>open</c>, <c>retrying</c>, <c>ended</c>, <c>stopped</c>.</param>
/// <param name="Controller">Of the CAN controller: <c>error-active</c>, <c>error-warning</c>, <c>error-passive</c>, <c>bus-off</c>, <c>stopped</c>, <c>sleeping</c>; null if it has none.</param>
/// <param name="BitRate">Nominal, bit/s; null if unknown.</param>
/// <param name="Load">How much of the bit rate was used since the report before, estimated; 0 to 1; null if unknown.</param>
/// <param name="Frames">Frames read.</param>
/// <param name="Samples">Samples taken from them.</param>
/// <param name="ErrorFrames">Error frames read.</param>
/// <param name="Openings">How often it was opened.</param>
internal sealed record BusHealth(string Bus, string State, string? Controller, long? BitRate, double? Load, long Frames, long Samples, long ErrorFrames, long Openings)
{
    /// <summary>Of the data of CAN FD, bit/s.</summary>
    public long? DataBitRate { get; init; }

    /// <summary>Where in a bit it is sampled, 0 to 1.</summary>
    public double? SamplePoint { get; init; }

    /// <summary>True if its controller only listens.</summary>
    public bool ListenOnly { get; init; }

    /// <summary>The controller's error counters.</summary>
    public long? SendErrorCounter { get; init; }

    /// <inheritdoc cref="SendErrorCounter"/>
    public long? ReceiveErrorCounter { get; init; }

    /// <summary>How long it has carried no frame; null while it does.</summary>
    public double? SilentSeconds { get; init; }

    /// <summary>The error frames by class.</summary>
    public BusErrorCounts Errors { get; init; }

    /// <summary>What becomes of asking its ECUs; null if nothing is asked.</summary>
    public ObdHealth? Obd { get; init; }
}

/// <summary>The polling of a bus.</summary>
/// <param name="State">As <see cref="ObdPoller.StateName"/>.</param>
/// <param name="Rates">As measured last; null while nothing is asked.</param>
internal sealed record ObdHealth(string State, ObdRates? Rates);

/// <summary>One tenant's part of the outbox, with all that its ledgers know: it is told to the tenant.</summary>
/// <param name="BufferedSamples">Samples captured and not acknowledged.</param>
/// <param name="StoredBatches">Batches on the disk.</param>
/// <param name="StoredBytes">Bytes that these take.</param>
/// <param name="MemoryBytes">Payload in memory.</param>
/// <param name="OldestSeconds">How long the oldest batch has waited; null if none waits.</param>
/// <param name="Delivered">Samples acknowledged by the broker.</param>
/// <param name="Lost">Samples that are known to be lost.</param>
internal sealed record OutboxHealth(long BufferedSamples, long StoredBatches, long StoredBytes, long MemoryBytes, double? OldestSeconds, long Delivered, long Lost);

/// <summary>What was given up, by where.</summary>
/// <param name="Kernel">Frames that found the socket's buffer full.</param>
/// <param name="Ring">Samples that found the ring full.</param>
/// <param name="Evicted">Samples that made room for others.</param>
/// <param name="Corrupt">Samples in batches that the disk damaged.</param>
internal sealed record DropHealth(long Kernel, long Ring, long Evicted, long Corrupt);
