using System.Runtime.InteropServices;

namespace EdgeAgent.Can.SocketCan;

/// <summary>The error numbers that SocketCAN answers with, and what they mean to a person.</summary>
internal static class Errno
{
    public const int NotPermitted = 1, Interrupted = 4, NoSuchDeviceOrAddress = 6, TryAgain = 11, AccessDenied = 13, Busy = 16, NoDevice = 19,
        InvalidArgument = 22, OutOfDomain = 33, OutOfRange = 34, BadMessage = 74, NotSupported = 95, NoProtocol = 93, NoAddressFamily = 97, NetworkDown = 100, NoBufferSpace = 105;

    /// <summary>The one place where an error number becomes a sentence.</summary>
    public static CanSourceException ToException(int errno, string interfaceName, string doing) => errno switch
    {
        NetworkDown => new CanSourceException(CanSourceFault.Down,
            $"{interfaceName} is down; bring it up with: ip link set {interfaceName} up type can bitrate 500000 restart-ms 100"),
        NoDevice or NoSuchDeviceOrAddress => new CanSourceException(CanSourceFault.Missing,
            $"{interfaceName} does not exist; `ip link show type can` shows which do"),
        NoAddressFamily or NoProtocol => new CanSourceException(CanSourceFault.NoKernelSupport,
            $"{interfaceName}: this kernel has no CAN support; load it with: modprobe can-raw"),
        NotPermitted or AccessDenied => new CanSourceException(CanSourceFault.NotPermitted,
            $"{interfaceName}: not permitted while {doing}; run as a user with CAP_NET_RAW"),
        _ => new CanSourceException(CanSourceFault.Other,
            $"{interfaceName}: {Marshal.GetPInvokeErrorMessage(errno)} (errno {errno}) while {doing}"),
    };
}
