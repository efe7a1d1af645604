using System.Runtime.InteropServices;

namespace EdgeAgent.Can.SocketCan;

/// <summary>One question to rtnetlink(7), and the kernel's one answer.</summary>
internal static unsafe class NetlinkSocket
{
    private const int BufferSize = 32 * 1024;

    /// <exception cref="CanSourceException">The kernel cannot be asked.</exception>
    public static byte[] Ask(ReadOnlySpan<byte> request, string interfaceName, string doing)
    {
        using var socket = new SocketHandle(Libc.Socket(Libc.AfNetlink, Libc.SockRaw | Libc.SockCloseOnExec, Libc.NetlinkRoute));
        if (socket.IsInvalid) throw Errno.ToException(Marshal.GetLastPInvokeError(), interfaceName, "making a netlink socket");
        int one = 1;
        // Reasons in words, where the kernel has them (4.12); without them there are the numbers.
        _ = Libc.SetSocketOption(socket, Libc.SolNetlink, Libc.NetlinkExtendedAcknowledge, &one, sizeof(int));
        nint descriptor = socket.DangerousGetHandle();
        fixed (byte* bytes = request)
        {
            if (Libc.Write(descriptor, bytes, (nuint)request.Length) < 0) throw Errno.ToException(Marshal.GetLastPInvokeError(), interfaceName, doing);
        }
        byte[] answer = new byte[BufferSize];
        fixed (byte* buffer = answer)
        {
            // The kernel answers within the request, so there is nothing to wait for.
            nint read = Libc.Read(descriptor, buffer, BufferSize);
            return read >= 0 ? answer[..(int)read] : throw Errno.ToException(Marshal.GetLastPInvokeError(), interfaceName, doing);
        }
    }
}
