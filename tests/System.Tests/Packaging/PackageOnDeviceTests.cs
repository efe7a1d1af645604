using EdgeAgent.SystemTests.Faults;

namespace EdgeAgent.SystemTests.Packaging;

/// <summary>The package on an emulated arm64 machine that runs Debian: installed by dpkg, started and watched by systemd, on a bus that systemd-networkd brings up.</summary>
[Trait("needs", "arm64-machine")]
public sealed class PackageOnDeviceTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(20);

    [Fact]
    public async Task It_is_installed_runs_is_watched_and_goes_as_it_came()
    {
        Rig.Require("qemu-system-aarch64", "mke2fs", "debootstrap", "jq");
        string? binary = Environment.GetEnvironmentVariable("EDGE_AGENT_ARM64_BINARY");
        if (binary is null) Assert.Skip("no arm64 binary: ./build.sh device-test makes it");
        using var workspace = new Workspace();
        var made = await Rig.RunAsync(
            Path.Combine(Rig.Root, "packaging", "debian", "make.sh"), ["--arch", "arm64", "--binary", binary, "--agent", Rig.Agent, "--out", workspace["package"]], limit: TimeSpan.FromMinutes(5));
        Assert.True(made.ExitCode == 0, made.Output + made.Errors);

        string job = workspace["job"];
        Directory.CreateDirectory(job);
        File.Copy(made.Output.TrimEnd(), Path.Combine(job, "edge-agent.deb"));
        File.Copy(Path.Combine(Rig.Root, "tests", "System.Tests", "scenarios", "package-on-device.sh"), Path.Combine(job, "main"));
        File.WriteAllText(Path.Combine(job, "vehicle.dbc"), Workspace.Dbc);
        File.WriteAllText(Path.Combine(job, "agent.json"), """
            {
              "device": "dongle-1",
              "tenant": { "id": "acme", "epoch": 1 },
              "broker": { "url": "mqtt://127.0.0.1", "userName": "dongle-1", "passwordFile": "broker.password" },
              "sources": [{ "interface": "can0", "dbc": ["vehicle.dbc"] }],
              "access": { "users": { "root": "viewer" } },
              "drainSeconds": 1
            }
            """);

        await using var machine = Machine.BootDebian(job);
        await machine.UntilAsync(console => console.Contains("package on device: all is well", StringComparison.Ordinal) || console.Contains("FAILED: ", StringComparison.Ordinal), Patience);
        output.WriteLine(machine.Console);
        Assert.DoesNotContain("FAILED: ", machine.Console, StringComparison.Ordinal);
    }
}
