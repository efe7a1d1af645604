using EdgeAgent.Can;
using EdgeAgent.Can.Candump;
using EdgeAgent.Can.Dbc;
using EdgeAgent.Can.SocketCan;
using EdgeAgent.Capture;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeAgent.Tests.Capture;

public sealed class SourceReaderTests
{
    private const string Dbc = """
        VERSION ""
        BU_: ECU
        BO_ 256 Engine: 8 ECU
         SG_ Speed : 0|16@1+ (0.25,0) [0|0] "rpm" Vector__XXX
         SG_ Load : 16|8@1+ (1,0) [0|0] "%" Vector__XXX
        """;

    private static readonly CanFrame Engine = CanFrame.Data(CanId.Standard(256), [4, 0, 50, 0, 0, 0, 0, 0]);

    private readonly SteppedTime _time = new();
    private readonly SampleRing _ring = new(TestStamps.Acme, firstSequence: 1, capacity: 1024);
    private readonly CaptureWindow _window = new() { FromNs = long.MinValue };

    [Fact]
    public async Task Frames_become_stamped_samples_and_everything_else_is_counted()
    {
        var reader = Reader(() => new FakeSource(
            FakeSource.Frames(Engine, CanFrame.Data(CanId.Standard(1), []), CanFrame.Error(0x40, new byte[8]), CanFrame.Data(CanId.Standard(256), [8, 0])),
            FakeSource.Then(ReadOutcome.Ended)));
        await reader.RunAsync(CancellationToken.None, CancellationToken.None);

        Assert.Equal([(1L, 0, 1.0), (2L, 1, 50.0), (3L, 0, 2.0)], Drain().Select(sample => (sample.Sequence, sample.Signal, sample.Value)));
        Assert.Equal((4L, 1L, 1L, 1L, 3L), (reader.Counters.Frames, reader.Counters.UnknownFrames, reader.Counters.ErrorFrames, reader.Counters.TruncatedFrames, reader.Counters.Samples));
        Assert.Equal(SourceState.Ended, reader.State);
    }

    [Fact]
    public async Task A_source_that_cannot_be_opened_is_retried_with_growing_waits_and_never_given_up()
    {
        int attempts = 0;
        var opened = new FakeSource(FakeSource.Frames(Engine), FakeSource.Then(ReadOutcome.Ended));
        var reader = Reader(() => ++attempts < 8 ? throw new CanSourceException(CanSourceFault.Missing, "can0 does not exist") : opened);
        var running = reader.RunAsync(CancellationToken.None, CancellationToken.None);
        await reader.Tried; // the agent is ready while a source is being retried
        Assert.Equal(SourceState.Retrying, reader.State);

        for (int i = 1; i < 8; i++) Assert.InRange(await _time.StepAsync(), TimeSpan.Zero, SourceReader.LongestRetry);
        await running;
        Assert.Equal(8, attempts);
        Assert.Equal(2, Drain().Count);
        Assert.True(opened.IsDisposed);
    }

    [Fact]
    public async Task An_interface_that_goes_away_is_opened_again_and_the_numbers_go_on()
    {
        int openings = 0;
        var reader = Reader(() => ++openings == 1
            ? new FakeSource(FakeSource.Frames(Engine), FakeSource.Then(ReadOutcome.Lost))
            : new FakeSource(FakeSource.Frames(Engine), FakeSource.Then(ReadOutcome.Ended)));
        var running = reader.RunAsync(CancellationToken.None, CancellationToken.None);
        Assert.Equal(TimeSpan.FromMilliseconds(250), await _time.StepAsync());
        await running;
        Assert.Equal(2, reader.Counters.Openings);
        Assert.Equal([1L, 2, 3, 4], Drain().Select(sample => sample.Sequence));
    }

    [Fact]
    public async Task An_interface_that_opens_and_fails_at_once_is_asked_less_and_less_often()
    {
        using var stop = new CancellationTokenSource();
        var reader = Reader(() => new FakeSource(FakeSource.Then(ReadOutcome.Lost)));
        var running = reader.RunAsync(stop.Token, CancellationToken.None);
        List<double> waits = [];
        for (int i = 0; i < 8; i++) waits.Add((await _time.StepAsync()).TotalSeconds);
        await stop.CancelAsync();
        await running;
        Assert.Equal([0.5, 1, 2, 4, 5, 5, 5, 5], waits);
    }

    [Fact]
    public async Task A_log_that_cannot_be_read_further_is_not_replayed_from_its_beginning()
    {
        int openings = 0;
        var reader = Reader(() =>
        {
            openings++;
            return new CandumpSource(new BrokenStream("(1.0) can0 100#0400320000000000\n"), null, speed: 0, TimeProvider.System);
        });
        await reader.RunAsync(CancellationToken.None, CancellationToken.None);
        Assert.Equal((1, SourceState.Ended), (openings, reader.State));
    }

    [Fact]
    public void A_frame_that_waited_while_the_clock_was_set_keeps_its_time()
    {
        var start = new DateTimeOffset(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);
        var time = new SettableClock(start);
        var clock = new WallClock(time);
        var reader = Reader(() => new FakeSource(), clock, isLive: true);
        using var batch = new FrameBatch();
        var values = new SignalValue[reader.Source.Plan.MaxSignalsPerFrame];

        time.Advance(TimeSpan.FromSeconds(100));
        batch.Add(Engine, WallClock.ToUnixNs(time.GetUtcNow()));
        reader.Decode(batch, values, CancellationToken.None);
        batch.Clear();
        batch.Add(Engine, WallClock.ToUnixNs(time.GetUtcNow())); // by the old clock …
        time.Advance(TimeSpan.FromSeconds(2));
        time.Set(new DateTimeOffset(2026, 5, 4, 8, 0, 0, TimeSpan.Zero)); // … which is set before the frame is read
        reader.Decode(batch, values, CancellationToken.None);
        Assert.Equal([100.0, 100, 100, 100], Drain().Select(sample => Math.Round(sample.TimeNs / 1e9, 3)));
    }

