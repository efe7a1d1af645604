using System.Runtime.InteropServices;
using System.Text;
using EdgeAgent.Can;
using EdgeAgent.Can.Dbc;
using EdgeAgent.Can.SocketCan;
using EdgeAgent.Can.Tests.SocketCan;

namespace EdgeAgent.Benchmarks.Reader;

/// <summary>
/// Processor time of the reading thread, kernel included, for a frame that is read with its time and decoded, beside readers in C that decode
/// nothing. The queue is filled, then drained by one reader; they take turns, and the median of the turns counts.
/// </summary>
internal sealed partial class ReaderBenchmark(CReaders readers, Report report)
{
    private const int Messages = 100, SignalsPerMessage = 5, Queue = 256, Warmup = 400, Turns = 1500, ThreadTime = 3;

    public static void Run(Report report)
    {
        using var readers = new CReaders();
        report.Begin("reader", $"Processor time a frame, kernel included: {Messages * SignalsPerMessage} signals on {Messages} identifiers, {Queue} frames waiting, batches of {FrameBatch.DefaultCapacity}");
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
        var plan = DecodePlan.Compile(DbcFile.Parse(Dbc(fd), "benchmark.dbc"));
        int size = fd ? CanFrame.SizeOf : CanFrame.ClassicSizeOf, socket = (int)receiver.Descriptor;
        byte[] messages = Frames(fd, size);
        using var batch = new FrameBatch();
        var values = new SignalValue[plan.MaxSignalsPerFrame];
        double sum = 0;
        (string Key, string Text, Func<long> Read)[] contenders =
        [
            ("recvmmsg", "C, recvmmsg with times and drop counts, decodes nothing", () => readers.ReadMany(socket, Queue, FrameBatch.DefaultCapacity, true)),
            ("recvmmsgBare", "C, recvmmsg without them", () => readers.ReadMany(socket, Queue, FrameBatch.DefaultCapacity, false)),
            ("read", "C, read", () => readers.ReadEach(socket, Queue)),
            ("readOnly", "ours, read with times and drop counts", () => Ours(receiver, batch, null, values, ref sum)),
            ("decoded", "ours, the same and decoded", () => Ours(receiver, batch, plan, values, ref sum)),
        ];
        var times = contenders.Select(_ => new double[Turns]).ToArray();
        for (int turn = -Warmup; turn < Turns; turn++)
        {
            for (int i = 0; i < contenders.Length; i++)
            {
                readers.Send((int)sender.Descriptor, messages, size);
                long before = ThreadNs(), bytes = contenders[i].Read(), after = ThreadNs();
                if (bytes != (long)Queue * size) throw new BenchmarkException($"{contenders[i].Text}: {bytes} bytes were read of {Queue * size}");
                if (turn >= 0) times[i][turn] = (after - before) / (double)Queue;
            }
        }
        string kind = $"{(fd ? "fd" : "classic")} {transport}";
        double[] medians = [.. times.Select(Median)];
        for (int i = 0; i < contenders.Length; i++) report.Add($"{kind} {contenders[i].Key}", $"{kind}: {contenders[i].Text}", medians[i], "ns");
        report.Add($"{kind} ratio", $"{kind}: ours decoded / C recvmmsg with times", medians[4] / medians[0], "×", "≤ 1.3");
        report.Add($"{kind} ratioBare", $"{kind}: ours decoded / C recvmmsg without", medians[4] / medians[1], "×");
        report.Add($"{kind} ratioRead", $"{kind}: ours decoded / C read", medians[4] / medians[2], "×");
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

    private static byte[] Frames(bool fd, int size)
    {
        var random = new Random(1);
        byte[] all = new byte[Queue * size], payload = new byte[fd ? CanFrame.MaxLength : CanFrame.MaxClassicLength];
        for (int i = 0; i < Queue; i++)
        {
            random.NextBytes(payload);
            var frame = CanFrame.Data(Id(i % Messages), payload, fd);
            MemoryMarshal.AsBytes(new ReadOnlySpan<CanFrame>(in frame))[..size].CopyTo(all.AsSpan(i * size));
        }
        return all;
    }

    private static CanId Id(int message) => message % 2 == 0 ? CanId.Standard(0x100 + (uint)message) : CanId.Extended(0x18FE0000 + ((uint)message << 8));

    private static string Dbc(bool fd)
    {
        var text = new StringBuilder("VERSION \"\"\nBU_: ECU\n");
        int length = fd ? CanFrame.MaxLength : CanFrame.MaxClassicLength, step = length * 8 / SignalsPerMessage;
        for (int i = 0; i < Messages; i++)
        {
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"BO_ {Id(i).Raw} M{i}: {length} ECU\n");
            for (int j = 0; j < SignalsPerMessage; j++)
                text.Append(System.Globalization.CultureInfo.InvariantCulture, $" SG_ S{j} : {j * step}|{8 + j}@1{(j % 2 == 0 ? '+' : '-')} (0.{j + 1},-40) [0|0] \"\" ECU\n");
        }
        return text.ToString();
    }

    private static double Median(double[] values) => values.Order().ElementAt(values.Length / 2);

    /// <summary>The calling thread's processor time, CLOCK_THREAD_CPUTIME_ID.</summary>
    private static unsafe long ThreadNs()
    {
        TimeSpec time;
        _ = Libc.ClockGetTime(ThreadTime, &time);
        return time.ToNanoseconds();
    }
}
