using EdgeAgent.Can;
using EdgeAgent.Can.SocketCan;

namespace EdgeAgent.Diagnostics;

/// <summary>
/// How much went over a CAN interface by the kernel's own counters: everything on the bus, also the frames that the agent's filters pass
/// over, and so the measure of the bus's load.
/// </summary>
internal static class BusTraffic
{
    /// <summary>Bits since the interface was made; null for what is no CAN interface.</summary>
    public static BusBits? Of(CanLinkInfo? link)
    {
        if (link is not { Kind: "can" or "vcan" or "vxcan" }) return null;
        var counted = link.Statistics;
        return BusLoad.Estimate((long)(counted.ReceivedFrames + counted.SentFrames), (long)(counted.ReceivedBytes + counted.SentBytes), link.DataBitTiming is not null);
    }
}
