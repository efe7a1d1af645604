using System.Runtime.InteropServices;

namespace EdgeAgent.Can.SocketCan;

/// <summary>netlink(7), rtnetlink(7), linux/if_link.h and linux/can/netlink.h.</summary>
internal static unsafe partial class Libc
{
    public const int AfNetlink = 16, NetlinkRoute = 0;
    public const ushort NetlinkError = 2, NewLink = 16, GetLink = 18, NetlinkRequest = 1, NetlinkAcknowledge = 4;
    public const int SolNetlink = 270, NetlinkExtendedAcknowledge = 11;

    /// <summary>In the header of an error: the request is not repeated in it, and attributes follow (NLM_F_CAPPED, NLM_F_ACK_TLVS).</summary>
    public const ushort NetlinkCapped = 0x100, NetlinkErrorAttributes = 0x200;

    /// <summary>The kernel's reason in words, an attribute of an error (NLMSGERR_ATTR_MSG).</summary>
    public const ushort NetlinkErrorMessage = 1;

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    public static partial nint Read(nint descriptor, void* data, nuint length);
}

/// <summary>Attributes of an interface (IFLA_…).</summary>
internal enum LinkAttribute : ushort
{
    Mtu = 4,
    LinkInfo = 18,
    Statistics64 = 23,
}

/// <summary>Attributes within <see cref="LinkAttribute.LinkInfo"/> (IFLA_INFO_…).</summary>
internal enum LinkInfoAttribute : ushort
{
    Kind = 1,
    Data = 2,
    DeviceStatistics = 3,
}

/// <summary>Attributes of a CAN controller within <see cref="LinkInfoAttribute.Data"/> (IFLA_CAN_…).</summary>
internal enum CanAttribute : ushort
{
    BitTiming = 1,
    Clock = 3,
    State = 4,
    ControllerMode = 5,
    RestartMs = 6,
    Restart = 7,
    BusErrorCounter = 8,
    DataBitTiming = 9,
}

/// <summary><c>struct nlmsghdr</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NetlinkHeader
{
    public uint Length;
    public ushort Type;
    public ushort Flags;
    public uint Sequence;
    public uint Port;
}

/// <summary><c>struct ifinfomsg</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct LinkMessage
{
    public byte Family;
    public ushort Hardware;
    public int Index;
    public uint Flags;
    public uint Change;
}

/// <summary>A request for one interface.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct LinkRequest
{
    public NetlinkHeader Header;
    public LinkMessage Link;
}
