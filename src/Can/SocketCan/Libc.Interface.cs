using System.Runtime.InteropServices;

namespace EdgeAgent.Can.SocketCan;

/// <summary>netdevice(7).</summary>
internal static unsafe partial class Libc
{
    public const uint GetInterfaceFlags = 0x8913, GetInterfaceHardware = 0x8927;
    public const short InterfaceIsUp = 1;
    public const ushort HardwareCan = 280;

    [LibraryImport("libc", EntryPoint = "if_nametoindex", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial uint InterfaceIndex(string name);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    public static partial int InputOutputControl(SafeHandle socket, nuint request, InterfaceRequest* argument);
}

/// <summary><c>struct ifreq</c>: a name of at most 15 characters and a union.</summary>
[StructLayout(LayoutKind.Explicit, Size = 40)]
internal unsafe struct InterfaceRequest
{
    public const int MaxNameLength = 15;

    [FieldOffset(0)] public fixed byte Name[16];
    [FieldOffset(16)] public short Flags;
    [FieldOffset(16)] public ushort HardwareFamily;

    public static InterfaceRequest For(string name)
    {
        var request = default(InterfaceRequest);
        for (int i = 0; i < Math.Min(name.Length, MaxNameLength); i++) request.Name[i] = (byte)name[i];
        return request;
    }
}
