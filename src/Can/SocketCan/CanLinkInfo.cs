using System.Runtime.InteropServices;
using System.Text;

namespace EdgeAgent.Can.SocketCan;

/// <summary>How a CAN controller is (ISO 11898-1 fault confinement; linux/can/netlink.h <c>can_state</c>).</summary>
public enum CanControllerState
{
    /// <summary>All is well.</summary>
    ErrorActive,

    /// <summary>An error counter has reached 96.</summary>
    ErrorWarning,

    /// <summary>An error counter has reached 128.</summary>
    ErrorPassive,

    /// <summary>The controller has left the bus.</summary>
    BusOff,

    /// <summary>The interface is down.</summary>
    Stopped,

    /// <summary>The controller sleeps.</summary>
    Sleeping,
}

/// <summary>What a controller was told to do (linux/can/netlink.h <c>CAN_CTRLMODE_…</c>).</summary>
[Flags]
public enum CanControllerModes
{
    /// <summary>Nothing special.</summary>
    None = 0,

    /// <summary>It hears itself and does not depend on others.</summary>
    Loopback = 0x01,

    /// <summary>It never sends, not even an acknowledgement.</summary>
    ListenOnly = 0x02,

    /// <summary>It samples each bit three times.</summary>
    TripleSampling = 0x04,

    /// <summary>It does not repeat what was not acknowledged.</summary>
    OneShot = 0x08,

    /// <summary>It reports each bus error.</summary>
    ErrorReporting = 0x10,

    /// <summary>CAN FD.</summary>
    Fd = 0x20,

    /// <summary>It takes a missing acknowledgement for one.</summary>
    PresumeAcknowledge = 0x40,

    /// <summary>CAN FD as before ISO 11898-1:2015.</summary>
    FdNonIso = 0x80,
}

/// <summary>A bit rate and where in a bit it is sampled.</summary>
/// <param name="BitRate">In bit/s.</param>
/// <param name="SamplePoint">In thousandths of a bit.</param>
public readonly record struct CanBitTiming(int BitRate, int SamplePoint);

/// <summary>The counters of an interface since it was made (<c>struct rtnl_link_stats64</c>).</summary>
public readonly record struct CanLinkStatistics(
    ulong ReceivedFrames, ulong SentFrames, ulong ReceivedBytes, ulong SentBytes, ulong ReceiveErrors, ulong SendErrors, ulong ReceiveDropped, ulong SendDropped);

/// <summary>What the kernel tells of a CAN interface by rtnetlink, as <c>ip -details -statistics link show</c>. Members are null where it tells nothing, as of vcan.</summary>
public sealed record CanLinkInfo
{
    private const int BufferSize = 32 * 1024;

    /// <summary>The driver's kind: <c>can</c>, <c>vcan</c>, <c>vxcan</c>; empty if it has none.</summary>
    public string Kind { get; init; } = "";

    /// <summary>True if the interface is up.</summary>
    public bool IsUp { get; init; }

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

    /// <summary>Counters of the interface.</summary>
    public CanLinkStatistics Statistics { get; init; }

    /// <summary>Asks the kernel. Needs no privilege.</summary>
    /// <exception cref="CanSourceException">There is no such interface.</exception>
    public static unsafe CanLinkInfo Read(string interfaceName)
    {
        uint index = Libc.InterfaceIndex(interfaceName);
        if (index == 0) throw Errno.ToException(Errno.NoDevice, interfaceName, "looking for it");
        using var socket = new SocketHandle(Libc.Socket(Libc.AfNetlink, Libc.SockRaw | Libc.SockCloseOnExec, Libc.NetlinkRoute));
        if (socket.IsInvalid) throw Errno.ToException(Marshal.GetLastPInvokeError(), interfaceName, "making a netlink socket");
        nint descriptor = socket.DangerousGetHandle();
        var request = new LinkRequest
        {
            Header = new NetlinkHeader { Length = (uint)sizeof(LinkRequest), Type = Libc.GetLink, Flags = Libc.NetlinkRequest, Sequence = 1 },
            Link = new LinkMessage { Index = (int)index },
        };
        if (Libc.Write(descriptor, &request, (nuint)sizeof(LinkRequest)) < 0) throw Errno.ToException(Marshal.GetLastPInvokeError(), interfaceName, "asking about it");
        byte[] answer = new byte[BufferSize];
        fixed (byte* buffer = answer)
        {
            // The kernel answers within the request, so there is nothing to wait for.
            nint read = Libc.Read(descriptor, buffer, BufferSize);
            if (read < 0) throw Errno.ToException(Marshal.GetLastPInvokeError(), interfaceName, "asking about it");
            int errno = Parse(answer.AsSpan(0, (int)read), out var info);
            return errno == 0 ? info : throw Errno.ToException(errno, interfaceName, "asking about it");
        }
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
        ReadOnlySpan<byte> data = default;
        for (var attributes = new NetlinkAttributes(value); attributes.MoveNext();)
        {
            if (attributes.Type == (ushort)LinkInfoAttribute.Kind) info = info with { Kind = Encoding.ASCII.GetString(attributes.Value.TrimEnd((byte)0)) };
            else if (attributes.Type == (ushort)LinkInfoAttribute.Data) data = attributes.Value;
        }
        // The numbers within are those of the kind.
        return info.Kind == "can" ? WithController(info, data) : info;
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
