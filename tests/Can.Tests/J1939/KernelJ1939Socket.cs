using System.Runtime.InteropServices;
using EdgeAgent.Can.J1939;
using EdgeAgent.Can.SocketCan;

namespace EdgeAgent.Can.Tests.J1939;

/// <summary>A socket of the kernel's own J1939 stack (linux/can/j1939.h), bound to one address: what ours is measured against.</summary>
internal sealed unsafe partial class KernelJ1939Socket : IDisposable
{
    private const int SockDatagram = 2, CanJ1939 = 7, SoBroadcast = 6, SoReceiveTimeout = 20, SoSendBuffer = 7, NoGroup = 0x40000;

    private readonly SocketHandle _handle;
    private readonly string _interface;

    /// <summary>What came, from whom and under which group.</summary>
    public readonly record struct Message(ParameterGroupNumber Group, byte Source, byte[] Data);

    public KernelJ1939Socket(string interfaceName, byte address)
    {
        _interface = interfaceName;
        _handle = new SocketHandle(Libc.Socket(Libc.AfCan, SockDatagram, CanJ1939));
        if (_handle.IsInvalid) Assert.Skip($"the kernel has no J1939: {Marshal.GetLastPInvokeErrorMessage()}");
        int one = 1, size = 1 << 20;
        Require(Libc.SetSocketOption(_handle, Libc.SolSocket, SoBroadcast, &one, sizeof(int)));
        Require(Libc.SetSocketOption(_handle, Libc.SolSocket, SoSendBuffer, &size, sizeof(int)));
        var timeout = new TimeSpec { Seconds = 30 };
        Require(Libc.SetSocketOption(_handle, Libc.SolSocket, SoReceiveTimeout, &timeout, (uint)sizeof(TimeSpec)));
        var own = Name(NoGroup, address);
        Require(Libc.Bind(_handle, (CanSocketAddress*)&own, (uint)sizeof(Address)));
    }


    /// <summary>Hands a message to the kernel, which sends it in its own time.</summary>
    public void Send(ParameterGroupNumber group, byte destination, ReadOnlySpan<byte> data)
    {
        var to = Name(group.Value, destination);
        fixed (byte* bytes = data)
        {
            Require(SendTo(_handle, bytes, (nuint)data.Length, 0, &to, (uint)sizeof(Address)) == data.Length ? 0 : -1);
        }
    }

    /// <summary>Waits for the next message to this address or to everybody.</summary>
    public Message Receive()
    {
        byte[] buffer = new byte[J1939Limits.MessageBytes + 1];
        Address from;
        uint length = (uint)sizeof(Address);
        fixed (byte* bytes = buffer)
        {
            nint read = ReceiveFrom(_handle, bytes, (nuint)buffer.Length, 0, &from, &length);
            Require(read < 0 ? -1 : 0);
            return new Message(ParameterGroupNumber.From(from.Group), from.Node, buffer[..(int)read]);
        }
    }

    public void Dispose() => _handle.Dispose();

    private Address Name(uint group, byte node) => new()
    {
        Family = Libc.AfCan,
        InterfaceIndex = CanInterface.RequireUp(_interface, _handle),
        Group = group,
        Node = node,
    };

    private static void Require(int result)
    {
        if (result != 0) throw new InvalidOperationException(Marshal.GetLastPInvokeErrorMessage());
    }

    /// <summary><c>struct sockaddr_can</c> with <c>can_addr.j1939</c>.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 24)]
    private struct Address
    {
        [FieldOffset(0)] public ushort Family;
        [FieldOffset(4)] public int InterfaceIndex;
        [FieldOffset(16)] public uint Group;
        [FieldOffset(20)] public byte Node;
    }

    [LibraryImport("libc", EntryPoint = "sendto", SetLastError = true)]
    private static partial nint SendTo(SafeHandle socket, byte* data, nuint length, int flags, Address* to, uint toLength);

    [LibraryImport("libc", EntryPoint = "recvfrom", SetLastError = true)]
    private static partial nint ReceiveFrom(SafeHandle socket, byte* data, nuint length, int flags, Address* from, uint* fromLength);
}
