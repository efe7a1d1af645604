using System.Net.Sockets;
using System.Text;
using EdgeAgent.Capture;
using EdgeAgent.Diagnostics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeAgent.Tests.Diagnostics;

/// <summary>The heartbeat on a real socket, by a clock that the test turns.</summary>
public sealed class WatchdogTests : IAsyncDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(20), LongestSilence = TimeSpan.FromSeconds(30);

    private readonly TestDirectory _directory = new();
    private readonly LeapingTime _time = new();
    private readonly Socket _manager = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
    private readonly List<string> _log = [];
    private readonly Watchdog _watchdog;
    private Pulse[] _pulses = [new("one", LongestSilence), new("other", LongestSilence)];

    public WatchdogTests()
    {
        _manager.Bind(new UnixDomainSocketEndPoint(_directory["notify"]));
        Environment.SetEnvironmentVariable("NOTIFY_SOCKET", _directory["notify"]);
        var notifier = new TolerantNotifier(NullLoggerFactory.Instance);
        Environment.SetEnvironmentVariable("NOTIFY_SOCKET", null);
        _watchdog = new Watchdog(() => _pulses, Timeout, notifier, _time, new ListLogger(_log));
    }

    public async ValueTask DisposeAsync()
    {
        await _watchdog.StopAsync(CancellationToken.None);
        _watchdog.Dispose();
        _manager.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public async Task While_all_loops_come_round_the_service_manager_gets_four_heartbeats_within_its_time()
    {
        await StartAsync();
        Assert.Equal(4, Pass(Timeout, _pulses));
        Assert.Equal(40, Pass(10 * Timeout, _pulses));
        Assert.Empty(_log);
    }

    [Fact]
    public async Task A_loop_may_be_silent_for_as_long_as_it_says_and_then_there_is_no_heartbeat_until_it_moves()
    {
        await StartAsync();
        Pass(Timeout, _pulses);
        Assert.Equal(6, Pass(LongestSilence, _pulses[0]));
        Assert.Equal(0, Pass(3 * Timeout, _pulses[0]));
        Assert.Equal(["the other loop has not moved for 35 s; until it does there is no heartbeat for the service manager, which then starts the agent anew"], _log);
        Assert.Equal("these loops do not move: other", _watchdog.Trouble);
        Assert.Equal(4, Pass(Timeout, _pulses));
        Assert.Equal("the other loop moves again", _log[1]);
        Assert.Null(_watchdog.Trouble);
    }

    [Fact]
    public async Task Loops_that_have_ended_are_not_waited_for()
    {
        await StartAsync();
        Pass(Timeout, _pulses);
        _pulses = [_pulses[0], new Pulse("young", LongestSilence)];
        Assert.Equal(12, Pass(3 * Timeout, _pulses));
        _pulses = [];
        Assert.Equal(12, Pass(3 * Timeout));
        Assert.Empty(_log);
    }

    [Fact]
    public async Task An_hour_for_which_the_device_slept_is_no_silence()
    {
        await StartAsync();
        Pass(Timeout, _pulses);
        _time.Slept = TimeSpan.FromHours(1);
        Assert.Equal(1, Pass(Timeout / 4));
        Assert.Empty(_log);
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

    private async Task StartAsync()
    {
        await _watchdog.StartAsync(CancellationToken.None);
        await _time.SettledAsync();
    }

    /// <returns>How many heartbeats came meanwhile.</returns>
    private int Pass(TimeSpan span, params Pulse[] beating)
    {
        int count = 0;
        byte[] buffer = new byte[256];
        for (var passed = TimeSpan.Zero; passed < span; passed += TimeSpan.FromSeconds(1))
        {
            foreach (var pulse in beating) pulse.Beat();
            _time.Advance(TimeSpan.FromSeconds(1));
            for (; _manager.Available > 0; count++) Assert.Equal("WATCHDOG=1", Encoding.UTF8.GetString(buffer, 0, _manager.Receive(buffer)));
        }
        return count;
    }

    private sealed class LeapingTime : SteppedTime
    {
        public TimeSpan Slept { get; set; }

        public override long GetTimestamp() => base.GetTimestamp() + (long)(Slept.TotalSeconds * TimestampFrequency);
    }

    private sealed class ListLogger(List<string> log) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => log.Add(formatter(state, exception));
    }
}
