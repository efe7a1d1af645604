using EdgeAgent.SystemTests.Faults;

namespace EdgeAgent.SystemTests;

/// <summary>
/// On the emulated arm64 machine: our ISO-TP with the kernel's and with can-utils, over a virtual interface, over CAN FD and over two controllers, and the
/// set-up of these. See <c>tests/CanInterop</c>.
/// </summary>
[Trait("needs", "arm64-machine")]
public sealed class CanInteropTests(ITestOutputHelper output)
{
    private static readonly string[] Job =
    [
        "#!/bin/sh",
        "./can-interop controllers; echo controllers: exit $?",
        "iproute2 link set can0 type can bitrate 1000000; iproute2 link set can0 up; iproute2 link set can1 type can bitrate 1000000; iproute2 link set can1 up",
        "iproute2 link set can0 txqueuelen 1000; iproute2 link set can1 txqueuelen 1000",
        "./can-interop isotp can0 can1 classic; echo bus: exit $?",
        "iproute2 link add vcan0 type vcan; iproute2 link set vcan0 mtu 72 up",
        "./can-interop isotp vcan0 vcan0 classic; echo virtual: exit $?",
        "./can-interop isotp vcan0 vcan0 fd; echo fd: exit $?",
    ];

    [Fact]
    public async Task Iso_tp_and_controllers_agree_with_the_kernel_can_utils_and_iproute2()
    {
        Rig.Require("qemu-system-aarch64", "mke2fs", "cpio");
        string? program = Environment.GetEnvironmentVariable("EDGE_CAN_INTEROP_ARM64");
        if (program is null) Assert.Skip("no can-interop for arm64: ./build.sh device-test makes it");
        using var workspace = new Workspace();
        string job = workspace["job"];
        Directory.CreateDirectory(job);
        File.Copy(program, Path.Combine(job, "can-interop"));
        await File.WriteAllLinesAsync(Path.Combine(job, "main"), Job, TestContext.Current.CancellationToken);
        foreach (string name in (string[])["main", "can-interop"]) File.SetUnixFileMode(Path.Combine(job, name), (UnixFileMode)0b111_101_101);
        await using var machine = Machine.Boot(workspace["disk"], job, withCan: true);
        await machine.UntilAsync(console => console.Contains("machine: off", StringComparison.Ordinal), TimeSpan.FromMinutes(20));
        string[] lines = [.. machine.Console.Split('\n').Where(line => line.StartsWith("ok ", StringComparison.Ordinal) || line.StartsWith("failed ", StringComparison.Ordinal) || line.Contains(": exit ", StringComparison.Ordinal))];
        foreach (string line in lines) output.WriteLine(line);
        Assert.DoesNotContain(lines, line => line.StartsWith("failed ", StringComparison.Ordinal));
        Assert.Equal(["controllers: exit 0", "bus: exit 0", "virtual: exit 0", "fd: exit 0"], lines.Where(line => line.Contains(": exit ", StringComparison.Ordinal)));
    }
}
