using System.Text;
using EdgeAgent.Can.Candump;
using Microsoft.Extensions.Time.Testing;

namespace EdgeAgent.Can.Tests.Candump;

public sealed class CandumpSourceTests
{
    private const string Log = "(100.0) can0 001#\n(100.5) can1 002#\n(101.0) can0 003#\nbroken\n(103.0) can0 004#\n";

    [Fact]
    public void At_speed_0_everything_comes_at_once_with_the_recorded_times()
    {
        using var source = new CandumpSource(Stream(Log), bus: null, speed: 0, TimeProvider.System);
        using var batch = new FrameBatch();
        Assert.Equal(ReadOutcome.Frames, source.Read(batch));
        Assert.Equal([1u, 2, 3, 4], Ids(batch));
        Assert.Equal(103_000_000_000, batch.TimestampNs(3));
        Assert.Equal(ReadOutcome.Ended, source.Read(batch));
        Assert.Equal(1, source.MalformedLines);
    }

    [Fact]
    public void Only_the_frames_of_the_chosen_interface_are_replayed()
    {
        using var source = new CandumpSource(Stream(Log), bus: "can1", speed: 0, TimeProvider.System);
        using var batch = new FrameBatch();
        Assert.Equal(ReadOutcome.Frames, source.Read(batch));
        Assert.Equal([2u], Ids(batch));
        Assert.Equal(ReadOutcome.Ended, source.Read(batch));
        Assert.Equal("1 lines were no frames, 3 frames of other interfaces than can1 were left out, such as can0", source.Details);
    }

    [Theory]
    [InlineData(1, 3000)]
    [InlineData(10, 300)]
    [InlineData(0.5, 6000)]
    public void Frames_keep_their_distances_divided_by_the_speed(double speed, int expectedMilliseconds)
    {
        var time = new FakeTimeProvider();
        var waited = TimeSpan.Zero;
        using var source = new CandumpSource(Stream(Log), bus: null, speed, time, wait: span =>
        {
            Assert.InRange(span, TimeSpan.FromTicks(1), CanSource.ReadTimeout);
            time.Advance(span);
            waited += span;
        });
        using var batch = new FrameBatch();
        List<uint> ids = [];
        ReadOutcome outcome;
        while ((outcome = source.Read(batch)) != ReadOutcome.Ended)
        {
            if (outcome == ReadOutcome.Frames) ids.AddRange(Ids(batch));
        }
        Assert.Equal([1u, 2, 3, 4], ids);
        Assert.Equal(expectedMilliseconds, waited.TotalMilliseconds, 0.01);
    }

    [Fact]
    public void More_frames_than_fit_into_a_batch_come_in_the_next()
    {
        using var source = new CandumpSource(Stream(Log), bus: null, speed: 0, TimeProvider.System);
        using var batch = new FrameBatch(3);
        source.Read(batch);
        Assert.Equal([1u, 2, 3], Ids(batch));
        source.Read(batch);
        Assert.Equal([4u], Ids(batch));
    }

    [Fact]
    public void A_missing_log_is_named()
    {
        var e = Assert.Throws<CanSourceException>(() => CandumpSource.Open("/nowhere/drive.log", null, 1, TimeProvider.System));
        Assert.Equal(CanSourceFault.Missing, e.Fault);
        Assert.Equal("/nowhere/drive.log: no such log", e.Message);
    }

    private static MemoryStream Stream(string text) => new(Encoding.ASCII.GetBytes(text));

    private static List<uint> Ids(FrameBatch batch) => [.. Enumerable.Range(0, batch.Count).Select(i => batch[i].RawId)];
}
