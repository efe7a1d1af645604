using EdgeAgent.Can;
using EdgeAgent.Can.SocketCan;

namespace EdgeAgent.Capture;

/// <summary>How the bus of a source is, as it was looked at last.</summary>
internal sealed record BusReading
{
    /// <summary>What the kernel tells of the interface; null for a log, and for an interface that is not there.</summary>
    public CanLinkInfo? Link { get; init; }

    /// <summary>Of the controller; null if the interface has none.</summary>
    public CanControllerState? Controller => Link?.State;

    /// <summary>How long it has been silent; null while it carries frames or is not open.</summary>
    public TimeSpan? Silent { get; init; }

    /// <summary>How much of the bit rate was used in the last seconds, estimated; 0 to 1; null if unknown.</summary>
    public double? Load { get; init; }

    /// <summary>Error frames read.</summary>
    public BusErrorCounts Errors { get; init; }
}
