using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace EdgeAgent.SystemTests.Faults;

/// <summary>
/// The dongle's binary on an emulated arm64 machine with a real file system, whose power is cut while it writes. Every other run has no
/// broker, so that all it captures goes to the disk; the others deliver, and so delete, too.
/// </summary>
[Trait("needs", "arm64-machine")]
public sealed partial class PowerCutTests(ITestOutputHelper output)
{
    private const int Cuts = 5, SamplesPerSecond = 500, SecondsOfDrive = 60;

    private static readonly TimeSpan BootPatience = TimeSpan.FromMinutes(5), DrainPatience = TimeSpan.FromMinutes(10);

    private static readonly string[] Job =
    [
        "#!/bin/sh",
        "# What the agent tells its service manager goes to the console, a line a message.",
        "perl -MSocket -e 'socket(S,AF_UNIX,SOCK_DGRAM,0); bind(S,pack_sockaddr_un(q(/tmp/notify))); $|=1; while (defined recv(S,$m,4096,0)) { print qq($m\\n) }' &",
        "until [ -S /tmp/notify ]; do usleep 10000; done",
        "NOTIFY_SOCKET=/tmp/notify ./edge-agent run --config agent.json & agent=$!",
        "exec 3<&0",
        "(read -r stop <&3; kill -TERM $agent) &",
        "wait $agent; echo \"agent: exit $?\"",
    ];

    [Fact]
    public async Task After_every_power_cut_it_starts_with_all_that_it_had_stored_and_accounts_for_every_number()
    {
        Rig.Require("qemu-system-aarch64", "mke2fs", "cpio", "mosquitto", "mosquitto_sub");
        string? agent = Environment.GetEnvironmentVariable("EDGE_AGENT_ARM64_BINARY");
        if (agent is null) Assert.Skip("no arm64 binary: ./build.sh device-test makes it");
        int cuts = Number("EDGE_CUTS") ?? Cuts, machines = Number("EDGE_MACHINES") ?? 1;
        int seed = Number("EDGE_CUTS_SEED") ?? Random.Shared.Next(1, 1_000_000);
        output.WriteLine($"{cuts} cuts on {machines} machines; to repeat the moments: EDGE_CUTS_SEED={seed}");
        long begun = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, machines).Select(machine =>
            CutAgainAndAgainAsync(agent, cuts / machines + (machine < cuts % machines ? 1 : 0), new Random(seed + machine), $"machine {machine + 1}")));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{cuts} power cuts in {Stopwatch.GetElapsedTime(begun).TotalSeconds:0} s"));
    }

    private async Task CutAgainAndAgainAsync(string binary, int cuts, Random random, string name)
    {
        using var workspace = new Workspace();
        await using var cloud = new Cloud(workspace);
        await cloud.StartAsync();
        await cloud.SubscribeAsync();
        string disk = workspace["disk"];
        long promised = 0, kept = 0;
        int withBacklog = 0;
        for (int cut = 1; cut <= cuts; cut++)
        {
            bool brokerIsAway = cut % 2 == 1;
            await using var machine = Machine.Boot(disk, WriteJob(workspace, binary, cut, SamplesPerSecond * SecondsOfDrive, brokerIsAway ? 1 : cloud.Port));
            await machine.UntilAsync(console => console.Contains("READY=1", StringComparison.Ordinal), BootPatience);
            // All that an agent without a broker reported as stored before the power was cut is there after it.
            long found = Last(BacklogOf(), machine.Console);
            Assert.True(found >= promised, $"{name}, after cut {cut - 1}: {promised} batches were stored, {found} are there:\n{machine.Console}");
            Assert.DoesNotContain("is broken", machine.Console, StringComparison.Ordinal);
            Assert.DoesNotContain("was altered", machine.Console, StringComparison.Ordinal);
            if (promised > 0) (kept, withBacklog) = (kept + promised, withBacklog + 1);
            // Mostly while it is at work; sometimes before.
            if (random.Next(5) > 0) await machine.UntilAsync(console => brokerIsAway ? Last(StoredOf(), console) > 0 : Last(DeliveredOf(), console) > 0, BootPatience);
            await Task.Delay(TimeSpan.FromMilliseconds(random.Next(3000)), TimeProvider.System, TestContext.Current.CancellationToken);
            await machine.CutAsync();
            promised = brokerIsAway ? Last(StoredOf(), machine.Console) : 0;
            if (cut % 10 == 0) output.WriteLine($"{name}: {cut} cuts");
        }

        await using var last = Machine.Boot(disk, WriteJob(workspace, binary, cuts + 1, 100, cloud.Port));
        await last.UntilAsync(console => Last(StoredOf(), console) == 0 && Last(BufferedOf(), console) == 0 && console.Contains("can0=ended", StringComparison.Ordinal), DrainPatience);
        await cloud.SettledAsync();
        last.Type("stop");
        await last.OffAsync(BootPatience);
        Assert.Contains("agent: exit 0", last.Console, StringComparison.Ordinal);
        await cloud.QuietAsync();
        var promise = new Promise(cloud.Received);
        promise.AssertKept("unconfirmed power-cut");
        await Rig.VerifyLedgerAsync(cloud.Received);
        Assert.Equal(Enumerable.Range(0, 100), promise.Of(run: cuts + 1));
        output.WriteLine($"{name}: {cuts} cuts, after {withBacklog} of which {kept} batches reported as stored were all there; {promise}");
    }

    private static string WriteJob(Workspace workspace, string binary, int run, int samples, int brokerPort)
    {
        string job = workspace["job"];
        Directory.CreateDirectory(job);
        CounterDrive.Write(Path.Combine(job, "drive.log"), run, samples, SamplesPerSecond);
        File.WriteAllText(Path.Combine(job, "counter.dbc"), CounterDrive.Dbc);
        File.WriteAllText(Path.Combine(job, "agent.json"), $$"""
            {
              "device": "dongle-1",
              "tenant": { "id": "acme", "epoch": 1 },
              "broker": { "url": "mqtt://{{Machine.Host}}:{{brokerPort}}" },
              "sources": [{ "bus": "can0", "log": "drive.log", "dbc": ["counter.dbc"] }],
              "outbox": { "directory": "/data/state", "sealAfterSeconds": 0.1, "flushAfterSeconds": 0 },
              "drainSeconds": 5
            }
            """);
        File.WriteAllLines(Path.Combine(job, "main"), Job);
        if (!File.Exists(Path.Combine(job, "edge-agent"))) File.Copy(binary, Path.Combine(job, "edge-agent"));
        File.SetUnixFileMode(Path.Combine(job, "main"), (UnixFileMode)0b111_101_101);
        return job;
    }

    private static long Last(Regex number, string console) =>
        number.Matches(console) is [.., var match] ? long.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) : 0;

    private static int? Number(string variable) => int.TryParse(Environment.GetEnvironmentVariable(variable), out int number) ? number : null;

    [GeneratedRegex("batches of an earlier run that wait to be published: ([0-9]+)")]
    private static partial Regex BacklogOf();

    [GeneratedRegex("STATUS=.* stored-batches=([0-9]+)")]
    private static partial Regex StoredOf();

    [GeneratedRegex("STATUS=.* delivered=([0-9]+)")]
    private static partial Regex DeliveredOf();

    [GeneratedRegex("STATUS=.* buffered=([0-9]+)")]
    private static partial Regex BufferedOf();
}
