using System.Net;
using System.Net.Sockets;
using EdgeAgent.Benchmarks.Reader;
using EdgeAgent.Can;
using EdgeAgent.Can.SocketCan;

namespace EdgeAgent.Benchmarks.Load;

/// <summary>
/// A pair of UDP sockets on the loopback in place of a bus: like a CAN socket, and unlike a local one, the receiver drops what its buffer has no
/// room for, and counts it.
/// </summary>
internal sealed class LoopbackBus : IDisposable
{
    private readonly Socket _sender = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly Socket _receiver = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);

    public LoopbackBus(string name)
    {
        _receiver.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _sender.Connect(_receiver.LocalEndPoint!);
        _receiver.Connect(_sender.LocalEndPoint!);
        // The one descriptor has two owners, of which the socket is asked to let go.
        var handle = new SocketHandle(_receiver.Handle);
        CanSocket.Configure(handle, name, new CanSocketOptions());
        Receiver = new CanSocket(name, handle);
    }

    public CanSocket Receiver { get; }

    /// <summary>Sends frames for so many milliseconds, so many in each.</summary>
    /// <returns>How many were sent, and the processor time that it took.</returns>
    public (long Frames, long CpuNs) Send(CReaders c, byte[] messages, int perMillisecond, int milliseconds)
    {
        long before = ThreadClock.NowNs();
        long sent = c.SendPaced((int)_sender.Handle, messages, CanFrame.SizeOf, perMillisecond, milliseconds);
        return (sent, ThreadClock.NowNs() - before);
    }

    public void Dispose()
    {
        _sender.Dispose();
        _receiver.SafeHandle.SetHandleAsInvalid();
        Receiver.Dispose();
    }
}
