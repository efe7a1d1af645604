using EdgeAgent.Can;
using EdgeAgent.Can.Dbc;
using EdgeAgent.Can.SocketCan;
using EdgeAgent.Can.Tests.SocketCan;

namespace EdgeAgent.Benchmarks.Reader;

/// <summary>
/// Processor time of the reading thread, kernel included, for a frame that is read with its time and decoded, and for one that the agent's own
/// reader puts into the ring, beside readers in C that decode nothing. The queue is filled, then drained by one reader; they take turns, and the
/// median of the turns counts.
/// </summary>
internal sealed class ReaderBenchmark(CReaders readers, Report report)
{
    private const int Queue = 256, Warmup = 400, Turns = 1500;

    public static void Run(Report report)
    {
        using var readers = new CReaders();
        report.Begin("reader", $"Processor time a frame, kernel included: {SeededBus.Signals} signals on {SeededBus.Identifiers} identifiers, {Queue} frames waiting, batches of {FrameBatch.DefaultCapacity}");
        var benchmark = new ReaderBenchmark(readers, report);
        foreach (bool fd in (bool[])[false, true])
        {
            using var pair = new DatagramSocket();
            benchmark.Measure(fd, "socketpair", pair.Sender, pair.Receiver);
        }
        // The same on what is CAN, where there is one; in a user-mode kernel the system calls outweigh everything.
        foreach (var (name, fd) in ((string, bool)[])[("vcan0", false), ("vcan1", true)])
        {
            if (!Directory.Exists($"/sys/class/net/{name}")) continue;
            using var sender = CanSocket.Open(name);
            using var receiver = CanSocket.Open(name);
            benchmark.Measure(fd, name, sender, receiver);
        }
    }

    private void Measure(bool fd, string transport, CanSocket sender, CanSocket receiver)
    {
        var bus = new SeededBus(fd);
        var plan = DecodePlan.Compile(bus.Database);
        int size = fd ? CanFrame.SizeOf : CanFrame.ClassicSizeOf, socket = (int)receiver.Descriptor;
        byte[] messages = bus.Messages(Queue);
        using var batch = new FrameBatch();
        var values = new SignalValue[plan.MaxSignalsPerFrame];
        using var agent = new AgentReader(plan, receiver);
        double sum = 0;
        (string Key, string Text, Func<long> Read)[] contenders =
        [
            ("recvmmsg", "C, recvmmsg with times and drop counts", () => readers.ReadMany(socket, Queue, FrameBatch.DefaultCapacity, true)),
            ("recvmmsgBare", "C, recvmmsg without them", () => readers.ReadMany(socket, Queue, FrameBatch.DefaultCapacity, false)),
            ("read", "C, read", () => readers.ReadEach(socket, Queue)),
            ("readOnly", "ours, read with times and drop counts", () => Ours(receiver, batch, null, values, ref sum)),
            ("decoded", "ours, the same and decoded", () => Ours(receiver, batch, plan, values, ref sum)),
            ("ring", "ours, by the agent's reader into its ring", () => agent.Read(Queue) * size),
        ];
        var times = contenders.Select(_ => new double[Turns]).ToArray();
        for (int turn = -Warmup; turn < Turns; turn++)
        {
            for (int i = 0; i < contenders.Length; i++)
            {
                readers.Send((int)sender.Descriptor, messages, size);
                long before = ThreadClock.NowNs(), bytes = contenders[i].Read(), after = ThreadClock.NowNs();
                if (bytes != (long)Queue * size) throw new BenchmarkException($"{contenders[i].Text}: {bytes} bytes were read of {Queue * size}");
                if (turn >= 0) times[i][turn] = (after - before) / (double)Queue;
                agent.EmptyRing();
            }
        }
        string kind = $"{(fd ? "fd" : "classic")} {transport}";
        for (int i = 0; i < contenders.Length; i++) report.Add($"{kind} {contenders[i].Key}", $"{kind}: {contenders[i].Text}", times[i].Median(), "ns");
        report.Add($"{kind} ratio", $"{kind}: ours decoded / C recvmmsg with times", times[4].MedianRatio(times[0]), "×", "≤ 1.3");
        report.Add($"{kind} ratioRing", $"{kind}: ours into the ring / C recvmmsg with times", times[5].MedianRatio(times[0]), "×", "≤ 1.3");
        report.Add($"{kind} ratioBare", $"{kind}: ours decoded / C recvmmsg without", times[4].MedianRatio(times[1]), "×");
        report.Add($"{kind} ratioRead", $"{kind}: ours decoded / C read", times[4].MedianRatio(times[2]), "×");
    }

    private static long Ours(CanSocket receiver, FrameBatch batch, DecodePlan? plan, SignalValue[] values, ref double sum)
    {
        long bytes = 0;
        for (int left = Queue; left > 0; left -= batch.Count)
        {
            if (receiver.Read(batch) != ReadOutcome.Frames) return bytes;
            for (int i = 0; i < batch.Count; i++)
            {
                ref readonly var frame = ref batch[i];
                bytes += frame.IsFd ? CanFrame.SizeOf : CanFrame.ClassicSizeOf;
                if (plan is null) continue;
                plan.Decode(frame, values, out int count);
                for (int j = 0; j < count; j++) sum += values[j].Value;
            }
        }
        return bytes;
    }
}
