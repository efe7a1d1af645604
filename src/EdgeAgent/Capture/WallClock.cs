using System.Runtime.InteropServices;

namespace EdgeAgent.Capture;

/// <summary>
/// How the device's time since boot maps to wall time. A dongle boots without a real-time clock and is years off until the network
/// sets it: records keep time since boot and are given wall time when they leave, by the offset known then.
/// </summary>
/// <param name="OffsetNs">What to add to nanoseconds since boot to get nanoseconds since 1970-01-01 UTC.</param>
/// <param name="Synchronized">False while no time source has set the clock.</param>
internal readonly record struct WallClockReading(long OffsetNs, bool Synchronized);

/// <summary>Reads that mapping.</summary>
internal sealed unsafe partial class WallClock(TimeProvider time)
{
    private const int TimeError = 5;

    private const int TimexSize = 208;

    /// <summary>How far the offset in use may be from the true one.</summary>
    public static readonly TimeSpan Tolerance = TimeSpan.FromMicroseconds(500);

    private readonly long _begun = time.GetTimestamp();
    private long _offsetNs = long.MinValue / 2;

    public static long ToUnixNs(DateTimeOffset moment) => (moment - DateTimeOffset.UnixEpoch).Ticks * 100;

    /// <summary>The offset alone; any thread, allocates nothing. It stays the same until it is off by more than <see cref="Tolerance"/>.</summary>
    public long OffsetNs()
    {
        // Time since boot is read on both sides, so that being scheduled away between the two clocks shows and is halved.
        long before = NowNs();
        long wall = ToUnixNs(time.GetUtcNow());
        long after = NowNs();
        long measured = wall - (before + (after - before) / 2);
        long kept = Volatile.Read(ref _offsetNs);
        // Each measurement is off by up to half of what it took, which is long if the thread was scheduled away in between: following every
        // one would make the distances between frames tremble.
        if (Math.Abs(measured - kept) <= Tolerance.TotalNanoseconds + (after - before)) return kept;
        Volatile.Write(ref _offsetNs, measured);
        return measured;
    }

    public WallClockReading Read() => new(OffsetNs(), IsSynchronized());

    /// <summary>Nanoseconds since boot; with another clock than <see cref="BootTimeProvider"/>, since this object was made.</summary>
    public long NowNs() => time is BootTimeProvider ? time.GetTimestamp() : time.GetElapsedTime(_begun).Ticks * 100;

    /// <summary>As the kernel sees it: a client of NTP or the like has told it so and has not been silent for hours (adjtimex(2), TIME_ERROR).</summary>
    private bool IsSynchronized()
    {
        if (time is not BootTimeProvider) return true;
        byte* query = stackalloc byte[TimexSize];
        new Span<byte>(query, TimexSize).Clear();
        int state = AdjustTime(query);
        return state >= 0 && state != TimeError;
    }

    [LibraryImport("libc", EntryPoint = "adjtimex")]
    private static partial int AdjustTime(void* timex);
}
