using System.Net;
using System.Net.Sockets;

namespace EdgeAgent.Diagnostics.Journal;

/// <summary>The way to journald. It never waits: what journald does not take at once is refused.</summary>
internal sealed class JournalSocket : IDisposable
{
    /// <summary>Where journald listens.</summary>
    public const string DefaultPath = "/run/systemd/journal/socket";

    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { Blocking = false };
    private readonly SocketAddress _address;

    /// <param name="path">A unix datagram socket; it need not be there yet, and may be made anew.</param>
    public JournalSocket(string path) => _address = new UnixDomainSocketEndPoint(path).Serialize();

    /// <returns>Null when it was taken, else why not.</returns>
    public string? TrySend(ReadOnlySpan<byte> entry)
    {
        try
        {
            _socket.SendTo(entry, SocketFlags.None, _address);
            return null;
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode is SocketError.WouldBlock or SocketError.NoBufferSpaceAvailable ? "it takes no more for now" : e.Message;
        }
    }

    public void Dispose() => _socket.Dispose();
}
