using System.Runtime.InteropServices;
using System.Text;

namespace EdgeAgent.Can.SocketCan;

/// <summary>Sets up CAN interfaces by rtnetlink, as <c>ip link set</c> does. Needs CAP_NET_ADMIN.</summary>
public static class CanLinkControl
{
    /// <summary>Changes the settings of an interface that is down.</summary>
    /// <exception cref="CanSourceException">There is no such interface, it is up, its controller cannot do it, or it is not permitted.</exception>
    public static void Configure(string interfaceName, CanLinkSettings settings)
    {
        settings.Check();
        Send(interfaceName, $"setting it up", message => LinkInfo(message, data =>
        {
            if (settings.BitTiming is { } nominal) data.Timing(CanAttribute.BitTiming, nominal);
            if (settings.DataBitTiming is { } fast) data.Timing(CanAttribute.DataBitTiming, fast);
            var (mask, modes) = (settings.ModeMask, settings.Modes);
            if (settings.DataBitTiming is not null) (mask, modes) = (mask | CanControllerModes.Fd, modes | CanControllerModes.Fd);
            // struct can_ctrlmode: mask, flags
            if (mask != CanControllerModes.None) data.Numbers((ushort)CanAttribute.ControllerMode, (uint)mask, (uint)modes);
            if (settings.RestartAfter is { } restart) data.Numbers((ushort)CanAttribute.RestartMs, (uint)restart.TotalMilliseconds);
        }));
    }

    /// <summary>Brings an interface up or down.</summary>
    /// <exception cref="CanSourceException">As <see cref="Configure"/>; one whose bit rate was never set cannot be up.</exception>
    public static void SetUp(string interfaceName, bool isUp) =>
        Send(interfaceName, isUp ? "bringing it up" : "bringing it down", _ => { }, isUp);

    /// <summary>Restarts a controller that is bus-off and does not return by itself.</summary>
    /// <exception cref="CanSourceException">It is not bus-off, or returns by itself; or as <see cref="Configure"/>.</exception>
    public static void Restart(string interfaceName) =>
        Send(interfaceName, "restarting it", message => LinkInfo(message, data => data.Numbers((ushort)CanAttribute.Restart, 1)));

    private static void LinkInfo(NetlinkRequest message, Action<NetlinkRequest> controller) =>
        message.Nest((ushort)LinkAttribute.LinkInfo, info =>
        {
            info.Bytes((ushort)LinkInfoAttribute.Kind, "can"u8);
            info.Nest((ushort)LinkInfoAttribute.Data, controller);
        });

    private static void Send(string interfaceName, string doing, Action<NetlinkRequest> attributes, bool? isUp = null)
    {
        uint index = Libc.InterfaceIndex(interfaceName);
        if (index == 0) throw Errno.ToException(Errno.NoDevice, interfaceName, "looking for it");
        var request = new NetlinkRequest((int)index, isUp);
        attributes(request);
        byte[] answer = NetlinkSocket.Ask(request.Finish(), interfaceName, doing);
        int errno = ReadAnswer(answer, out string? reason);
        if (errno != 0) throw ToException(errno, reason, interfaceName, doing);
    }

    /// <summary>The error number in an acknowledgement, 0 if all is well, and the kernel's reason if it gave one.</summary>
    internal static unsafe int ReadAnswer(ReadOnlySpan<byte> message, out string? reason)
    {
        reason = null;
        if (!MemoryMarshal.TryRead(message, out NetlinkHeader header) || header.Length < sizeof(NetlinkHeader) || header.Length > message.Length) return Errno.BadMessage;
        var body = message[sizeof(NetlinkHeader)..(int)header.Length];
        if (header.Type != Libc.NetlinkError || !MemoryMarshal.TryRead(body, out int negative) || negative > 0) return Errno.BadMessage;
        if ((header.Flags & Libc.NetlinkErrorAttributes) == 0 || !MemoryMarshal.TryRead(body[sizeof(int)..], out NetlinkHeader asked)) return -negative;
        // struct nlmsgerr: error number, the request's header, the request itself unless it was left out, attributes
        long attributesAt = sizeof(int) + ((header.Flags & Libc.NetlinkCapped) != 0 ? sizeof(NetlinkHeader) : Math.Max(sizeof(NetlinkHeader), (asked.Length + 3L) & ~3L));
        if (attributesAt > body.Length) return -negative;
        for (var attributes = new NetlinkAttributes(body[(int)attributesAt..]); attributes.MoveNext();)
        {
            if (attributes.Type == Libc.NetlinkErrorMessage) reason = Encoding.UTF8.GetString(attributes.Value.TrimEnd((byte)0));
        }
        return -negative;
    }

