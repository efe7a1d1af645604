using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace EdgeAgent.Can.SocketCan;

/// <summary>socket(7), raw(7) and linux/can/raw.h. Values are those of the generic ABI, which x86-64 and arm64 share.</summary>
internal static unsafe partial class Libc
{
    public const int AfCan = 29, SockRaw = 3, SockCloseOnExec = 0x80000, CanRaw = 1;
    public const int SolSocket = 1, SolCanRaw = 101;
    public const int SoReceiveBuffer = 8, SoReceiveTimeout = 20, SoReceiveBufferForce = 33, SoTimestampNs = 35, SoDropCount = 40, SoMemInfo = 55;
    public const int CanRawFilter = 1, CanRawErrorFilter = 2, CanRawFdFrames = 5, CanRawJoinFilters = 6;
    public const uint InvertedFilter = 0x2000_0000;
    public const short PollIn = 1;
    public const int MsgWaitForOne = 0x10000;

    /// <summary>The kernel refuses more filters on one socket (<c>CAN_RAW_FILTER_MAX</c>).</summary>
    public const int MaxFilters = 512;

    /// <summary>The place of the drop count in what <c>SO_MEMINFO</c> returns (<c>SK_MEMINFO_DROPS</c>).</summary>
    public const int MemInfoDrops = 8;

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    public static partial int Socket(int domain, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    public static partial int Close(nint descriptor);

    [LibraryImport("libc", EntryPoint = "bind", SetLastError = true)]
    public static partial int Bind(SafeHandle socket, CanSocketAddress* address, uint length);

    [LibraryImport("libc", EntryPoint = "setsockopt", SetLastError = true)]
    public static partial int SetSocketOption(SafeHandle socket, int level, int name, void* value, uint length);

    [LibraryImport("libc", EntryPoint = "getsockopt", SetLastError = true)]
    public static partial int GetSocketOption(SafeHandle socket, int level, int name, void* value, uint* length);

    // The descriptor is passed bare: marshalling a SafeHandle costs two interlocked operations for each batch.
    [LibraryImport("libc", EntryPoint = "recvmmsg", SetLastError = true)]
    public static partial int ReceiveMany(nint socket, MultiMessageHeader* headers, uint count, int flags, TimeSpec* timeout);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    public static partial nint Write(nint descriptor, void* data, nuint length);

    [LibraryImport("libc", EntryPoint = "ppoll", SetLastError = true)]
    public static partial int Poll(PollDescriptor* descriptors, nuint count, TimeSpec* timeout, void* signals);

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    public static partial int ClockGetTime(int clock, TimeSpec* time);

    /// <summary>Nanoseconds of CLOCK_REALTIME, the clock of the kernel's receive timestamps.</summary>
    public static long RealTimeNs()
    {
        TimeSpec time;
        _ = ClockGetTime(0, &time);
        return time.ToNanoseconds();
    }
}

/// <summary><c>struct timespec</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct TimeSpec
{
    public long Seconds;
    public long Nanoseconds;

    public readonly long ToNanoseconds() => Seconds * 1_000_000_000 + Nanoseconds;
}

/// <summary><c>struct iovec</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct IoVector
{
    public void* Base;
    public nuint Length;
}

/// <summary><c>struct msghdr</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct MessageHeader
{
    public void* Name;
    public uint NameLength;
    public IoVector* Vectors;
    public nuint VectorCount;
    public void* Control;
    public nuint ControlLength;
    public int Flags;
}

/// <summary><c>struct mmsghdr</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct MultiMessageHeader
{
    public MessageHeader Header;
    public uint Length;
}

/// <summary><c>struct sockaddr_can</c> as far as a raw socket uses it.</summary>
[StructLayout(LayoutKind.Sequential, Size = 24)]
internal struct CanSocketAddress
{
    public ushort Family;
    public int InterfaceIndex;
}

/// <summary><c>struct can_filter</c>: a frame passes if (its id &amp; Mask) == (Id &amp; Mask).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct KernelFilter
{
    public uint Id;
    public uint Mask;
}

/// <summary><c>struct pollfd</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct PollDescriptor
{
    public int Descriptor;
    public short Events;
    public short ReturnedEvents;
}

/// <summary>The descriptor of a socket.</summary>
internal sealed class SocketHandle : SafeHandleMinusOneIsInvalid
{
    public SocketHandle(nint descriptor) : base(ownsHandle: true) => SetHandle(descriptor);

    protected override bool ReleaseHandle() => Libc.Close(handle) == 0;
}
