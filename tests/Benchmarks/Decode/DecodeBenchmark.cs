using EdgeAgent.Can;
using EdgeAgent.Can.Dbc;

namespace EdgeAgent.Benchmarks.Decode;

/// <summary>
/// What decoding a frame costs beside C that was written for the same signals. They take turns over the same frames, and the median of the turns
/// counts. Before that every value of each is compared with ours, bit by bit.
/// </summary>
internal static class DecodeBenchmark
{
    private const int Frames = 4000, Warmup = 200, Turns = 600;

    public static void Run(Report report)
    {
        report.Begin("decode", $"Processor time to decode a frame: {SeededBus.Signals} signals on {SeededBus.Identifiers} identifiers, {Frames} frames in any order");
        foreach (bool fd in (bool[])[false, true])
        {
            var bus = new SeededBus(fd);
            string kind = fd ? "fd" : "classic";
            Measure(report, $"{kind} all", DecodePlan.Compile(bus.Database), bus.Frames(Frames));
            int each = 0;
            Measure(report, $"{kind} third", DecodePlan.Compile(bus.Database, (_, _) => each++ % 3 == 0), bus.Frames(Frames));
        }
    }

    private static void Measure(Report report, string kind, DecodePlan plan, CanFrame[] frames)
    {
        using var byBytes = new CDecoder(plan, byBytes: true);
        using var byLoad = new CDecoder(plan, byBytes: false);
        var values = new SignalValue[Math.Max(1, plan.MaxSignalsPerFrame)];
        var slots = new double[plan.SlotCount];
        Compare(plan, frames, byBytes, values, slots);
        Compare(plan, frames, byLoad, values, slots);

        (string Key, string Text, Func<long> Decode)[] contenders =
        [
            ("c", "C, from bytes as cantools writes it", () => byBytes.Decode(frames, slots)),
            ("cLoad", "C, eight bytes loaded at once", () => byLoad.Decode(frames, slots)),
            ("ours", "ours", () => Ours(plan, frames, values)),
        ];
        long decoded = contenders[0].Decode(), allocated = 0;
        var times = contenders.Select(_ => new double[Turns]).ToArray();
        for (int turn = -Warmup; turn < Turns; turn++)
        {
            for (int i = 0; i < contenders.Length; i++)
            {
                long bytes = GC.GetAllocatedBytesForCurrentThread(), before = ThreadClock.NowNs(), count = contenders[i].Decode(), after = ThreadClock.NowNs();
                if (count != decoded) throw new BenchmarkException($"{kind}: {contenders[i].Text}: {count} values instead of {decoded}");
                if (turn < 0) continue;
                times[i][turn] = (after - before) / (double)frames.Length;
                if (i == 2) allocated += GC.GetAllocatedBytesForCurrentThread() - bytes;
            }
        }
        double perFrame = decoded / (double)frames.Length;
        for (int i = 0; i < contenders.Length; i++) report.Add($"{kind} {contenders[i].Key}", $"{kind}: {contenders[i].Text}", times[i].Median(), "ns");
        report.Add($"{kind} perSignal", $"{kind}: ours for each of {perFrame:0.##} signals a frame", times[2].Median() / perFrame, "ns");
        report.Add($"{kind} allocated", $"{kind}: ours, allocated by {Turns * (long)frames.Length:N0} frames", allocated, "B", "0");
        report.Add($"{kind} ratio", $"{kind}: ours / C", times[2].MedianRatio(times[0]), "×", "≤ 1.5");
        report.Add($"{kind} ratioLoad", $"{kind}: ours / C that loads at once", times[2].MedianRatio(times[1]), "×");
    }

    private static long Ours(DecodePlan plan, CanFrame[] frames, SignalValue[] values)
    {
        long decoded = 0;
        foreach (ref readonly var frame in frames.AsSpan())
        {
            _ = plan.Decode(frame, values, out int count);
            decoded += count;
        }
        return decoded;
    }

    private static void Compare(DecodePlan plan, CanFrame[] frames, CDecoder reference, SignalValue[] values, double[] slots)
    {
        foreach (ref readonly var frame in frames.AsSpan())
        {
            long expected = reference.Decode(new ReadOnlySpan<CanFrame>(in frame), slots);
            _ = plan.Decode(frame, values, out int count);
            if (count != expected) throw new BenchmarkException($"{frame.Id}: {count} values instead of {expected}");
            foreach (var value in values.AsSpan(0, count))
            {
                double theirs = slots[value.Slot];
                if (BitConverter.DoubleToInt64Bits(value.Value) != BitConverter.DoubleToInt64Bits(theirs) && !(double.IsNaN(value.Value) && double.IsNaN(theirs)))
                    throw new BenchmarkException($"{frame.Id}: {plan.Signals[value.Slot].Signal.Name} is {value.Value:R}, not {theirs:R}");
            }
        }
    }
}
