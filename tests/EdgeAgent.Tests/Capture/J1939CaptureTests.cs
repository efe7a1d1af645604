using EdgeAgent.Can;
using EdgeAgent.Can.Candump;
using EdgeAgent.Can.Dbc;
using EdgeAgent.Capture;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeAgent.Tests.Capture;

/// <summary>J1939 messages on their way from frames to the ring.</summary>
public sealed class J1939CaptureTests
{
    // 0x98FEEEFE: engine temperature; 0x98FEECFE: a message of 20 bytes.
    private const string Dbc = """
        BO_ 2566844158 ET1: 8 Vector__XXX
         SG_ Coolant : 0|8@1+ (1,-40) [-40|210] "degC" Vector__XXX
        BO_ 2566843646 VI: 20 Vector__XXX
         SG_ Last : 152|8@1+ (1,0) [0|250] "" Vector__XXX
        BA_DEF_ BO_ "VFrameFormat" ENUM "StandardCAN","ExtendedCAN","reserved","J1939PG";
        BA_DEF_DEF_ "VFrameFormat" "J1939PG";
        """;

    private static readonly string[] Long = ["1CECFF05#20140003FFECFE00", "1CEBFF05#0101020304050607", "1CEBFF05#0208090A0B0C0D0E", "1CEBFF05#030F1011121314FF"];

    private readonly SampleRing _ring = new(TestStamps.Acme, firstSequence: 1, capacity: 1024);

    [Fact]
    public async Task Whoever_sends_a_group_its_numbers_are_captured_and_long_messages_too()
    {
        var reader = Reader(() => new FakeSource(
            FakeSource.Frames(Frame("18FEEE00#7DFFFFFFFFFFFFFF"), Frame(Long[0]), Frame("18FEEE31#FFFFFFFFFFFFFFFF"), Frame(Long[1])),
            FakeSource.Frames(Frame(Long[2]), Frame("0CFEEE31#7EFFFFFFFFFFFFFF"), Frame("18FEEF00#00"), Frame(Long[3])),
            FakeSource.Then(ReadOutcome.Ended)));
        await reader.RunAsync(CancellationToken.None, CancellationToken.None);
        Assert.Equal([(0, 85.0), (0, 86.0), (1, 20.0)], Drain());
        Assert.Equal((8L, 1L, 3L), (reader.Counters.Frames, reader.Counters.UnknownFrames, reader.Counters.Samples));
    }

    [Fact]
    public async Task Across_frames_that_the_kernel_dropped_no_message_is_put_together()
    {
        FakeSource source = null!;
        source = new FakeSource(
            FakeSource.Frames(Frame(Long[0]), Frame(Long[1])),
            batch =>
            {
                source.Dropped = 7;
                return FakeSource.Frames(Frame(Long[2]), Frame(Long[3]))(batch);
            },
            FakeSource.Frames([.. Long.Select(Frame)]),
            FakeSource.Then(ReadOutcome.Ended));
        var reader = Reader(() => source);
        await reader.RunAsync(CancellationToken.None, CancellationToken.None);
        Assert.Equal([(1, 20.0)], Drain());
    }

    [Fact]
    public void From_a_log_to_the_ring_nothing_is_allocated_per_message()
    {
        string round = string.Concat(Long.Append("18FEEE31#7DFFFFFFFFFFFFFF").Select(frame => $"(1777881600.000001) can0 {frame}\n"));
        using var source = new CandumpSource(new MemoryStream(System.Text.Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(round, 8_000)))), bus: null, speed: 0, TimeProvider.System);
        var reader = Reader(() => source);
        using var batch = new FrameBatch();
        var values = new SignalValue[reader.Source.Plan.MaxSignalsPerFrame];
        Rounds();
        long before = reader.Counters.Samples;
        Assert.Equal(0, Allocations.Least(Rounds));
        Assert.InRange(reader.Counters.Samples - before, 1000, long.MaxValue);

        void Rounds()
        {
            for (int i = 0; i < 100; i++)
            {
                if (source.Read(batch) != ReadOutcome.Frames) throw new InvalidOperationException("no frames");
                reader.Decode(batch, values, CancellationToken.None);
                while (_ring.TryTake(out _)) { }
            }
        }
    }

    private static CanFrame Frame(string text)
    {
        string[] parts = text.Split('#');
        return CanFrame.Data(CanId.Extended(Convert.ToUInt32(parts[0], 16)), Convert.FromHexString(parts[1]));
    }

    private SourceReader Reader(Func<ICanSource> open)
    {
        var plan = DecodePlan.Compile(DbcFile.Parse(Dbc));
        SignalDescription[] signals = [.. plan.Signals.Select(planned => new SignalDescription($"can0/{planned.Message.Name}/{planned.Signal.Name}", planned.Signal.Unit))];
        return new SourceReader(new CaptureSource(BusName.Parse("can0"), "test", plan, signals, IsLive: false, open),
            _ring, [0, 1], new CaptureWindow { FromNs = long.MinValue }, new WallClock(TimeProvider.System), TimeProvider.System, ThreadWorkers.Instance, NullLogger.Instance);
    }

    private List<(int Signal, double Value)> Drain()
    {
        List<(int, double)> samples = [];
        while (_ring.TryTake(out var sample)) samples.Add((sample.Signal, sample.Value));
        return samples;
    }
}
