using EdgeAgent.Can;
using EdgeAgent.Can.Dbc;
using EdgeAgent.Capture;
using EdgeAgent.Management.Control;
using EdgeAgent.Tests.Capture;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace EdgeAgent.Tests.Management.Control;

public sealed class TrialTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task A_source_that_does_not_open_fails_the_trial_within_ten_seconds_with_its_place_and_reason()
    {
        var pipeline = Start(() => new FakeSource([.. Enumerable.Repeat(FakeSource.Then(ReadOutcome.Idle), 1000)]), () => throw new CanSourceException(CanSourceFault.Missing, "can77 does not exist"));
        await pipeline.TriedAsync(TestContext.Current.CancellationToken);
        var trial = new Trial(pipeline, TimeSpan.FromSeconds(60), _time);
        var begun = _time.GetUtcNow();
        TrialVerdict verdict;
        while ((verdict = trial.Look(brokerIsThere: true, out var mistakes)) == TrialVerdict.Open)
        {
            Assert.Empty(mistakes);
            _time.Advance(Controller.TickInterval);
        }
        trial.Look(true, out var why);
        Assert.Equal(TrialVerdict.Failed, verdict);
        Assert.InRange((_time.GetUtcNow() - begun).TotalSeconds, 0, 10);
        Assert.Equal(("/sources/1", "can77 does not exist"), (why[0].Pointer, why[0].Message));
        await pipeline.EndAtAsync(0);
    }

    [Fact]
    public void With_nothing_to_open_it_passes_when_its_time_is_over_and_the_broker_is_there()
    {
        var trial = new Trial(null, TimeSpan.FromSeconds(30), _time);
        Assert.Equal(TrialVerdict.Open, trial.Look(brokerIsThere: false, out _));
        _time.Advance(TimeSpan.FromSeconds(29));
        Assert.Equal(TrialVerdict.Open, trial.Look(brokerIsThere: true, out _));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(TrialVerdict.Passed, trial.Look(brokerIsThere: true, out _));
    }

    [Fact]
    public void A_broker_that_was_there_and_does_not_come_back_fails_it()
    {
        var trial = new Trial(null, TimeSpan.FromSeconds(30), _time);
        Assert.Equal(TrialVerdict.Open, trial.Look(brokerIsThere: true, out _));
        _time.Advance(TimeSpan.FromSeconds(59));
        Assert.Equal(TrialVerdict.Open, trial.Look(brokerIsThere: false, out _));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(TrialVerdict.Failed, trial.Look(brokerIsThere: false, out var why));
        Assert.Contains("broker", why[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_network_nothing_is_held_against_it_and_it_passes_when_the_broker_is_there()
    {
        var trial = new Trial(null, TimeSpan.FromSeconds(30), _time);
        _time.Advance(TimeSpan.FromDays(2));
        Assert.Equal(TrialVerdict.Open, trial.Look(brokerIsThere: false, out _));
        Assert.Equal(TrialVerdict.Passed, trial.Look(brokerIsThere: true, out _));
    }

    private Pipeline Start(params IEnumerable<Func<ICanSource>> sources)
    {
        var plan = DecodePlan.Compile(DbcFile.Parse("VERSION \"\"\nBU_: E\nBO_ 1 M: 1 E\n SG_ S : 0|8@1+ (1,0) [0|0] \"\" E\n"));
        var pipeline = new Pipeline(
            new SampleRing(TestStamps.Acme, 1), new SignalCatalog([]),
            [.. sources.Select((open, i) => new CaptureSource(BusName.Parse($"can{i}"), "test", plan, [new SignalDescription("s", null)], IsLive: true, open))],
            new WallClock(_time), _time, ThreadWorkers.Instance, NullLogger.Instance);
        pipeline.Start((_, loop) => loop);
        pipeline.BeginAt(0);
        return pipeline;
    }
}
