using EdgeAgent.Capture;

namespace EdgeAgent.Tests.Capture;

public sealed class WallClockTests
{
    [Fact]
    public void A_clock_that_is_set_later_gives_earlier_samples_their_true_time()
    {
        var time = new SettableClock(new DateTimeOffset(2000, 1, 1, 0, 0, 0, TimeSpan.Zero));
        var clock = new WallClock(time);
        long captured = clock.NowNs();
        Assert.Equal(WallClock.ToUnixNs(time.GetUtcNow()), captured + clock.OffsetNs());

        time.Set(new DateTimeOffset(2026, 5, 4, 8, 0, 0, TimeSpan.Zero)); // the network came up
        Assert.Equal(WallClock.ToUnixNs(new DateTimeOffset(2026, 5, 4, 8, 0, 0, TimeSpan.Zero)), captured + clock.Read().OffsetNs);
    }

    [Theory]
    [InlineData(100, false)]
    [InlineData(-100, false)]
    [InlineData(600, true)]
    [InlineData(-600, true)]
    public void Small_differences_are_not_followed_so_that_distances_between_frames_stay_true(int microseconds, bool follows)
    {
        var time = new SettableClock(DateTimeOffset.UnixEpoch);
        var clock = new WallClock(time);
        long before = clock.OffsetNs();
        time.Set(time.GetUtcNow() + TimeSpan.FromMicroseconds(microseconds));
        Assert.Equal(follows ? microseconds * 1000 : 0, clock.OffsetNs() - before);
    }

    [Fact]
    public void The_systems_clock_counts_from_boot_in_nanoseconds()
    {
        double uptime = double.Parse(File.ReadAllText("/proc/uptime").Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal(uptime, new WallClock(BootTimeProvider.Instance).NowNs() / 1e9, 1.0);
        Assert.Equal(1_000_000_000, BootTimeProvider.Instance.TimestampFrequency);
    }
}
