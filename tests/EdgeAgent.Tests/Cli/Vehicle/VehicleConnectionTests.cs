using EdgeAgent.Diagnostics.Local;
using EdgeAgent.Management.Commands;
using EdgeAgent.Tests.Capture;
using EdgeAgent.Tests.Diagnostics.Local;

namespace EdgeAgent.Tests.Cli.Vehicle;

/// <summary>Where an agent runs, it is the one that asks.</summary>
public sealed class VehicleConnectionTests : IDisposable
{
    private readonly TestDirectory _directory = new();
    private readonly FakeVehicle _vehicle = new(TimeProvider.System);

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task The_running_agent_is_asked_by_its_socket()
    {
        _vehicle.Answers["0902"] = [(FakeVehicle.Engine, "490201" + Convert.ToHexString("WVWZZZ1KZAW000001"u8))];
        var operations = ObdOperation.All(new ObdOperations(bus => bus == "can0" ? _vehicle : null));
        string socket = _directory["agent.sock"];
        await using var api = await LocalApi.StartAsync(LocalSocket.Open(socket), port: null, new LocalRequests(TestAgents.That(async (_, name, arguments, stop) =>
            name == "dtc.clear"
                ? OperationOutcome.Refused(OperationRunner.NotPermitted, "a technician may not")
                : OperationOutcome.Done(await operations.Single(operation => operation.Name.Name == name).RunAsync(new OperationArguments(arguments), stop))), TimeProvider.System), LocalLimits.Default);
        Assert.Equal((0, """{"vin":"WVWZZZ1KZAW000001"}""" + "\n", ""), await AgentProgram.RunAsync($"vin --bus can0 --json --socket {socket}"));
        Assert.Equal((4, "", "edge-agent: dtc.clear: a technician may not\n"), await AgentProgram.RunAsync($"dtc clear --bus can0 --yes --socket {socket}"));
        Assert.Equal(["0902"], _vehicle.Requests.Select(request => request.Request));
    }

    [Fact]
    public async Task An_agent_that_was_named_and_does_not_run_is_not_replaced() =>
        Assert.Equal(3, (await AgentProgram.RunAsync($"vin --bus can0 --socket {_directory["agent.sock"]}")).Code);
}