    private static CanSourceException ToException(int errno, string? reason, string name, string doing)
    {
        string kernel = reason is null ? "" : $" (the kernel says: {reason})";
        return errno switch
        {
            Errno.NotPermitted or Errno.AccessDenied => new CanSourceException(CanSourceFault.NotPermitted,
                $"{name}: not permitted while {doing}; run as root or as a user with CAP_NET_ADMIN"),
            Errno.Busy when doing.StartsWith("restarting", StringComparison.Ordinal) => new CanSourceException(CanSourceFault.Other, $"{name} is not bus-off, so there is nothing to restart{kernel}"),
            Errno.Busy => new CanSourceException(CanSourceFault.Other, $"{name} is up; its settings can change only while it is down: ip link set {name} down{kernel}"),
            Errno.InvalidArgument when doing.StartsWith("restarting", StringComparison.Ordinal) => new CanSourceException(CanSourceFault.Other,
                $"{name} is down, or returns from bus-off by itself (restart-ms){kernel}"),
            Errno.InvalidArgument when doing == "bringing it up" => new CanSourceException(CanSourceFault.Other, $"{name} cannot be brought up: its bit rate was never set{kernel}"),
            Errno.InvalidArgument or Errno.OutOfDomain or Errno.OutOfRange => new CanSourceException(CanSourceFault.Other,
                $"{name}: its controller cannot do that: a bit rate that its clock does not give, or CAN FD without a data bit rate{kernel}"),
            Errno.NotSupported => new CanSourceException(CanSourceFault.Other, $"{name}: its driver cannot do that{kernel}"),
            _ => Errno.ToException(errno, name, doing + kernel),
        };
    }
}

/// <summary>A request to change an interface: header, interface, attributes (netlink(7)).</summary>
internal sealed unsafe class NetlinkRequest
{
    private const int HeaderSize = 4;

    private readonly List<byte> _bytes = [];

    public NetlinkRequest(int index, bool? isUp)
    {
        var request = new LinkRequest
        {
            Header = new NetlinkHeader { Type = Libc.NewLink, Flags = Libc.NetlinkRequest | Libc.NetlinkAcknowledge, Sequence = 1 },
            Link = new LinkMessage { Index = index },
        };
        if (isUp is { } up) (request.Link.Flags, request.Link.Change) = (up ? (uint)Libc.InterfaceIsUp : 0, (uint)Libc.InterfaceIsUp);
        _bytes.AddRange(new ReadOnlySpan<byte>(&request, sizeof(LinkRequest)));
    }

    public void Bytes(ushort type, ReadOnlySpan<byte> value)
    {
        Put((ushort)(HeaderSize + value.Length));
        Put(type);
        _bytes.AddRange(value);
        while (_bytes.Count % 4 != 0) _bytes.Add(0);
    }

    public void Numbers(ushort type, params ReadOnlySpan<uint> numbers) => Bytes(type, MemoryMarshal.AsBytes(numbers));

    /// <summary><c>struct can_bittiming</c> with what the kernel works out left at zero.</summary>
    public void Timing(CanAttribute type, in CanBitTiming timing) =>
        Numbers((ushort)type, (uint)timing.BitRate, (uint)timing.SamplePoint, 0, 0, 0, 0, 0, 0);

    public void Nest(ushort type, Action<NetlinkRequest> contents)
    {
        int start = _bytes.Count;
        Put(0);
        Put(type);
        contents(this);
        MemoryMarshal.Write(CollectionsMarshal.AsSpan(_bytes)[start..], (ushort)(_bytes.Count - start));
    }

    public ReadOnlySpan<byte> Finish()
    {
        var bytes = CollectionsMarshal.AsSpan(_bytes);
        MemoryMarshal.Write(bytes, bytes.Length);
        return bytes;
    }

    private void Put(ushort value)
    {
        _bytes.Add((byte)value);
        _bytes.Add((byte)(value >> 8));
    }
}
