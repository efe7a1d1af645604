using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace EdgeAgent.Diagnostics.Local;

/// <summary>Who was at the other end of a unix socket when it was connected, as the kernel says (SO_PEERCRED, unix(7)).</summary>
/// <param name="ProcessId">Of whoever connected.</param>
/// <param name="UserId">His effective user id; 0 is root.</param>
/// <param name="GroupId">His effective group id.</param>
internal readonly record struct PeerCredentials(int ProcessId, uint UserId, uint GroupId)
{
    private const int SocketLevel = 1, PeerCredentialsOption = 17;

    /// <exception cref="SocketException">It is no connected unix socket.</exception>
    public static PeerCredentials Of(Socket socket)
    {
        Span<uint> credentials = stackalloc uint[3];
        socket.GetRawSocketOption(SocketLevel, PeerCredentialsOption, MemoryMarshal.AsBytes(credentials));
        return new PeerCredentials((int)credentials[0], credentials[1], credentials[2]);
    }
}
