using System.Text.Json.Nodes;
using EdgeAgent.Cli;
using EdgeAgent.Cli.Vehicle;
using EdgeAgent.Management.Commands;
using EdgeAgent.Obd;
using EdgeAgent.Tenancy.Access;
using EdgeAgent.Tests.Capture;

namespace EdgeAgent.Tests.Cli.Vehicle;

/// <summary>What people see of a vehicle that is asked without an agent.</summary>
public sealed class VehicleTablesTests
{
    private readonly FakeVehicle _vehicle = new(TimeProvider.System);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Values_are_shown_with_their_units_and_names()
    {
        _vehicle.Answers["010C"] = [(FakeVehicle.Engine, "410C1AF8"), (FakeVehicle.Transmission, "7F0112")];
        _vehicle.Answers["0103"] = [(FakeVehicle.Engine, "41030200")];
        _vehicle.Answers["0601"] = [(FakeVehicle.Engine, "4601010A0BB00BB00BAF")];
        Assert.Equal(["7E8  EngineSpeed  1726 rpm", "7E9  subFunctionNotSupported (12)"], VehicleTables.Query(await AskAsync(Operation.QueryObd, ("mode", "01"), ("pid", "0C"))));
        Assert.Equal(["7E8  FuelSystemStatus1  closed loop", "7E8  FuelSystemStatus2  off"], VehicleTables.Query(await AskAsync(Operation.QueryObd, ("mode", "01"), ("pid", "03"))));
        Assert.Equal(
            ["7E8  oxygen sensor, bank 1, sensor 1, threshold from rich to lean: 365.024 mV (365.024 to 364.902)  FAILED"],
            VehicleTables.Query(await AskAsync(Operation.QueryObd, ("mode", "06"), ("pid", "01"))));
    }

    [Fact]
    public async Task Trouble_codes_are_shown_once_with_what_their_lists_say()
    {
        _vehicle.Answers["03"] = [(FakeVehicle.Engine, "430203010420")];
        _vehicle.Answers["07"] = [(FakeVehicle.Engine, "47010301")];
        _vehicle.Answers["0A"] = [(FakeVehicle.Engine, "7F0A11")];
        var read = await AskAsync(Operation.ReadTroubleCodes);
        Assert.Equal(
            [
                "7E8  P0301     stored pending: confirmed, and seen again in this driving cycle or the last",
                "7E8  P0420     stored: confirmed, not seen in this driving cycle or the last", "7E8  permanent: serviceNotSupported (11)",
            ],
            VehicleTables.TroubleCodes(read, null));
        Assert.Equal(["7E8  permanent: serviceNotSupported (11)", "no permanent trouble codes"], VehicleTables.TroubleCodes(read, TroubleCodeKind.Permanent));
        Assert.StartsWith("7E8  P0301", VehicleTables.TroubleCodes(read, TroubleCodeKind.Pending).First(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Monitors_are_shown_for_both_periods()
    {
        _vehicle.Answers["0101"] = [(FakeVehicle.Engine, "410181076504")];
        _vehicle.Answers["0141"] = [(FakeVehicle.Engine, "414100050101")];
        string[] lines = [.. VehicleTables.Readiness(await AskAsync(Operation.QueryObd, ("mode", "01"), ("pid", "01")), await AskAsync(Operation.QueryObd, ("mode", "01"), ("pid", "41")))];
        Assert.Equal("7E8  not ready; malfunction indicator on, 1 trouble codes, spark ignition", lines[0]);
        Assert.Contains("  catalyst                complete    incomplete in this cycle", lines);
        Assert.Contains("  fuel system             complete    disabled in this cycle", lines);
        Assert.Contains("  evaporative system      incomplete  disabled in this cycle", lines);
    }

    [Fact]
    public async Task Discovery_and_freeze_frames_are_shown()
    {
        _vehicle.Answers["0100"] = [(FakeVehicle.Engine, "410000180000")];
        _vehicle.Answers["020200"] = [(FakeVehicle.Engine, "4202000301")];
        _vehicle.Answers["020000"] = [(FakeVehicle.Engine, "42000000180000")];
        _vehicle.Answers["020C00"] = [(FakeVehicle.Engine, "420C001AF8")];
        Assert.Equal(["SAE J1979", "7E8", "  01  0C 0D", "  02  0C 0D"], VehicleTables.Discovery(await AskAsync(Operation.DiscoverObd)));
        Assert.Equal(["7E8  frame 0, caused by P0301", "  0C  EngineSpeed  1726 rpm"], VehicleTables.FreezeFrames(await AskAsync(Operation.ReadFreezeFrames)));
        Assert.Equal(["no freeze frame"], VehicleTables.FreezeFrames(new JsonObject { ["frames"] = new JsonArray() }));
    }

    [Fact]
    public async Task What_is_cleared_and_what_is_not_is_shown()
    {
        _vehicle.Answers["04"] = [(FakeVehicle.Engine, "44"), (FakeVehicle.Transmission, "7F0422")];
        Assert.Equal(["7E8  cleared", "7E9  not cleared: conditionsNotCorrect (22)"], VehicleTables.Cleared(await AskAsync(Operation.ClearTroubleCodes)));
    }

    [Fact]
    public async Task What_cannot_be_asked_ends_with_the_right_exit_code()
    {
        Assert.Equal(ExitCode.InputRefused, (await Assert.ThrowsAsync<CommandException>(() => AskAsync(Operation.QueryObd, ("mode", "04")))).ExitCode);
        var silent = await Assert.ThrowsAsync<CommandException>(() => AskAsync(Operation.QueryObd, ("mode", "03")));
        Assert.Equal((ExitCode.Failed, "can0: no ECU answers; is the ignition on?"), (silent.ExitCode, silent.Message));
    }

    private Task<JsonObject> AskAsync(Operation operation, params ReadOnlySpan<(string Name, string Value)> arguments)
    {
        var given = new JsonObject { ["bus"] = "can0" };
        foreach (var (name, value) in arguments) given[name] = value;
        return VehicleConnection.AskAloneAsync(new ObdOperations(bus => bus == "can0" ? _vehicle : null), operation, given, Stop);
    }
}
