using System.Globalization;
using System.Text.RegularExpressions;

namespace EdgeAgent.SystemTests.Faults;

/// <summary>The published binary, killed at any moment while the broker comes and goes.</summary>
public sealed partial class KillTests(ITestOutputHelper output)
{
    /// <summary>How many kills a run of the tests has; EDGE_KILLS sets it.</summary>
    private const int Kills = 20;

    [Fact]
    public async Task Killed_at_any_moment_it_starts_again_with_all_that_it_had_stored_and_accounts_for_every_number()
    {
        int kills = Number("EDGE_KILLS") ?? Kills;
        int seed = Number("EDGE_KILLS_SEED") ?? Random.Shared.Next(1, 1_000_000);
        output.WriteLine($"{kills} kills; to repeat the moments: EDGE_KILLS_SEED={seed}");
        var random = new Random(seed);
        await using var site = new Site();
        await site.Cloud.StartAsync();
        await site.Cloud.SubscribeAsync();

        long stored = 0;
        for (int kill = 1; kill <= kills; kill++)
        {
            bool brokerWasAway = !site.Cloud.IsUp;
            var agent = await site.StartAgentAsync(samples: 5000);
            if (random.Next(4) > 0)
            {
                await agent.UntilAsync(message => message == "READY=1");
                Assert.True(Backlog(agent) >= stored, $"{stored} batches were stored, {Backlog(agent)} are there (kill {kill})");
                await PassAsync(random.Next(1500));
                // Sometimes the broker goes or comes while the agent runs.
                if (random.Next(2) == 0)
                {
                    await ToggleAsync(site.Cloud);
                    brokerWasAway = false;
                    await PassAsync(random.Next(500));
                }
                stored = brokerWasAway ? StoredBatches(agent) : 0;
            }
            else
            {
                // While it starts. What was stored before is still there, unless some of it has gone out meanwhile.
                await PassAsync(random.Next(150));
                if (!brokerWasAway) stored = 0;
            }
            await Rig.SignalAsync(agent.Id, "KILL");
            await agent.ExitAsync();
            if (random.Next(2) == 0) await ToggleAsync(site.Cloud);
        }

        if (!site.Cloud.IsUp) await site.Cloud.StartAsync();
        var last = await site.StartAgentAsync(samples: 100);
        await last.UntilAsync(message => message == "READY=1");
        Assert.True(Backlog(last) >= stored, $"{stored} batches were stored, {Backlog(last)} are there at the end");
        // What was in memory alone is unconfirmed: it may have been delivered without that being known.
        var promise = await site.SettleAsync("unconfirmed power-cut");
        output.WriteLine(promise.ToString());
        Assert.Equal(Enumerable.Range(0, 100), promise.Of(run: kills + 1));
    }

    private static Task PassAsync(int milliseconds) => Task.Delay(TimeSpan.FromMilliseconds(milliseconds), TimeProvider.System, TestContext.Current.CancellationToken);

    private static Task ToggleAsync(Cloud cloud) => cloud.IsUp ? cloud.StopAsync() : cloud.StartAsync();

    private static long Backlog(RunningAgent agent) => Count(BacklogOf().Match(agent.Output));

    private static long StoredBatches(RunningAgent agent) => Count(StoredBatchesOf().Match(agent.Status));

    private static long Count(Match match) => match.Success ? long.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) : 0;

    private static int? Number(string variable) => int.TryParse(Environment.GetEnvironmentVariable(variable), out int number) ? number : null;

    [GeneratedRegex("batches of an earlier run that wait to be published: ([0-9]+)")]
    private static partial Regex BacklogOf();

    [GeneratedRegex("stored-batches=([0-9]+)")]
    private static partial Regex StoredBatchesOf();
}
