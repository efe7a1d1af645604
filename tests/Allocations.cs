namespace EdgeAgent.Tests;

/// <summary>What work allocates on this thread.</summary>
internal static class Allocations
{
    private const int Tries = 5;

    /// <summary>
    /// In bytes, the least of several tries: a collection that tests on other threads bring about has the rest of this thread's allocation
    /// quantum, some 8 KB, counted as allocated. What the work itself allocates it allocates in every try.
    /// </summary>
    public static long Least(Action work)
    {
        long least = long.MaxValue;
        for (int i = 0; i < Tries && least > 0; i++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            work();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }
        return least;
    }
}
