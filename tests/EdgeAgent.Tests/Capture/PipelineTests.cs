using CsCheck;
using EdgeAgent.Can;
using EdgeAgent.Can.Dbc;
using EdgeAgent.Capture;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace EdgeAgent.Tests.Capture;

public sealed class PipelineTests
{
    private const string Dbc = """
        VERSION ""
        BU_: ECU
        BO_ 256 Counter: 4 ECU
         SG_ Number : 0|32@1+ (1,0) [0|0] "" Vector__XXX
        """;

    private static readonly DateTimeOffset Start = new(2026, 5, 4, 8, 0, 0, TimeSpan.Zero);

    private readonly FakeTimeProvider _time = new(Start);

    [Fact]
    public async Task Two_pipelines_divide_the_frames_at_one_moment_whoever_reads_first()
    {
        var numbers = Enumerable.Range(0, 100).ToArray();
        var clock = new WallClock(_time);
        var before = new SampleRing(TestStamps.Acme, 1);
        var after = new SampleRing(TestStamps.Of("bravo", 2), 1);
        using var received = new ManualResetEventSlim();
        var old = Open(before, clock, new Bus(numbers, received));
        var young = Open(after, clock, new Bus(numbers, received));
        old.BeginAt(long.MinValue);
        await Task.WhenAll(old.TriedAsync(TestContext.Current.CancellationToken), young.TriedAsync(TestContext.Current.CancellationToken));

        long boundary = clock.NowNs() + 50_000_000;
        young.BeginAt(boundary);
        var ending = old.EndAtAsync(boundary);
        _time.Advance(TimeSpan.FromMilliseconds(200));
        received.Set(); // both have every frame, from before the moment and from after it
        await ending;
        await Eventually.TrueAsync(() => after.Accepted == 50);
        await young.EndAtAsync(clock.NowNs());

        Assert.Equal(numbers[..50].Select(number => (double)number), Values(before));
        Assert.Equal(numbers[50..].Select(number => (double)number), Values(after));
    }

    [Fact]
    public void Of_two_windows_that_touch_each_moment_is_in_exactly_one() =>
        Gen.Select(Gen.Long[-1000, 1000], Gen.Long[-1000, 1000]).Sample((boundary, moment) =>
        {
            var first = new CaptureWindow { FromNs = long.MinValue, UntilNs = boundary };
            var second = new CaptureWindow { FromNs = boundary };
            return first.Contains(moment) != second.Contains(moment);
        });

    [Fact]
    public void Nothing_belongs_to_a_window_that_has_not_begun() => Assert.False(new CaptureWindow().Contains(1));

    [Fact]
    public async Task A_log_is_not_read_before_its_pipeline_begins()
    {
        var ring = new SampleRing(TestStamps.Acme, 1);
        var pipeline = new Pipeline(ring, new SignalCatalog([]), [Source(() => new FakeSource(FakeSource.Frames(Frame(7)), FakeSource.Then(ReadOutcome.Ended)), isLive: false)],
            new WallClock(_time), _time, ThreadWorkers.Instance, NullLogger.Instance);
        pipeline.Start((_, loop) => loop);
        await pipeline.TriedAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, ring.Accepted);
        pipeline.BeginAt(0);
        await Eventually.TrueAsync(() => pipeline.Readers[0].State == SourceState.Ended);
        Assert.Equal([7.0], Values(ring));
        await pipeline.EndAtAsync(0);
    }

    private Pipeline Open(SampleRing ring, WallClock clock, Bus bus)
    {
        var pipeline = new Pipeline(ring, new SignalCatalog([]), [Source(() => bus, isLive: true)], clock, _time, ThreadWorkers.Instance, NullLogger.Instance);
        pipeline.Start((_, loop) => loop);
        return pipeline;
    }

    private static CaptureSource Source(Func<ICanSource> open, bool isLive) =>
        new(BusName.Parse("can0"), "test", DecodePlan.Compile(DbcFile.Parse(Dbc)), [new SignalDescription("can0/Counter/Number", null)], isLive, open);

    private static CanFrame Frame(int number) => CanFrame.Data(CanId.Standard(256), BitConverter.GetBytes(number));

    private static List<double> Values(SampleRing ring)
    {
        List<double> values = [];
        while (ring.TryTake(out var sample)) values.Add(sample.Value);
        return values;
    }

    /// <summary>A bus with a frame a millisecond, which can be read when the time has come.</summary>
    private sealed class Bus(IEnumerable<int> numbers, ManualResetEventSlim received) : ICanSource
    {
        private readonly Queue<int> _numbers = new(numbers);

        public long Dropped => 0;

        public CanSourceException? Fault => null;

        public string Details => "";

        public ReadOutcome Read(FrameBatch batch)
        {
            received.Wait(TimeSpan.FromSeconds(20));
            batch.Clear();
            while (batch.Count < batch.Capacity && _numbers.TryDequeue(out int next)) batch.Add(Frame(next), WallClock.ToUnixNs(Start.AddMilliseconds(next)));
            return batch.Count > 0 ? ReadOutcome.Frames : ReadOutcome.Idle;
        }

        public void Dispose()
        {
        }
    }
}
