using System.Diagnostics;
using System.Globalization;

namespace EdgeAgent.Can.Tests.Fuzz;

/// <summary>Feeds a target with mutated inputs, the same ones for the same seed, and makes a finding small.</summary>
internal sealed class Fuzzer(FuzzTarget target, int seed)
{
    private const int MostKept = 2048;
    private const int MostRunsToShrink = 5_000;
    private const int MostTries = 3;

    /// <summary>After so long the input is given up as one that never ends, and the process with it.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly List<byte[]> _corpus = [.. target.Seeds];
    private readonly HashSet<string> _outcomes = [];
    private readonly Random _random = new(seed);

    private byte[] _current = [];
    private long _currentSince;
    private long _mostAllocated;
    private TimeSpan _longest;

    /// <summary>Runs the seeds themselves, then as many mutated inputs.</summary>
    /// <exception cref="FuzzFindingException">Something went wrong.</exception>
    public void Run(int inputs)
    {
        _currentSince = Stopwatch.GetTimestamp();
        using var watchdog = TimeProvider.System.CreateTimer(_ => EndIfStuck(), null, Patience, Patience);
        foreach (var input in target.Seeds) Try(input, isNew: false);
        var mutator = new FuzzMutator(_random, target.Words, target.LongestInput);
        for (var index = 0; index < inputs; index++) Try(mutator.Mutate(_corpus), isNew: true);
    }

    /// <summary>What was found on the way, for people.</summary>
    public string Summary => string.Create(CultureInfo.InvariantCulture,
        $"{_outcomes.Count} different results, {_corpus.Count} inputs kept; at most {_longest.TotalMilliseconds:F1} ms and {_mostAllocated / 1024} KiB allocated for one");

    private void Try(byte[] input, bool isNew)
    {
        Volatile.Write(ref _current, input);
        Volatile.Write(ref _currentSince, Stopwatch.GetTimestamp());
        if (Fault(input, out var outcome) is { } fault) throw new FuzzFindingException(target, seed, Shrink(input, fault), fault);
        if (!_outcomes.Add(outcome) || !isNew) return;
        if (_corpus.Count < MostKept) _corpus.Add(input);
        else _corpus[_random.Next(target.Seeds.Count, MostKept)] = input;
    }

    private Exception? Fault(byte[] input, out string outcome)
    {
        // Another thread may keep this one from running: only what is slow each time is slow.
        var least = TimeSpan.MaxValue;
        outcome = "";
        for (var run = 0; run < MostTries && least > target.TimeLimit; run++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            var start = Stopwatch.GetTimestamp();
            try
            {
                outcome = target.Run(input);
            }
            catch (Exception exception) when (exception is not OutOfMemoryException)
            {
                return exception;
            }

            var elapsed = Stopwatch.GetElapsedTime(start);
            least = elapsed < least ? elapsed : least;
            var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            _mostAllocated = Math.Max(_mostAllocated, allocated);
            var limit = target.AllocationLimit(input.Length);
            if (allocated > limit) return new InvalidOperationException($"{allocated} bytes were allocated; at most {limit} are allowed for {input.Length} bytes of input");
        }

        if (least > _longest) _longest = least;
        return least <= target.TimeLimit ? null : new TimeoutException($"{least.TotalMilliseconds} ms for {input.Length} bytes of input; at most {target.TimeLimit.TotalMilliseconds} ms are allowed");
    }

    /// <summary>Leaves out whatever can be left out with the same kind of fault.</summary>
    private byte[] Shrink(byte[] input, Exception fault)
    {
        var runs = 0;
        for (var size = input.Length / 2; size > 0; size /= 2)
        {
            for (var at = 0; at + size <= input.Length && runs < MostRunsToShrink;)
            {
                byte[] shorter = [.. input.AsSpan(0, at), .. input.AsSpan(at + size)];
                runs++;
                Volatile.Write(ref _currentSince, Stopwatch.GetTimestamp());
                if (Fault(shorter, out _)?.GetType() == fault.GetType()) input = shorter;
                else at += size;
            }
        }

        return input;
    }

    private void EndIfStuck()
    {
        if (Stopwatch.GetElapsedTime(Volatile.Read(ref _currentSince)) < Patience) return;
        Environment.FailFast($"{target.Name}: no end after {Patience.TotalSeconds} s with this input (base 64): {Convert.ToBase64String(Volatile.Read(ref _current))}");
    }
}
