using System.Net.Sockets;
using System.Text;
using EdgeAgent.Capture;
using EdgeAgent.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeAgent.Tests.Diagnostics;

/// <summary>The heartbeat on a real socket, by a clock that the test turns.</summary>
public sealed class WatchdogTests : IAsyncDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(20), LongestSilence = TimeSpan.FromSeconds(30);

    private readonly TestDirectory _directory = new();
    private readonly LeapingTime _time = new();
    private readonly Socket _manager = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
    private readonly JournalOfTest _log = new();
    private readonly Watchdog _watchdog;
    private Pulse[] _pulses = [new("one", LongestSilence), new("other", LongestSilence)];

    public WatchdogTests()
    {
        _manager.Bind(new UnixDomainSocketEndPoint(_directory["notify"]));
        Environment.SetEnvironmentVariable("NOTIFY_SOCKET", _directory["notify"]);
        var notifier = new TolerantNotifier(NullLoggerFactory.Instance);
        Environment.SetEnvironmentVariable("NOTIFY_SOCKET", null);
        _watchdog = new Watchdog(() => _pulses, Timeout, notifier, _time, _log);
    }

    public async ValueTask DisposeAsync()
    {
        await _watchdog.StopAsync(CancellationToken.None);
        _watchdog.Dispose();
        _manager.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public async Task While_all_loops_come_round_the_service_manager_gets_a_heartbeat_each_quarter_of_its_time_though_the_device_slept_for_an_hour()
    {
        await _watchdog.StartAsync(CancellationToken.None);
        await _time.SettledAsync();
        for (int quarter = 0; quarter < 40; quarter++)
        {
            if (quarter == 20) _time.Slept = TimeSpan.FromHours(1); // and no loop has come round since
            else foreach (var pulse in _pulses) pulse.Beat();
            _time.Advance(Timeout / 4 - TimeSpan.FromMilliseconds(1));
            Assert.Equal(0, Heartbeats());
            _time.Advance(TimeSpan.FromMilliseconds(1));
            await Eventually.TrueAsync(() => Heartbeats() == 1);
        }
        Assert.Empty(_log.Lines);
    }

    [Fact]
    public void A_loop_may_be_silent_for_as_long_as_it_says_and_then_there_is_no_heartbeat_until_it_moves()
    {
        Assert.Equal(1, Look(1, _pulses));
        Assert.Equal(6, Look(6, _pulses[0])); // 30 s
        Assert.Equal(0, Look(12, _pulses[0]));
        Assert.Equal(["the other loop has not moved for 35 s; until it does there is no heartbeat for the service manager, which then starts the agent anew"], _log.Lines);
        Assert.Equal("these loops do not move: other", _watchdog.Trouble);
        Assert.Equal(4, Look(4, _pulses));
        Assert.Equal("the other loop moves again", _log.Lines[1]);
        Assert.Null(_watchdog.Trouble);
    }

    [Fact]
    public void Loops_that_have_ended_are_not_waited_for()
    {
        Assert.Equal(1, Look(1, _pulses));
        _pulses = [_pulses[0], new Pulse("young", LongestSilence)];
        Assert.Equal(12, Look(12, _pulses));
        _pulses = [];
        Assert.Equal(12, Look(12));
        Assert.Empty(_log.Lines);
    }

    [Theory]
    [InlineData("60000000", null, 60_000d)]
    [InlineData("60000000", "", 60_000d)]
    [InlineData("1500", "4711", 1.5)]
    [InlineData("60000000", "4712", null)] // it watches somebody else
    [InlineData(null, null, null)]
    [InlineData("", null, null)]
    [InlineData("0", null, null)]
    [InlineData("-1", null, null)]
    [InlineData("6e7", null, null)]
    [InlineData("18446744073709551615", null, null)] // infinity
    public void It_does_what_the_service_manager_asks_of_this_process(string? microseconds, string? process, double? milliseconds) =>
        Assert.Equal(
            milliseconds is { } expected ? TimeSpan.FromMilliseconds(expected) : null,
            Watchdog.Timeout(name => name switch { "WATCHDOG_USEC" => microseconds, "WATCHDOG_PID" => process, _ => null }, processId: 4711));

    /// <returns>How many heartbeats came of so many looks, a quarter of the time apart.</returns>
    private int Look(int looks, params Pulse[] beating)
    {
        int count = 0;
        for (int i = 0; i < looks; i++)
        {
            foreach (var pulse in beating) pulse.Beat();
            _watchdog.Look();
            count += Heartbeats();
        }
        return count;
    }

    private int Heartbeats()
    {
        int count = 0;
        byte[] buffer = new byte[256];
        for (; _manager.Available > 0; count++) Assert.Equal("WATCHDOG=1", Encoding.UTF8.GetString(buffer, 0, _manager.Receive(buffer)));
        return count;
    }

    private sealed class LeapingTime : SteppedTime
    {
        public TimeSpan Slept { get; set; }

        public override long GetTimestamp() => base.GetTimestamp() + (long)(Slept.TotalSeconds * TimestampFrequency);
    }
}
