using System.Runtime.InteropServices;

namespace EdgeAgent.Can.SocketCan;

/// <summary>What the kernel knows of a network interface.</summary>
internal static unsafe class CanInterface
{
    /// <summary>The index of an interface that exists, carries CAN and is up.</summary>
    public static int RequireUp(string name, SafeHandle socket)
    {
        if (name.Length is 0 or > InterfaceRequest.MaxNameLength || !name.All(char.IsAscii))
            throw new CanSourceException(CanSourceFault.Missing, $"'{name}' is no interface name: 1–{InterfaceRequest.MaxNameLength} ASCII characters");

        uint index = Libc.InterfaceIndex(name);
        if (index == 0) throw Errno.ToException(Errno.NoDevice, name, "looking for it");

        if (Ask(name, socket, Libc.GetInterfaceHardware).HardwareFamily != Libc.HardwareCan)
            throw new CanSourceException(CanSourceFault.NotCan, $"{name} is no CAN interface; `ip link show type can` shows which are");
        if ((Ask(name, socket, Libc.GetInterfaceFlags).Flags & Libc.InterfaceIsUp) == 0)
            throw Errno.ToException(Errno.NetworkDown, name, "looking at it");
        return (int)index;
    }

    private static InterfaceRequest Ask(string name, SafeHandle socket, uint request)
    {
        var answer = InterfaceRequest.For(name);
        if (Libc.InputOutputControl(socket, request, &answer) != 0)
            throw Errno.ToException(Marshal.GetLastPInvokeError(), name, "looking at it");
        return answer;
    }
}
