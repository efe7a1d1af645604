using System.Diagnostics;
using EdgeAgent.Obd;
using EdgeAgent.Obd.Tests;

namespace EdgeAgent.Tests.Cli.Vehicle;

/// <summary>The command line against a simulated ECU on vcan0, without an agent, see <c>tests/rig/with-vcan.sh</c>.</summary>
[Trait("needs", "vcan")]
public sealed class VehicleCommandsVcanTests
{
    private static readonly Dictionary<string, string> Answers = new()
    {
        ["010C"] = "410C1AF8", ["0902"] = "490201" + Convert.ToHexString("WVWZZZ1KZAW000001"u8), ["03"] = "43010301", ["07"] = "4700", ["0A"] = "4A00", ["010D"] = "410D00", ["04"] = "44",
        ["0101"] = "410181076504", ["0100"] = "410080180000", ["020200"] = "4202000301", ["020000"] = "42000000180000", ["020C00"] = "420C001AF8",
    };

    [Fact]
    public async Task The_ecu_is_asked_on_the_interface_when_no_agent_runs()
    {
        if (!File.Exists("/sys/class/net/vcan0/ifindex")) Assert.Skip("no vcan0 here: run with tests/rig/with-vcan.sh");
        using var engine = new EcuSimulator("vcan0", ObdAddressing.Standard, 0, request => Answers.TryGetValue(request, out string? answer) ? [answer] : []);
        Assert.Equal((0, "7E8  EngineSpeed  1726 rpm\n"), await RunAsync("obd query --bus vcan0 01 0C"));
        Assert.Equal((0, """{"vin":"WVWZZZ1KZAW000001"}""" + "\n"), await RunAsync("vin --bus vcan0 --json"));
        Assert.StartsWith("7E8  P0301     stored", (await RunAsync("dtc read --bus vcan0")).Output, StringComparison.Ordinal);
        Assert.Equal((0, "no pending trouble codes\n"), await RunAsync("dtc pending --bus vcan0"));
        Assert.Equal((0, "7E8  frame 0, caused by P0301\n  0C  EngineSpeed  1726 rpm\n"), await RunAsync("dtc freeze --bus vcan0"));
        Assert.StartsWith("7E8  not ready; malfunction indicator on", (await RunAsync("readiness --bus vcan0")).Output, StringComparison.Ordinal);
        Assert.Equal((0, "SAE J1979\n7E8\n  01  01 0C 0D\n  02  0C 0D\n"), await RunAsync("obd discover --bus vcan0"));

        // Clearing wants a word more, and is refused before anything is sent.
        Assert.Equal(2, (await RunAsync("dtc clear --bus vcan0")).Code);
        Assert.DoesNotContain("04", engine.Requests);
        Assert.Equal((0, "7E8  cleared\n"), await RunAsync("dtc clear --bus vcan0 --yes"));
        Assert.Contains("04", engine.Requests);

        Assert.Equal(5, (await RunAsync("obd query --bus nocan 01 0C")).Code);
        Assert.Equal(5, (await RunAsync("obd query --bus vcan0 04")).Code);
        Assert.Equal(3, (await RunAsync("obd query --bus vcan0 01 0C --socket /nowhere/agent.sock")).Code);
    }

    private static async Task<(int Code, string Output)> RunAsync(string arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "edge-agent.dll"), .. arguments.Split(' ')])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        process.StandardInput.Close();
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        string output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        _ = await errors;
        return (process.ExitCode, output);
    }
}