    [Fact]
    public async Task What_finds_the_ring_full_is_counted_and_reading_goes_on()
    {
        var frames = Enumerable.Repeat(Engine, FrameBatch.DefaultCapacity).ToArray();
        var reader = Reader(() => new FakeSource([.. Enumerable.Repeat(FakeSource.Frames(frames), 20), FakeSource.Then(ReadOutcome.Ended)]), isLive: true);
        await reader.RunAsync(CancellationToken.None, CancellationToken.None);
        Assert.Equal(20L * frames.Length, reader.Counters.Frames);
        Assert.Equal(20L * frames.Length * 2, reader.Counters.Samples + reader.Counters.RefusedSamples);
        Assert.Equal(_ring.Capacity, reader.Counters.Samples);
    }

    [Fact]
    public async Task A_log_waits_for_room_instead_of_losing_anything()
    {
        var frames = Enumerable.Repeat(Engine, FrameBatch.DefaultCapacity).ToArray();
        var reader = Reader(() => new FakeSource([.. Enumerable.Repeat(FakeSource.Frames(frames), 100), FakeSource.Then(ReadOutcome.Ended)]));
        var running = reader.RunAsync(CancellationToken.None, CancellationToken.None);
        int taken = 0;
        await Eventually.TrueAsync(() => running.IsCompleted, () => taken += Drain().Count);
        taken += Drain().Count;
        Assert.Equal((100 * frames.Length * 2, 0L), (taken, reader.Counters.RefusedSamples));
    }

    [Fact]
    public async Task Stopping_ends_the_reader_without_an_error()
    {
        using var stop = new CancellationTokenSource();
        var reader = Reader(() => new FakeSource([.. Enumerable.Repeat<Func<FrameBatch, ReadOutcome>>(_ =>
        {
            stop.Cancel();
            return ReadOutcome.Idle;
        }, 1_000)]));
        await reader.RunAsync(stop.Token, CancellationToken.None);
        Assert.Empty(Drain());
    }

    [Fact]
    public void From_a_log_to_the_ring_nothing_is_allocated_per_frame()
    {
        byte[] log = System.Text.Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("(1777881600.000001) can0 100#0400320000000000\n", 40_000)));
        using var source = new CandumpSource(new MemoryStream(log), bus: null, speed: 0, TimeProvider.System);
        Assert.Equal(0, AllocatedInSteadyState(source, () => { }, rounds: 200));
    }

    [Fact]
    [Trait("needs", "vcan")]
    public void From_a_CAN_socket_to_the_ring_nothing_is_allocated_per_frame()
    {
        if (!File.Exists("/sys/class/net/vcan1/ifindex")) Assert.Skip("no vcan1 here: run with tests/rig/with-vcan.sh (Debian packages user-mode-linux, iproute2, kmod)");
        using var sender = CanSocket.Open("vcan1");
        using var source = CanSocket.Open("vcan1", new CanSocketOptions { Filter = [CanId.Standard(256)] });
        var fd = CanFrame.Data(CanId.Standard(256), new byte[64], fd: true);
        Assert.Equal(0, AllocatedInSteadyState(source, () =>
        {
            for (int i = 0; i < 16; i++)
            {
                sender.Send(Engine);
                sender.Send(fd);
            }
        }, rounds: 100));
    }

    private long AllocatedInSteadyState(ICanSource source, Action send, int rounds)
    {
        var reader = Reader(() => source, new WallClock(BootTimeProvider.Instance));
        using var batch = new FrameBatch();
        var values = new SignalValue[reader.Source.Plan.MaxSignalsPerFrame];
        void Round()
        {
            send();
            if (source.Read(batch) != ReadOutcome.Frames) throw new InvalidOperationException("no frames"); // an assertion would allocate
            reader.Decode(batch, values, CancellationToken.None);
            while (_ring.TryTake(out _)) { }
        }
        for (int i = 0; i < rounds; i++) Round();
        return Allocations.Least(() =>
        {
            long samples = reader.Counters.Samples;
            for (int i = 0; i < rounds; i++) Round();
            if (reader.Counters.Samples - samples < rounds * 16) throw new InvalidOperationException("too few samples");
        });
    }

    private SourceReader Reader(Func<ICanSource> open, WallClock? clock = null, bool isLive = false) =>
        new(new CaptureSource(BusName.Parse("can0"), "test", DecodePlan.Compile(DbcFile.Parse(Dbc)), [new SignalDescription("can0/Engine/Speed", "rpm"), new SignalDescription("can0/Engine/Load", "%")], isLive, open),
            _ring, [0, 1], _window, clock ?? new WallClock(_time), _time, ThreadWorkers.Instance, NullLogger.Instance);

    /// <summary>A file whose medium fails behind its first lines.</summary>
    private sealed class BrokenStream(string text) : MemoryStream(System.Text.Encoding.ASCII.GetBytes(text))
    {
        public override int Read(Span<byte> buffer) => base.Read(buffer) is > 0 and var read ? read : throw new IOException("Input/output error");
    }

    private List<Sample> Drain()
    {
        List<Sample> samples = [];
        while (_ring.TryTake(out var sample)) samples.Add(sample);
        return samples;
    }
}
