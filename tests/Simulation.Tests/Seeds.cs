using System.Globalization;
using System.Runtime.ExceptionServices;

namespace EdgeAgent.Simulation.Tests;

/// <summary>Which seeds to run: <c>./build.sh chaos --seeds N</c> sets how many; <c>--seed S</c> repeats one.</summary>
internal sealed record Seeds(int First, int Count)
{
    public static Seeds Of(int defaultCount) =>
        Environment.GetEnvironmentVariable("EDGE_SIMULATION_SEED") is { Length: > 0 } one
            ? new Seeds(int.Parse(one, CultureInfo.InvariantCulture), 1)
            : new Seeds(1, Environment.GetEnvironmentVariable("EDGE_SIMULATION_SEEDS") is { Length: > 0 } count ? int.Parse(count, CultureInfo.InvariantCulture) : defaultCount);

    /// <summary>Runs each seed, on as many threads as there are cores. A few failures end it: the first is told in full, the others in a line.</summary>
    public void ForEach(Action<int> run)
    {
        const int mostFailures = 8;
        int next = First;
        var failures = new SortedList<int, Exception>();
        var threads = Enumerable.Range(0, Math.Min(Count, Environment.ProcessorCount)).Select(_ => new Thread(() =>
        {
            while (Interlocked.Increment(ref next) - 1 is var seed && seed < First + Count)
            {
                try
                {
                    run(seed);
                }
                catch (Exception e)
                {
                    lock (failures)
                    {
                        failures.Add(seed, e);
                        if (failures.Count >= mostFailures) Volatile.Write(ref next, First + Count);
                    }
                }
            }
        })).ToArray();
        foreach (var thread in threads) thread.Start();
        foreach (var thread in threads) thread.Join();
        if (failures.Count == 0) return;
        string others = string.Join(Environment.NewLine, failures.Skip(1).Select(failure => string.Create(CultureInfo.InvariantCulture, $"seed {failure.Key} failed too: {failure.Value.InnerException?.Message}")));
        throw new InvalidOperationException($"{failures.Values[0].Message}{Environment.NewLine}{others}", failures.Values[0].InnerException);
    }

    public static T OnItsOwnThread<T>(Func<T> run)
    {
        T? result = default;
        Exception? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                result = run();
            }
            catch (Exception e)
            {
                failure = e;
            }
        });
        thread.Start();
        thread.Join();
        if (failure is not null) ExceptionDispatchInfo.Throw(failure);
        return result!;
    }
}
