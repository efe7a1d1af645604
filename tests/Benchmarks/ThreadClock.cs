using EdgeAgent.Can.SocketCan;

namespace EdgeAgent.Benchmarks;

/// <summary>The calling thread's processor time, kernel included: others at work on the same machine count little.</summary>
internal static unsafe class ThreadClock
{
    private const int ThreadTime = 3; // CLOCK_THREAD_CPUTIME_ID

    public static long NowNs()
    {
        TimeSpec time;
        _ = Libc.ClockGetTime(ThreadTime, &time);
        return time.ToNanoseconds();
    }
}

internal static class Statistics
{
    public static double Median(this double[] values) => values.Order().ElementAt(values.Length / 2);

    /// <summary>The median of the turns' ratios: what disturbs the machine disturbs all of a turn.</summary>
    public static double MedianRatio(this double[] ours, double[] theirs) => ours.Zip(theirs, (one, other) => one / other).ToArray().Median();
}
