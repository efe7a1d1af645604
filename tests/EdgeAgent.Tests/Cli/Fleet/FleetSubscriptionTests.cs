using EdgeAgent.Cli.Fleet;
using EdgeAgent.Publishing;
using EdgeAgent.Tests.Publishing;

namespace EdgeAgent.Tests.Cli.Fleet;

/// <summary>How a watcher stays connected.</summary>
public sealed class FleetSubscriptionTests : IDisposable
{
    private readonly SteppedTime _time = new();
    private readonly FakeBroker _broker = new();
    private readonly FleetRoster _roster = Messages.Roster();
    private readonly CancellationTokenSource _stop = new();
    private readonly List<string?> _told = [];

    public void Dispose() => _stop.Dispose();

    [Fact]
    public async Task It_subscribes_to_the_tenants_branch_and_who_is_connected_and_nothing_else()
    {
        var subscription = Subscription();
        await subscription.ConnectAsync(TestContext.Current.CancellationToken);
        Assert.Equal(
            ["devices/+/status", "tenants/acme/devices/+/events/#", "tenants/acme/devices/+/health", "tenants/acme/devices/+/ledger", "tenants/acme/devices/+/state"],
            _broker.Subscriptions);
        await _broker.DeliverAsync("tenants/acme/devices/dongle-1/health", Messages.HealthText("dongle-1"));
        Assert.Equal("dongle-1", Assert.Single(_roster.Snapshot()).Id.ToString());
    }

    [Fact]
    public async Task Without_permission_to_see_who_is_connected_the_rest_is_watched()
    {
        _broker.RefusesSubscription = filter => filter.StartsWith("devices/", StringComparison.Ordinal);
        var subscription = Subscription();
        await subscription.ConnectAsync(TestContext.Current.CancellationToken);
        Assert.True(subscription.StatusIsRefused);
        Assert.True(subscription.IsConnected);
    }

    [Fact]
    public async Task Without_permission_to_read_the_tenants_branch_it_fails()
    {
        _broker.RefusesSubscription = filter => filter.EndsWith("/health", StringComparison.Ordinal);
        await Assert.ThrowsAsync<BrokerException>(() => Subscription().ConnectAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_broker_that_goes_away_is_tried_again_with_longer_and_longer_waits()
    {
        var subscription = Subscription();
        var running = subscription.RunAsync(_told.Add, _stop.Token);
        await Eventually.TrueAsync(() => subscription.IsConnected);
        _broker.OnConnect = () => new BrokerException("nobody there");
        _broker.Drop();
        List<double> waits = [];
        for (int i = 0; i < 12; i++) waits.Add((await _time.StepAsync()).TotalSeconds);
        Assert.False(subscription.IsConnected);
        Assert.All(waits.Index(), wait => Assert.InRange(wait.Item, 0.25, 0.25 + Math.Min(30, Math.Pow(2, wait.Index))));
        Assert.True(waits.Max() > 5, string.Join(' ', waits));

        _broker.OnConnect = () => null;
        await Eventually.TrueAsync(() => subscription.IsConnected, () => _time.Advance(FleetSubscription.LongestRetry));
        Assert.Null(subscription.Trouble);
        await _stop.CancelAsync();
        await running;
        Assert.Equal([null, "the broker closed the connection", "nobody there"], _told.Take(3));
        Assert.Null(_told[^1]);
    }

    private FleetSubscription Subscription() => new(_broker, _roster, _time, new Random(1));
}
