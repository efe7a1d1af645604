using System.Runtime.InteropServices;

namespace EdgeAgent.Capture;

/// <summary>
/// The system's clock, with CLOCK_BOOTTIME as its monotonic one: nanoseconds since boot, which go on while the device is suspended
/// and never jump, whatever is done to the wall clock.
/// </summary>
internal sealed unsafe partial class BootTimeProvider : TimeProvider
{
    private const int ClockBootTime = 7;

    public static readonly BootTimeProvider Instance = new();

    private BootTimeProvider()
    {
    }

    public override long TimestampFrequency => 1_000_000_000;

    public override long GetTimestamp()
    {
        long* time = stackalloc long[2];
        _ = ClockGetTime(ClockBootTime, time);
        return time[0] * 1_000_000_000 + time[1];
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int ClockGetTime(int clock, long* time);
}
