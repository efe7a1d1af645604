using System.Runtime.InteropServices;

namespace EdgeAgent.Can.SocketCan;

/// <summary>Reads what the kernel says beside a frame: cmsg(3) with the receive time and the drop count.</summary>
internal static unsafe class ControlMessages
{
    // struct cmsghdr { size_t len; int level; int type; } and then the data; each entry is padded to 8 bytes
    [StructLayout(LayoutKind.Sequential)]
    private struct Header
    {
        public nuint Length;
        public int Level;
        public int Type;
    }

    /// <summary>The receive time in nanoseconds since 1970, or <paramref name="nowNs"/> if the kernel gave none.</summary>
    public static long Read(in MessageHeader message, long nowNs, ref DropCounter drops)
    {
        long timestamp = nowNs;
        var at = (byte*)message.Control;
        nuint left = message.ControlLength;
        while (left >= (nuint)sizeof(Header))
        {
            var header = (Header*)at;
            if (header->Length < (nuint)sizeof(Header) || header->Length > left) break;
            nuint data = header->Length - (nuint)sizeof(Header);
            if (header->Level == Libc.SolSocket)
            {
                if (header->Type == Libc.SoTimestampNs && data >= (nuint)sizeof(TimeSpec)) timestamp = ((TimeSpec*)(header + 1))->ToNanoseconds();
                else if (header->Type == Libc.SoDropCount && data >= sizeof(uint)) drops.Observe(*(uint*)(header + 1));
            }
            nuint step = (header->Length + 7) & ~(nuint)7;
            if (step >= left) break;
            at += step;
            left -= step;
        }
        return timestamp;
    }
}

/// <summary>Follows the kernel's drop count of a socket, 32 bits which wrap, as a 64-bit total.</summary>
internal struct DropCounter
{
    private uint _last;

    public long Total { get; private set; }

    public void Observe(uint count)
    {
        int more = (int)(count - _last);
        // Control messages carry the count of when their frame was queued, which may be older than one read directly.
        if (more <= 0) return;
        Total += more;
        _last = count;
    }
}
