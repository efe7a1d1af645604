using System.Runtime.InteropServices;
using System.Text;

namespace EdgeAgent.Can.SocketCan;

/// <summary>A bit rate and where in a bit it is sampled.</summary>
/// <param name="BitRate">In bit/s.</param>
/// <param name="SamplePoint">In thousandths of a bit.</param>
public readonly record struct CanBitTiming(int BitRate, int SamplePoint);

/// <summary>The counters of an interface since it was made (<c>struct rtnl_link_stats64</c>).</summary>
public readonly record struct CanLinkStatistics(
    ulong ReceivedFrames, ulong SentFrames, ulong ReceivedBytes, ulong SentBytes, ulong ReceiveErrors, ulong SendErrors, ulong ReceiveDropped, ulong SendDropped);

/// <summary>What a controller's driver has counted since the interface was made (<c>struct can_device_stats</c>).</summary>
/// <param name="BusErrors">Errors on the bus, if the driver reports each.</param>
/// <param name="Warnings">Changes to error-warning.</param>
/// <param name="Passives">Changes to error-passive.</param>
/// <param name="BusOffs">Changes to bus-off.</param>
/// <param name="ArbitrationLost">How often arbitration was lost.</param>
/// <param name="Restarts">Restarts after bus-off.</param>
public readonly record struct CanDeviceStatistics(uint BusErrors, uint Warnings, uint Passives, uint BusOffs, uint ArbitrationLost, uint Restarts);

/// <summary>What the kernel tells of a CAN interface by rtnetlink, as <c>ip -details -statistics link show</c>. Members are null where it tells nothing, as of vcan.</summary>
public sealed record CanLinkInfo
{
    /// <summary>The driver's kind: <c>can</c>, <c>vcan</c>, <c>vxcan</c>; empty if it has none.</summary>
    public string Kind { get; init; } = "";

    /// <summary>True if the interface is up.</summary>
    public bool IsUp { get; init; }

    /// <summary>The longest frame on a socket, in bytes: <see cref="CanFrame.ClassicSizeOf"/>, with CAN FD <see cref="CanFrame.SizeOf"/>; 0 if unknown.</summary>
    public int Mtu { get; init; }

    /// <summary>The controller's clock in Hz; null if the driver tells none.</summary>
    public int? ClockHz { get; init; }

    /// <summary>How the controller is.</summary>
    public CanControllerState? State { get; init; }

    /// <summary>Of classic frames and the arbitration phase.</summary>
    public CanBitTiming? BitTiming { get; init; }

    /// <summary>Of the data phase of CAN FD frames.</summary>
    public CanBitTiming? DataBitTiming { get; init; }

    /// <summary>The controller's transmit error counter.</summary>
    public int? SendErrorCounter { get; init; }

    /// <summary>The controller's receive error counter.</summary>
    public int? ReceiveErrorCounter { get; init; }

    /// <summary>What the controller was told to do.</summary>
    public CanControllerModes Modes { get; init; }

    /// <summary>True if the interface may not send anything.</summary>
    public bool IsListenOnly => Modes.HasFlag(CanControllerModes.ListenOnly);

    /// <summary>How long after bus-off the controller returns; zero for never, null for an interface that has no controller.</summary>
    public TimeSpan? RestartAfter { get; init; }

    /// <summary>What the controller's driver has counted.</summary>
    public CanDeviceStatistics? DeviceStatistics { get; init; }

    /// <summary>Counters of the interface.</summary>
    public CanLinkStatistics Statistics { get; init; }

    /// <summary>Asks the kernel. Needs no privilege.</summary>
    /// <exception cref="CanSourceException">There is no such interface.</exception>
    public static unsafe CanLinkInfo Read(string interfaceName)
    {
        uint index = Libc.InterfaceIndex(interfaceName);
        if (index == 0) throw Errno.ToException(Errno.NoDevice, interfaceName, "looking for it");
        var request = new LinkRequest
        {
            Header = new NetlinkHeader { Length = (uint)sizeof(LinkRequest), Type = Libc.GetLink, Flags = Libc.NetlinkRequest, Sequence = 1 },
            Link = new LinkMessage { Index = (int)index },
        };
        byte[] answer = NetlinkSocket.Ask(new ReadOnlySpan<byte>(&request, sizeof(LinkRequest)), interfaceName, "asking about it");
        int errno = Parse(answer, out var info);
        return errno == 0 ? info : throw Errno.ToException(errno, interfaceName, "asking about it");
    }

