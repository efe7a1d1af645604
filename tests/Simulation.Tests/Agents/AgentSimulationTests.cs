using System.Globalization;

namespace EdgeAgent.Simulation.Tests.Agents;

public sealed class AgentSimulationTests(ITestOutputHelper output)
{
    private const int Steps = 60;

    [Fact]
    public void Whatever_happens_every_record_of_every_tenant_is_accounted_for_and_the_device_does_as_it_is_told()
    {
        var seeds = Seeds.Of(defaultCount: 4_000);
        var totals = new SimulationTotals();
        var gate = new Lock();
        seeds.ForEach(seed =>
        {
            var run = Run(seed);
            lock (gate) totals.Add(run.Totals);
        });
        output.WriteLine(totals.ToString());
    }

    [Fact]
    public void The_same_seed_is_the_same_story()
    {
        for (int seed = 1; seed <= 20; seed++) Assert.Equal(Seeds.OnItsOwnThread(() => Run(seed).Story), Seeds.OnItsOwnThread(() => Run(seed).Story));
    }

    private static (SimulationTotals Totals, string Story) Run(int seed)
    {
        using var simulation = new AgentSimulation(seed);
        try
        {
            for (int i = 0; i < Steps; i++) simulation.Step();
            simulation.DrainAndCheck();
            return (simulation.Totals, simulation.Trace.Story);
        }
        catch (Exception e)
        {
            throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"seed {seed} failed; repeat it with: ./build.sh chaos --seed {seed}{Environment.NewLine}{simulation.Trace}"), e);
        }
    }
}
