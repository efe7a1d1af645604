using System.Runtime.InteropServices;

namespace EdgeAgent.CanInterop;

/// <summary>A socket of the kernel's ISO-TP (linux/can/isotp.h).</summary>
internal sealed unsafe partial class KernelIsoTp : IDisposable
{
    private const int AfCan = 29, Datagram = 2, IsoTp = 6, SolIsoTp = 106;
    private const int Options = 1, ReceiveFlowControl = 2, LinkLayerOptions = 5;
    private const uint ExtendedAddress = 0x02, ReceiveExtendedAddress = 0x200, SendPadding = 0x04;

    private readonly int _socket;

    public KernelIsoTp(string interfaceName, uint transmit, uint receive, IsoTpParameters parameters)
    {
        _socket = Require(Socket(AfCan, Datagram, IsoTp), "socket");
        // struct can_isotp_options: flags, frame_txtime, ext_address, txpad, rxpad, rx_ext_address
        var options = new KernelOptions
        {
            Flags = SendPadding | (parameters.Address is null ? 0 : ExtendedAddress | ReceiveExtendedAddress),
            Address = parameters.Address ?? 0,
            SendPadding = 0xCC,
            ReceivePadding = 0xCC,
            ReceiveAddress = parameters.PeerAddress ?? 0,
        };
        Require(SetOption(_socket, SolIsoTp, Options, &options, (uint)sizeof(KernelOptions)), "options");
        byte* flowControl = stackalloc byte[3] { parameters.BlockSize, parameters.SeparationTime, 0 };
        Require(SetOption(_socket, SolIsoTp, ReceiveFlowControl, flowControl, 3), "flow control");
        if (parameters.IsFd)
        {
            // mtu, tx_dl, tx_flags
            byte* linkLayer = stackalloc byte[3] { 72, parameters.DataLength, 1 };
            Require(SetOption(_socket, SolIsoTp, LinkLayerOptions, linkLayer, 3), "link layer");
        }
        var timeout = stackalloc long[2] { 20, 0 };
        Require(SetOption(_socket, 1, 20, timeout, 16), "timeout");
        byte* address = stackalloc byte[24];
        new Span<byte>(address, 24).Clear();
        *(ushort*)address = AfCan;
        *(int*)(address + 4) = (int)InterfaceIndex(interfaceName);
        *(uint*)(address + 8) = receive;
        *(uint*)(address + 12) = transmit;
        Require(Bind(_socket, address, 24), "bind");
    }

    public void Send(byte[] message)
    {
        fixed (byte* data = message) Require((int)Write(_socket, data, (nuint)message.Length), "write");
    }

    public byte[] Receive()
    {
        byte[] buffer = new byte[9000];
        fixed (byte* data = buffer) return buffer[..Require((int)Read(_socket, data, (nuint)buffer.Length), "read")];
    }

    public void Dispose() => _ = Close(_socket);

    private static int Require(int result, string doing) => result >= 0 ? result : throw new IOException($"{doing}: {Marshal.GetLastPInvokeErrorMessage()}");

    [StructLayout(LayoutKind.Sequential)]
    private struct KernelOptions
    {
        public uint Flags;
        public uint FrameTransmitTime;
        public byte Address, SendPadding, ReceivePadding, ReceiveAddress;
    }

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    private static partial int Socket(int domain, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "bind", SetLastError = true)]
    private static partial int Bind(int socket, byte* address, uint length);

    [LibraryImport("libc", EntryPoint = "setsockopt", SetLastError = true)]
    private static partial int SetOption(int socket, int level, int name, void* value, uint length);

    [LibraryImport("libc", EntryPoint = "if_nametoindex", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial uint InterfaceIndex(string name);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    private static partial nint Read(int descriptor, void* data, nuint length);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint Write(int descriptor, void* data, nuint length);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int descriptor);
}

/// <summary>How the two sides talk.</summary>
/// <param name="BlockSize">That the receiver asks for.</param>
/// <param name="SeparationTime">That the receiver asks for, as it is sent.</param>
/// <param name="IsFd">CAN FD frames.</param>
/// <param name="DataLength">Of a full frame.</param>
/// <param name="Address">Extended addressing: the byte with which the kernel's frames begin.</param>
/// <param name="PeerAddress">That with which ours begin.</param>
internal sealed record IsoTpParameters(byte BlockSize, byte SeparationTime, bool IsFd = false, byte DataLength = 8, byte? Address = null, byte? PeerAddress = null);
