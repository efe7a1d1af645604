namespace EdgeAgent.SystemTests.Faults;

/// <summary>A real mosquitto that is killed, forgets, or stands still.</summary>
public sealed class BrokerFaultTests(ITestOutputHelper output)
{
    [Fact]
    public async Task A_broker_that_is_killed_costs_nothing()
    {
        await using var site = await BeginAsync();
        var agent = await site.StartAgentAsync(samples: 8000, flushAfterSeconds: 5);
        for (int kill = 1; kill <= 4; kill++)
        {
            await ConnectedAsync(site, kill);
            await site.Cloud.SaveAsync();
            await PassAsync(0.7);
            await site.Cloud.KillAsync(keepStore: true);
            await PassAsync(0.3);
            await site.Cloud.StartAsync();
        }
        await AllArrivesAsync(site, agent, 8000, connects: 5);
    }

    [Fact]
    public async Task A_broker_that_is_killed_and_has_lost_its_store_costs_nothing()
    {
        await using var site = await BeginAsync();
        var agent = await site.StartAgentAsync(samples: 7000, flushAfterSeconds: 5);
        for (int kill = 1; kill <= 3; kill++)
        {
            await ConnectedAsync(site, kill);
            await PassAsync(0.7);
            await site.Cloud.KillAsync(keepStore: false);
            await PassAsync(0.3);
            // A broker that knows no subscriber drops what it acknowledges: the agent has to come after the subscriber.
            await Rig.SignalAsync(agent.Id, "STOP");
            await site.Cloud.StartAsync();
            await site.Cloud.SubscribedAsync(times: kill + 1);
            await Rig.SignalAsync(agent.Id, "CONT");
        }
        await AllArrivesAsync(site, agent, 7000, connects: 4);
    }

    [Fact]
    public async Task A_broker_that_stands_still_for_a_while_keeps_its_connection()
    {
        await using var site = await BeginAsync();
        var agent = await site.StartAgentAsync(samples: 6000, flushAfterSeconds: 1);
        await ConnectedAsync(site, 1);
        await site.Cloud.SignalAsync("STOP");
        await PassAsync(4);
        await site.Cloud.SignalAsync("CONT");
        await AllArrivesAsync(site, agent, 6000, connects: 1);
    }

    [Fact]
    [Trait("takes", "minutes")]
    public async Task A_broker_that_stands_still_for_longer_than_an_acknowledgement_may_take_is_left_and_found_again()
    {
        await using var site = await BeginAsync();
        var agent = await site.StartAgentAsync(samples: 60_000, flushAfterSeconds: 1);
        await ConnectedAsync(site, 1);
        await site.Cloud.SignalAsync("STOP");
        await agent.UntilOutputAsync("no answer within");
        await PassAsync(20);
        await site.Cloud.SignalAsync("CONT");
        // The attempts to connect meanwhile were taken by the kernel; mosquitto answers them all when it goes on.
        await AllArrivesAsync(site, agent, 60_000, connects: 6);
    }

    private static async Task<Site> BeginAsync()
    {
        var site = new Site();
        await site.Cloud.StartAsync();
        await site.Cloud.SubscribeAsync();
        return site;
    }

    private static Task ConnectedAsync(Site site, int times) => site.Cloud.ConnectedAsync(times);

    private static Task PassAsync(double seconds) => Task.Delay(TimeSpan.FromSeconds(seconds), TimeProvider.System, TestContext.Current.CancellationToken);

    /// <summary>Each sample, and no more connections than there were reasons for.</summary>
    private async Task AllArrivesAsync(Site site, RunningAgent agent, int samples, int connects)
    {
        var promise = await site.SettleAsync();
        output.WriteLine($"{promise}; {site.Cloud.Connects} connections");
        Assert.Equal(Enumerable.Range(0, samples), promise.Of(run: 1));
        Assert.InRange(site.Cloud.Connects, 1, connects);
        Assert.DoesNotContain("   at ", agent.Output, StringComparison.Ordinal);
    }
}
