using System.Globalization;
using System.Text.Json;

namespace EdgeAgent.SystemTests.Faults;

/// <summary>Networks, disks and clocks at their worst, in a machine of their own: a user-mode Linux kernel with netem, tmpfs and a clock to set.</summary>
[Collection(Rig.Guests)]
public sealed class BadNetworkTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Loss_delay_reordering_slowness_and_silence_of_the_network_cost_nothing_and_bring_no_storm_of_connections()
    {
        const int samples = 8000;
        using var workspace = new Workspace();
        string dbc = workspace.Write("counter.dbc", CounterDrive.Dbc), log = workspace["counter.log"];
        CounterDrive.Write(log, run: 1, samples, perSecond: 200);
        string directory = await Rig.RunScenarioAsync("bad-network.sh", dbc, log, output, inGuest: true);
        var promise = new Promise(Path.Combine(directory, "received.log"));
        promise.AssertKept();
        await Rig.VerifyLedgerAsync(Path.Combine(directory, "received.log"));
        Assert.Equal(Enumerable.Range(0, samples), promise.Of(run: 1));
        int attempts = int.Parse(await File.ReadAllTextAsync(Path.Combine(directory, "attempts.txt"), TestContext.Current.CancellationToken), CultureInfo.InvariantCulture);
        output.WriteLine($"{promise}; {attempts} attempts to connect");
        // Each of five troubles may cost a connection, and finding the broker again a few attempts.
        Assert.InRange(attempts, 1, 15);
        Directory.Delete(directory, recursive: true);
    }
}

/// <summary>A disk that is full, or read-only.</summary>
[Collection(Rig.Guests)]
public sealed class FullDiskTests(ITestOutputHelper output)
{
    [Fact]
    public async Task A_disk_that_is_full_or_cannot_be_written_ends_no_agent_and_what_found_no_room_is_counted()
    {
        const int samples = 48_000;
        using var workspace = new Workspace();
        string dbc = workspace.Write("counter.dbc", CounterDrive.Dbc), log = workspace["counter.log"];
        CounterDrive.Write(log, run: 1, samples, perSecond: 2000);
        string directory = await Rig.RunScenarioAsync("disk-full.sh", dbc, log, output, inGuest: true);
        var promise = new Promise(Path.Combine(directory, "received.log"));
        promise.AssertKept("evicted disk-full", "evicted quota", "lost disk-full", "unconfirmed power-cut");
        await Rig.VerifyLedgerAsync(Path.Combine(directory, "received.log"));
        output.WriteLine(promise.ToString());
        Directory.Delete(directory, recursive: true);
    }
}

/// <summary>A wall clock that leaps.</summary>
[Collection(Rig.Guests)]
public sealed class ClockJumpTests(ITestOutputHelper output)
{
    [Fact]
    public async Task A_clock_that_leaps_by_years_loses_nothing_and_each_time_is_right_or_marked()
    {
        using var workspace = new Workspace();
        string dbc = workspace.Write("counter.dbc", CounterDrive.Dbc);
        string directory = await Rig.RunScenarioAsync("clock-jumps.sh", dbc, "none", output, inGuest: true);
        var promise = new Promise(Path.Combine(directory, "received.log"));
        promise.AssertKept();
        await Rig.VerifyLedgerAsync(Path.Combine(directory, "received.log"));
        Assert.Equal(Enumerable.Range(1, 60), promise.Of(run: 0));
        output.WriteLine(promise.ToString());
        foreach (string line in File.ReadLines(Path.Combine(directory, "arrivals.log"))) AssertTimes(line);
        Directory.Delete(directory, recursive: true);
    }

    private static void AssertTimes(string arrival)
    {
        int space = arrival.IndexOf(' ', StringComparison.Ordinal);
        double arrived = double.Parse(arrival[..space], CultureInfo.InvariantCulture);
        using var pack = JsonDocument.Parse(arrival[(space + 1)..]);
        var first = pack.RootElement[0];
        double time = first.GetProperty("bt").GetDouble();
        // Below 2^28 s a time is one before now (RFC 8428 §4.5.3).
        double age = time < 1 << 28 ? -time : arrived - time;
        int value = first.GetProperty("v").GetInt32();
        string clock = first.GetProperty("clock").GetString()!;
        // At most this long from the bus to the subscriber; those that waited for the broker had to wait out the agent's pause too.
        Assert.True(age is > -0.01 && age < (value is > 40 and <= 50 ? 90 : 10), $"sample {value} arrived at {arrived:F1} with the time {time:F1} ({clock})");
        Assert.Equal(value is > 10 and <= 20 or > 30 ? "synchronized" : "unsynchronized", clock);
    }
}
