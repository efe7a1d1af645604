using System.CommandLine;
using System.Text.Json.Nodes;
using EdgeAgent.Obd;
using EdgeAgent.Tenancy.Access;

namespace EdgeAgent.Cli.Vehicle;

/// <summary><c>edge-agent obd query</c>, <c>obd discover</c>, <c>dtc …</c>, <c>vin</c> and <c>readiness</c>: what a vehicle's ECUs say now.</summary>
internal static class VehicleCommands
{
    /// <summary>How a description ends.</summary>
    private static string Codes(params string[] examples) => $"""


        The running agent is asked, whose bus --bus names; when none runs, this
        process asks on the interface --bus itself.

        Exit codes: 0 done, 1 failed, 2 wrong usage, 3 agent not running (only with
        --socket), 4 not permitted, 5 arguments refused.

        {(examples.Length == 1 ? "Example" : "Examples")}:
          edge-agent {string.Join("\n  edge-agent ", examples)}
        """;

    public static Command Query()
    {
        var mode = new Argument<string>("MODE") { Description = "01 to 03, 05 to 07, 09, 0A, 19 or 22: those that only read." };
        var pid = new Argument<string?>("PID") { Description = "Two hexadecimal digits; four with 22, sub-function and parameters with 19; not with 03, 07 and 0A.", Arity = ArgumentArity.ZeroOrOne };
        var ecu = new Option<string?>("--ecu") { Description = "The one to ask, by the identifier of its answers; all, if left out.", HelpName = "ID" };
        string codes = Codes(
            "obd query --bus can0 01 0C                  # engine speed",
            "obd query --bus can0 22 F190 --ecu 7E8      # data identifier",
            "obd query --bus can0 19 02FF --ecu 7E8      # trouble codes");
        return VehicleConnection.Create("query", "Asks ECUs for a service of SAE J1979 or ISO 14229-1 (UDS)." + codes, [mode, pid, ecu], async asking =>
        {
            var result = await asking.AskAsync(Operation.QueryObd, ("mode", asking.Parsed.GetValue(mode)), ("pid", asking.Parsed.GetValue(pid)), ("ecu", asking.Parsed.GetValue(ecu)));
            return (result, VehicleTables.Query(result));
        });
    }

    public static Command Discover() => VehicleConnection.Create("discover", "Shows which ECUs there are and what they offer." + Codes("obd discover --bus can0"), [], async asking =>
    {
        var result = await asking.AskAsync(Operation.DiscoverObd);
        return (result, VehicleTables.Discovery(result));
    });

    public static Command Vin() => VehicleConnection.Create("vin", "Reads the vehicle identification number." + Codes("vin --bus can0"), [], async asking =>
    {
        var result = await asking.AskAsync(Operation.QueryObd, ("mode", "09"), ("pid", "02"));
        string? vin = (result["answers"] as JsonArray)?.Select(answer => (string?)answer?["vin"]).FirstOrDefault(number => number is not null);
        return vin is null ? throw new CommandException(ExitCode.Failed, "no ECU has a vehicle identification number") : (new JsonObject { ["vin"] = vin }, [vin]);
    });

    public static Command Readiness() => VehicleConnection.Create("readiness", "Shows whether the emission monitors have run." + Codes("readiness --bus can0"), [], async asking =>
    {
        var sinceClear = await asking.AskAsync(Operation.QueryObd, ("mode", "01"), ("pid", "01"));
        JsonObject? thisCycle = null;
        try
        {
            thisCycle = await asking.AskAsync(Operation.QueryObd, ("mode", "01"), ("pid", "41"));
        }
        catch (CommandException e) when (e.ExitCode == ExitCode.Failed)
        {
            // Older vehicles do not have it.
        }
        var both = new JsonObject { ["sinceClear"] = sinceClear.DeepClone(), ["thisCycle"] = thisCycle?.DeepClone() };
        return (both, VehicleTables.Readiness(sinceClear, thisCycle));
    });

    public static Command TroubleCodes() => new("dtc", """
        Reads and clears trouble codes.

        Examples:
          edge-agent dtc read --bus can0
          edge-agent dtc clear --bus can0
        """)
    {
        Read("read", "Shows all trouble codes: stored, pending and permanent.", null),
        Read("stored", "Shows stored trouble codes: confirmed ones.", TroubleCodeKind.Stored),
        Read("pending", "Shows pending trouble codes: seen in this driving cycle or the last.", TroubleCodeKind.Pending),
        Read("permanent", "Shows permanent trouble codes, which no tester clears.", TroubleCodeKind.Permanent),
        VehicleConnection.Create("freeze", "Shows what was stored of the moment of a fault." + Codes("dtc freeze --bus can0"), [], async asking =>
        {
            var result = await asking.AskAsync(Operation.ReadFreezeFrames);
            return (result, VehicleTables.FreezeFrames(result));
        }),
        Clear(),
    };

    private static Command Read(string name, string description, TroubleCodeKind? only) => VehicleConnection.Create(name, description + Codes($"dtc {name} --bus can0"), [], async asking =>
    {
        var result = await asking.AskAsync(Operation.ReadTroubleCodes);
        string[] lines = [.. VehicleTables.TroubleCodes(result, only)];
        return (Only(result, only), lines);
    });

    private static Command Clear()
    {
        var yes = new Option<bool>("--yes") { Description = "Does it without asking." };
        return VehicleConnection.Create("clear", """
            Has all ECUs forget trouble codes, freeze frames and the state of their
            monitors, which an inspection wants to have run. Not while the vehicle moves.
            """ + Codes("dtc clear --bus can0"), [yes], async asking =>
        {
            if (!asking.Parsed.GetValue(yes)) Confirm();
            var result = await asking.AskAsync(Operation.ClearTroubleCodes);
            return (result, VehicleTables.Cleared(result));
        });
    }

    private static void Confirm()
    {
        if (Console.IsInputRedirected) throw new CommandException(ExitCode.WrongUsage, "this cannot be undone; --yes confirms it");
        Console.Error.Write("edge-agent: trouble codes, freeze frames and monitors' results are lost; type yes to go on: ");
        if (Console.ReadLine()?.Trim() != "yes") throw new CommandException(ExitCode.Failed, "nothing was cleared");
    }

    /// <summary>The result without the other kinds of codes.</summary>
    private static JsonObject Only(JsonObject result, TroubleCodeKind? only)
    {
        if (only is not { } kind) return result;
        foreach (var ecu in (result["ecus"] as JsonArray ?? []).OfType<JsonObject>())
        {
            foreach (var other in Enum.GetValues<TroubleCodeKind>().Where(other => other != kind)) ecu.Remove(other.ToString().ToLowerInvariant());
        }
        return result;
    }
}
