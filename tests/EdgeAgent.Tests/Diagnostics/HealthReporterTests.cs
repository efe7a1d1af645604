using EdgeAgent.Diagnostics;
using EdgeAgent.Tenancy;
using Microsoft.Extensions.Time.Testing;

namespace EdgeAgent.Tests.Diagnostics;

/// <summary>When health is reported.</summary>
public sealed class HealthReporterTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly List<(double Second, string Members)> _reports = [];
    private HealthInputs _inputs = Health.Inputs();

    public void Dispose() => _stop.Dispose();

    [Fact]
    public async Task At_the_start_and_every_interval()
    {
        var running = Start(interval: 60);
        Pass(200);
        await EndAsync(running);
        Assert.Equal([0, 60, 120, 180], Seconds);
    }

    [Fact]
    public async Task Rates_are_those_between_two_reports()
    {
        var running = Start(interval: 60);
        _inputs = Health.Inputs(samples: 600);
        Pass(60);
        await EndAsync(running);
        Assert.DoesNotContain("samplesPerSecond", _reports[0].Members, StringComparison.Ordinal);
        Assert.Contains("\"samplesPerSecond\":10,", _reports[1].Members, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("retrying", "error-active")]
    [InlineData("open", "bus-off")]
    public async Task Soon_after_the_state_of_a_bus_has_changed(string state, string controller)
    {
        var running = Start(interval: 60);
        Pass(20);
        _inputs = Bus(state, controller);
        Pass(60);
        await EndAsync(running);
        Assert.Equal([0, 21], Seconds); // and the interval counts anew
        Assert.Contains($"\"state\":\"{state}\",\"controller\":\"{controller}\"", _reports[1].Members, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Soon_after_the_broker_is_back_and_not_when_it_goes()
    {
        var running = Start(interval: 60);
        Pass(20);
        _inputs = Link(connected: false, connects: 1);
        Pass(20);
        _inputs = Link(connected: true, connects: 2);
        Pass(20);
        await EndAsync(running);
        Assert.Equal([0, 41], Seconds);
    }

    [Fact]
    public async Task A_broker_that_was_away_between_two_looks_is_back_too()
    {
        var running = Start(interval: 60);
        Pass(20);
        _inputs = Link(connected: true, connects: 2);
        Pass(20);
        await EndAsync(running);
        Assert.Equal([0, 21], Seconds);
    }

    [Fact]
    public async Task A_bus_that_flaps_is_reported_every_few_seconds_at_most()
    {
        var running = Start(interval: 60);
        for (int second = 0; second < 60; second++)
        {
            _inputs = Bus(second % 2 == 0 ? "retrying" : "open", "error-active");
            Pass(1);
        }
        await EndAsync(running);
        Assert.InRange(_reports.Count, 2, 60 / 5 + 1);
        Assert.All(_reports.Zip(_reports.Skip(1)), pair => Assert.True(pair.Second.Second - pair.First.Second >= 5));
    }

    private IEnumerable<double> Seconds => _reports.Select(report => report.Second);

    private HealthReporter Reporter(int interval)
    {
        var begun = _time.GetUtcNow();
        return new(() => _inputs, () => new SystemReading(), (channel, members) =>
        {
            Assert.Equal(Channel.Health, channel);
            _reports.Add(((_time.GetUtcNow() - begun).TotalSeconds, Health.Text(members)));
        }, () => TimeSpan.FromSeconds(interval), _time);
    }

    private Task Start(int interval) => Reporter(interval).RunAsync(_stop.Token);

    /// <summary>The timer's continuation runs within each step, since nothing else is to be run.</summary>
    private void Pass(int seconds)
    {
        for (int i = 0; i < seconds; i++) _time.Advance(TimeSpan.FromSeconds(1));
    }

    private async Task EndAsync(Task running)
    {
        await _stop.CancelAsync();
        await running;
    }

    private static HealthInputs Bus(string state, string controller) => Health.Inputs(bus: new BusHealth("can0", state, controller, 500_000, null, 0, 0, 0, 1));

    private static HealthInputs Link(bool connected, long connects) => Health.Inputs() with { Link = new LinkHealth(connected, connects, null) };
}
