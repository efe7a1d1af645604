using System.Globalization;
using System.Text.RegularExpressions;

namespace EdgeAgent.SystemTests;

/// <summary>The published binary on real SocketCAN with can-utils' canplayer, real mosquitto and mosquitto_sub.</summary>
[Collection(Rig.Guests)]
public sealed partial class MainJobTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Every_sample_of_a_drive_arrives_once_by_number_though_the_broker_is_away_in_the_middle()
    {
        string directory = await Rig.RunScenarioAsync("broker-away.sh", Rig.Vehicle, Rig.Drive, output);
        var expected = new ReferenceDecoder(Rig.Vehicle).Decode(Rig.Drive);
        var received = new Received(Path.Combine(directory, "received.log"));

        Assert.Contains("tenants/acme/devices/dongle-1/telemetry", received.Topics);
        Assert.All(received.Topics, topic => Assert.StartsWith("tenants/acme/devices/dongle-1/", topic, StringComparison.Ordinal));
        Assert.Equal(["acme"], received.Tenants);
        Assert.Equal((true, false), (received.Online[0], received.Online[^1]));
        Assert.Equal([(1L, (long)expected.Count)], received.Runs);
        Assert.Equal(expected, received.Between(1, expected.Count));
        Assert.Equal((expected.Count, expected.Count, 0), Totals(directory));
        AssertTimesFollowTheDrive(received);

        string memory = await File.ReadAllTextAsync(Path.Combine(directory, "memory.txt"), TestContext.Current.CancellationToken);
        output.WriteLine($"{expected.Count} samples sent = {received.Samples.Count} received by number and value, {received.Redelivered} of them more than once\n{memory}");
        Directory.Delete(directory, recursive: true);
    }

    [Fact]
    public async Task An_agent_that_is_killed_keeps_what_it_had_stored_and_goes_on_with_other_numbers()
    {
        string directory = await Rig.RunScenarioAsync("pulled-plug.sh", Rig.Vehicle, Rig.Drive, output);
        var decoder = new ReferenceDecoder(Rig.Vehicle);
        List<(string Name, double Value)> first = decoder.Decode(Path.Combine(directory, "first.log")), second = decoder.Decode(Path.Combine(directory, "second.log"));
        var received = new Received(Path.Combine(directory, "received.log"));

        Assert.Equal(2, received.Runs.Count);
        var (before, after) = (received.Runs[0], received.Runs[1]);
        int kept = (int)(before.Last - before.First + 1);
        Assert.Equal(1, before.First);
        Assert.Equal(first.Take(kept), received.Between(before.First, before.Last));
        Assert.Equal(second, received.Between(after.First, after.Last));

        string log = await File.ReadAllTextAsync(Path.Combine(directory, "agent.log"), TestContext.Current.CancellationToken);
        Assert.Contains($"Numbering goes on at {after.First} (samples)", log, StringComparison.Ordinal);
        int lost = first.Count - kept;
        // What was in memory: at most flushAfter (5 s) of it, and what came while the disk was slow; the first 5 of 14 seconds are stored in any case.
        Assert.InRange(lost, 0, 7000);
        output.WriteLine($"{kept} stored before the kill, {second.Count} after it, {lost} only in memory");
        Directory.Delete(directory, recursive: true);
    }

    [Fact]
    public async Task An_interface_that_is_missing_goes_down_or_is_replaced_is_used_again_when_it_is_back()
    {
        string directory = await Rig.RunScenarioAsync("interface-comes-and-goes.sh", Rig.Vehicle, Rig.Drive, output);
        var received = new Received(Path.Combine(directory, "received.log"));
        var sent = received.Samples.Values.Where(sample => sample.Name == "can0/Wheels/FrontLeft").Select(sample => Math.Round(sample.Value * 100));
        Assert.Equal(Enumerable.Range(1, 60).Select(number => (double)number), sent);
        Assert.Single(received.Runs);
        Directory.Delete(directory, recursive: true);
    }

    [Fact]
    public async Task A_bus_that_is_not_well_or_falls_silent_is_an_event_a_line_in_the_journal_and_in_health()
    {
        string directory = await Rig.RunScenarioAsync("bus-trouble.sh", Rig.Vehicle, Rig.Drive, output);
        string log = await File.ReadAllTextAsync(Path.Combine(directory, "agent.log"), TestContext.Current.CancellationToken);
        Assert.Contains(
            "can0: error-passive, before error-active, error frames: controller 1, no-acknowledge 1, error counters 128 sending, 0 receiving; nobody acknowledges: check that another node is awake", log, StringComparison.Ordinal);
        Assert.Contains("can0: no frame for ", log, StringComparison.Ordinal);
        Directory.Delete(directory, recursive: true);
    }

    /// <summary>The kernel's receive times must be as far apart as the log's frames were, give or take the player's own hesitation.</summary>
    private static void AssertTimesFollowTheDrive(Received received)
    {
        double[] times = [.. received.Samples.Values.Select(sample => sample.Time)];
        // The mapping to wall time may be corrected by a moment between two batches.
        Assert.All(times.Zip(times.Skip(1)), pair => Assert.True(pair.Second - pair.First > -0.002, "a later sample has an earlier time"));
        string[] lines = File.ReadAllLines(Rig.Drive);
        double recorded = Seconds(lines[^1]) - Seconds(lines[0]);
        Assert.InRange(times[^1] - times[0], recorded - 1, recorded + 5);

        static double Seconds(string line) => double.Parse(line[1..line.IndexOf(')', StringComparison.Ordinal)], CultureInfo.InvariantCulture);
    }

    private static (int Captured, int Delivered, int Kept) Totals(string directory)
    {
        var match = Stopped().Match(File.ReadAllText(Path.Combine(directory, "agent.log")));
        Assert.True(match.Success, "the agent did not say how it stopped");
        return (Int("captured"), Int("delivered"), Int("kept"));

        int Int(string group) => int.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture);
    }

    [GeneratedRegex("stopped: (?<captured>[0-9]+) samples captured, (?<delivered>[0-9]+) delivered, (?<kept>[0-9]+) kept")]
    private static partial Regex Stopped();
}