    /// <summary>Reads an answer of the kernel.</summary>
    /// <returns>The error number that it holds; 0 if it holds an interface.</returns>
    internal static unsafe int Parse(ReadOnlySpan<byte> message, out CanLinkInfo info)
    {
        info = new CanLinkInfo();
        if (!MemoryMarshal.TryRead(message, out NetlinkHeader header) || header.Length < sizeof(NetlinkHeader) || header.Length > message.Length) return Errno.BadMessage;
        var body = message[sizeof(NetlinkHeader)..(int)header.Length];
        if (header.Type == Libc.NetlinkError) return MemoryMarshal.TryRead(body, out int negative) && negative < 0 ? -negative : Errno.BadMessage;
        if (header.Type != Libc.NewLink || !MemoryMarshal.TryRead(body, out LinkMessage link)) return Errno.BadMessage;

        info = info with { IsUp = (link.Flags & (uint)Libc.InterfaceIsUp) != 0 };
        for (var attributes = new NetlinkAttributes(body[sizeof(LinkMessage)..]); attributes.MoveNext();)
        {
            switch ((LinkAttribute)attributes.Type)
            {
                case LinkAttribute.Mtu when MemoryMarshal.TryRead(attributes.Value, out int mtu):
                    info = info with { Mtu = mtu };
                    break;
                case LinkAttribute.LinkInfo:
                    info = WithLinkInfo(info, attributes.Value);
                    break;
                case LinkAttribute.Statistics64 when MemoryMarshal.TryRead(attributes.Value, out CanLinkStatistics statistics):
                    info = info with { Statistics = statistics };
                    break;
            }
        }
        return 0;
    }

    private static CanLinkInfo WithLinkInfo(CanLinkInfo info, ReadOnlySpan<byte> value)
    {
        ReadOnlySpan<byte> data = default, counters = default;
        for (var attributes = new NetlinkAttributes(value); attributes.MoveNext();)
        {
            switch ((LinkInfoAttribute)attributes.Type)
            {
                case LinkInfoAttribute.Kind:
                    info = info with { Kind = Encoding.ASCII.GetString(attributes.Value.TrimEnd((byte)0)) };
                    break;
                case LinkInfoAttribute.Data:
                    data = attributes.Value;
                    break;
                case LinkInfoAttribute.DeviceStatistics:
                    counters = attributes.Value;
                    break;
            }
        }
        // The numbers within are those of the kind.
        if (info.Kind != "can") return info;
        if (MemoryMarshal.TryRead(counters, out CanDeviceStatistics statistics)) info = info with { DeviceStatistics = statistics };
        return WithController(info, data);
    }

    private static CanLinkInfo WithController(CanLinkInfo info, ReadOnlySpan<byte> value)
    {
        for (var attributes = new NetlinkAttributes(value); attributes.MoveNext();)
        {
            bool one = MemoryMarshal.TryRead(attributes.Value, out uint first);
            uint second = attributes.Value.Length >= 8 ? MemoryMarshal.Read<uint>(attributes.Value[4..]) : 0;
            if (!one) continue;
            info = (CanAttribute)attributes.Type switch
            {
                // struct can_bittiming begins with bit rate and sample point; a rate that was never set is 0
                CanAttribute.BitTiming when first > 0 => info with { BitTiming = new CanBitTiming((int)first, (int)second) },
                CanAttribute.DataBitTiming when first > 0 => info with { DataBitTiming = new CanBitTiming((int)first, (int)second) },
                CanAttribute.Clock when first is > 0 and <= int.MaxValue => info with { ClockHz = (int)first },
                CanAttribute.State when first <= (uint)CanControllerState.Sleeping => info with { State = (CanControllerState)first },
                // struct can_ctrlmode: mask, flags
                CanAttribute.ControllerMode => info with { Modes = (CanControllerModes)second },
                CanAttribute.RestartMs => info with { RestartAfter = TimeSpan.FromMilliseconds(first) },
                // struct can_berr_counter: two 16-bit numbers
                CanAttribute.BusErrorCounter => info with { SendErrorCounter = (int)(first & 0xFFFF), ReceiveErrorCounter = (int)(first >> 16) },
                _ => info,
            };
        }
        return info;
    }
}
