using EdgeAgent.Obd;
using EdgeAgent.Obd.Tests;

namespace EdgeAgent.Tests.Cli.Vehicle;

/// <summary>The command line against a simulated ECU on vcan0, without an agent, see <c>tests/rig/with-vcan.sh</c>.</summary>
[Trait("needs", "vcan")]
public sealed class VehicleCommandsVcanTests
{
    private static readonly Dictionary<string, string> Answers = new() { ["010C"] = "410C1AF8", ["010D"] = "410D00", ["04"] = "44" };

    [Fact]
    public async Task The_ecu_is_asked_on_the_interface_when_no_agent_runs()
    {
        if (!File.Exists("/sys/class/net/vcan0/ifindex")) Assert.Skip("no vcan0 here: run with tests/rig/with-vcan.sh");
        using var engine = new EcuSimulator("vcan0", ObdAddressing.Standard, 0, request => Answers.TryGetValue(request, out string? answer) ? [answer] : []);
        Assert.Equal((0, "7E8  EngineSpeed  1726 rpm\n", ""), await AgentProgram.RunAsync("obd query --bus vcan0 01 0C"));

        // Clearing wants a word more, and is refused before anything is sent.
        Assert.Equal((2, "", "edge-agent: this cannot be undone; --yes confirms it\n"), await AgentProgram.RunAsync("dtc clear --bus vcan0"));
        Assert.DoesNotContain("04", engine.Requests);
        Assert.Equal((0, "7E8  cleared\n", ""), await AgentProgram.RunAsync("dtc clear --bus vcan0 --yes"));
        Assert.Contains("04", engine.Requests);

        Assert.Equal(5, (await AgentProgram.RunAsync("obd query --bus nocan 01 0C")).Code);
    }
}
