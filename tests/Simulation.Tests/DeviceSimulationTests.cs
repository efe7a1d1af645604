using System.Globalization;

namespace EdgeAgent.Simulation.Tests;

public sealed class DeviceSimulationTests(ITestOutputHelper output)
{
    private const int Steps = 150;

    [Fact]
    public void What_was_safe_arrives_once_by_number_under_its_own_tenant_whatever_power_disk_and_broker_do() => Run(damage: false);

    [Fact]
    public void Damaged_files_cost_at_most_what_was_in_them_and_never_stop_the_agent() => Run(damage: true);

    private void Run(bool damage)
    {
        var seeds = Seeds.Of(defaultCount: 150);
        long captured = 0, received = 0, safe = 0, evicted = 0, purges = 0, restarts = 0, powerCuts = 0, writes = 0, syncs = 0;
        for (int seed = seeds.First; seed < seeds.First + seeds.Count; seed++)
        {
            using var device = new DeviceSimulation(seed);
            try
            {
                for (int i = 0; i < Steps; i++)
                {
                    device.Step();
                    if (damage && i % 50 == 49) device.Damage();
                }
                device.DrainAndCheck();
                captured += device.Captured;
                received += device.Received;
                safe += device.Safe;
                evicted += device.Evicted;
                purges += device.Purges;
                restarts += device.Restarts;
                powerCuts += device.PowerCuts;
                writes += device.Disk.Writes;
                syncs += device.Disk.Syncs;
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"seed {seed} failed; repeat it with: ./build.sh chaos --seed {seed}{Environment.NewLine}{device.Trace}", e);
            }
        }
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{seeds.Count} seeds from {seeds.First}: {captured} records captured, {safe} safe, {received} received, {evicted} given up; {purges} purges, {restarts} restarts, {powerCuts} power cuts; {writes} writes, {syncs} syncs"));
    }
}
