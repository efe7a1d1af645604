using System.Runtime.InteropServices;
using EdgeAgent.Can.SocketCan;

namespace EdgeAgent.Can.Tests.SocketCan;

/// <summary>
/// A pair of local datagram sockets that carries the same 16- and 72-byte messages as a raw CAN socket, so that the reader's own code
/// runs on any machine. What only CAN has (filters, interfaces) is tested on vcan.
/// </summary>
internal sealed unsafe partial class DatagramSocket : IDisposable
{
    private const int AfUnix = 1, SockDatagram = 2;

    private readonly SocketHandle _sender;

    public DatagramSocket(CanSocketOptions? options = null)
    {
        int* pair = stackalloc int[2];
        if (SocketPair(AfUnix, SockDatagram, 0, pair) != 0) throw new InvalidOperationException(Marshal.GetLastPInvokeErrorMessage());
        _sender = new SocketHandle(pair[0]);
        var receiver = new SocketHandle(pair[1]);
        CanSocket.Configure(receiver, "pair", options ?? new CanSocketOptions());
        Receiver = new CanSocket("pair", receiver);
        Sender = new CanSocket("pair", _sender);
    }

    public CanSocket Receiver { get; }

    public CanSocket Sender { get; }

    public void SendBytes(ReadOnlySpan<byte> bytes)
    {
        fixed (byte* data = bytes)
        {
            if (Libc.Write(_sender.DangerousGetHandle(), data, (nuint)bytes.Length) < 0) throw new InvalidOperationException(Marshal.GetLastPInvokeErrorMessage());
        }
    }

    public void Dispose()
    {
        Sender.Dispose();
        Receiver.Dispose();
    }

    [LibraryImport("libc", EntryPoint = "socketpair", SetLastError = true)]
    private static partial int SocketPair(int domain, int type, int protocol, int* pair);
}
