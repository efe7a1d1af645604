using EdgeAgent.SystemTests.Faults;

namespace EdgeAgent.SystemTests;

/// <summary>
/// The simulated vehicle, asked by what is not ours: on the emulated arm64 machine by the kernel's ISO-TP, through can-utils' isotpsend and isotprecv.
/// </summary>
[Trait("needs", "arm64-machine")]
public sealed class SimulateIsoTpTests(ITestOutputHelper output)
{
    private const string Vin = "574541323230534D553030303030303031";

    private const string Scenario = """
        {"vin":"WEA220SMU00000001","drive":[{"phase":"idle","seconds":3600}],
         "ecus":[{"name":"engine","kind":"engine","id":"7E8","stored":["P0301","P0420","P0171"],"identifiers":{"D001":"0x0102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F"}}],
         "answers":[{"request":"22D002","manner":"wrong-sequence","answer":"62D00201020304050607080910"},{"request":"22D003","manner":"cut-off","answer":"62D00301020304050607080910"}]}
        """;

    /// <summary>Each question: what is sent, and how the kernel receives.</summary>
    private static readonly string[] Job =
    [
        "#!/bin/sh",
        "iproute2 link add vcan0 type vcan; iproute2 link set vcan0 up",
        "./edge-agent simulate --bus vcan0 --scenario scenario.json 2>&1 & vehicle=$!",
        "until grep -qi 7e0 /proc/net/can/rcvlist_*; do usleep 100000; done",
        "ask() { # ask NAME BYTES OPTION…: of the receiver",
        "  name=$1; bytes=$2; shift 2",
        "  timeout 30 isotprecv -s 7E0 -d 7E8 -p 55 \"$@\" vcan0 > answer 2> trouble & receiver=$!",
        "  usleep 700000; echo $bytes | isotpsend -s 7E0 -d 7E8 -p 55 vcan0; wait $receiver",
        "  echo \"answer $name: $(tr -d ' \\n' < answer)\"",
        "}",
        "ask single '01 0D'",
        "ask vin '09 02'",
        "ask blocks '22 D0 01' -b 2 -m 5",
        "ask long-request '22 F1 90 D0 01 F1 86 F1 90 D0 01 F1 86 F1 90 F1 86' -b 3",
        "ask refused '22 FF FF'",
        "ask wrong-sequence '22 D0 02'",
        "ask cut-off '22 D0 03'",
        "ask afterwards '03'",
        "kill $vehicle; wait $vehicle; echo \"vehicle: exit $?\"",
    ];

    /// <summary>What identifier D001 holds.</summary>
    private const string Data = "0102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F";

    public static IReadOnlyList<string> Expected { get; } =
    [
        "answer single: 410D00",
        $"answer vin: 490201{Vin}",
        $"answer blocks: 62D001{Data}",
        $"answer long-request: 62F190{Vin}D001{Data}F18601F190{Vin}D001{Data}F18601F190{Vin}F18601",
        "answer refused: 7F2231",
        "answer wrong-sequence: ",
        "answer cut-off: ",
        "answer afterwards: 4303030104200171",
    ];

    [Fact]
    public async Task The_kernels_iso_tp_gets_the_answers_whole_and_none_that_is_broken()
    {
        Rig.Require("qemu-system-aarch64", "mke2fs", "cpio");
        string? agent = Environment.GetEnvironmentVariable("EDGE_AGENT_ARM64_BINARY");
        if (agent is null) Assert.Skip("no arm64 binary: ./build.sh device-test makes it");
        using var workspace = new Workspace();
        string job = workspace["job"];
        Directory.CreateDirectory(job);
        File.Copy(agent, Path.Combine(job, "edge-agent"));
        await File.WriteAllTextAsync(Path.Combine(job, "scenario.json"), Scenario, TestContext.Current.CancellationToken);
        await File.WriteAllLinesAsync(Path.Combine(job, "main"), Job, TestContext.Current.CancellationToken);
        foreach (string name in (string[])["main", "edge-agent"]) File.SetUnixFileMode(Path.Combine(job, name), (UnixFileMode)0b111_101_101);
        await using var machine = Machine.Boot(workspace["disk"], job, withCan: true);
        await machine.UntilAsync(console => console.Contains("machine: off", StringComparison.Ordinal), TimeSpan.FromMinutes(20));
        output.WriteLine(machine.Console);
        Assert.Equal(Expected, machine.Console.Split('\n').Where(line => line.StartsWith("answer ", StringComparison.Ordinal)));
    }
}
