using System.Globalization;
using System.Text.Json.Nodes;
using EdgeAgent.Can;
using EdgeAgent.Obd;
using EdgeAgent.Obd.Uds;

namespace EdgeAgent.Management.Commands;

/// <summary>
/// What can be asked of a vehicle's ECUs from outside: trouble codes, and anything that SAE J1979 only reads. Each result names the bus and
/// what each ECU said, by the identifier of its answers.
/// </summary>
/// <param name="buses">The ECUs of a bus, or null if no source is called so or it is none that can be asked.</param>
internal sealed partial class ObdOperations(Func<string, IObdLink?> buses)
{
    private const byte SpeedPid = 0x0D;

    private static readonly TroubleCodeKind[] Kinds = [TroubleCodeKind.Stored, TroubleCodeKind.Pending, TroubleCodeKind.Permanent];

    /// <summary><c>dtc.read</c>: {"bus", "ecus": [{"ecu", "stored": ["P0301"], "pending": […], "permanent": […], "trouble": {"stored": "…"}?}]}.</summary>
    /// <exception cref="ObdException">There is no such bus, or nobody answers.</exception>
    /// <exception cref="CanSourceException">The bus cannot be used.</exception>
    public async Task<JsonObject> DtcReadAsync(string bus, CancellationToken stop)
    {
        var client = new ObdClient(LinkOf(bus));
        SortedDictionary<CanId, JsonObject> ecus = [];
        foreach (var kind in Kinds)
        {
            string name = kind.ToString().ToLowerInvariant();
            foreach (var read in await client.TroubleCodesAsync(kind, stop))
            {
                if (!ecus.TryGetValue(read.Ecu, out var ecu)) ecus.Add(read.Ecu, ecu = new JsonObject { ["ecu"] = read.Ecu.ToString() });
                if (read.Trouble is { } trouble) TroublesOf(ecu)[name] = trouble;
                else ecu[name] = new JsonArray([.. read.Codes.Select(code => JsonValue.Create(code.ToString()))]);
            }
        }
        if (ecus.Count == 0) await ReadByUdsAsync(bus, ecus, stop);
        if (ecus.Count == 0) throw NobodyAnswers(bus);
        return new JsonObject { ["bus"] = bus, ["ecus"] = new JsonArray([.. ecus.Values]) };
    }

    /// <summary><c>dtc.clear</c>: {"bus", "ecus": [{"ecu", "cleared": true|false, "trouble"?}]}. Not while the vehicle moves, as far as an ECU says how fast it is.</summary>
    /// <exception cref="ObdException">There is no such bus, nobody answers, or the vehicle moves.</exception>
    /// <exception cref="CanSourceException">The bus cannot be used.</exception>
    public async Task<JsonObject> DtcClearAsync(string bus, CancellationToken stop)
    {
        var client = new ObdClient(LinkOf(bus));
        var speed = ObdPids.Find(SpeedPid)!.Parameters[0];
        foreach (var answer in await client.CurrentDataAsync(null, SpeedPid, stop))
        {
            if (answer.IsPositive && answer.Message.Length > 2 && speed.TryDecode(answer.Message.Span[2..], out double kmh) && kmh > 0)
                throw new ObdException(ObdFault.VehicleMoves, string.Create(CultureInfo.InvariantCulture, $"{bus}: trouble codes are not cleared while the vehicle moves ({kmh} km/h)"));
        }
        var answers = await client.ClearTroubleCodesAsync(stop);
        // A vehicle of SAE J1979-2 does not know service 04.
        if (answers.Count == 0 && new ObdOnUds(LinkOf(bus)) is var newer && (await newer.DetectAsync(stop)).Count > 0) answers = await newer.ClearTroubleCodesAsync(stop);
        if (answers.Count == 0) throw NobodyAnswers(bus);
        return new JsonObject
        {
            ["bus"] = bus,
            ["ecus"] = new JsonArray([.. answers.Select(answer => WithTrouble(new JsonObject { ["ecu"] = answer.Ecu.ToString(), ["cleared"] = answer.IsPositive }, answer))]),
        };
    }

    /// <summary>
    /// <c>obd.query</c>: {"bus", "mode", "pid"?, "answers": [{"ecu", "data": hexadecimal, "trouble"?, and what is known of it}]}: "values" [{"name", "value",
    /// "unit"?, "text"?}], "flags" (those that are set), "monitors" [{"name", "complete"}], "supported", "codes", "results" of tests, "vin", "items", "counters",
    /// "text", "statuses" of codes.
    /// </summary>
    /// <param name="bus">The bus.</param>
    /// <param name="mode">As <see cref="ObdQueryRequest.Parse"/>.</param>
    /// <param name="pid">As <see cref="ObdQueryRequest.Parse"/>.</param>
    /// <param name="ecu">Whom to ask, by the identifier of its answers; null for all.</param>
    /// <param name="stop">Gives up.</param>
    /// <exception cref="ObdException">An argument is wrong, there is no such bus, or nobody answers.</exception>
    /// <exception cref="CanSourceException">The bus cannot be used.</exception>
    public async Task<JsonObject> QueryAsync(string bus, string mode, string? pid, string? ecu, CancellationToken stop)
    {
        byte[] request = ObdQueryRequest.Parse(mode, pid);
        CanId? asked = ecu is null ? null : CanId.TryParse(ecu, out var id) ? id
            : throw new ObdException(ObdFault.Arguments, $"'{ecu}' is no ECU: expected the identifier of its answers, three hexadecimal digits such as 7E8, or eight");
        var answers = await LinkOf(bus).RequestAsync(asked, request, stop);
        if (answers.Count == 0) throw NobodyAnswers(bus);
        var result = new JsonObject { ["bus"] = bus, ["mode"] = Convert.ToHexString(request, 0, 1) };
        if (pid is not null) result["pid"] = pid.ToUpperInvariant().PadLeft(2, '0');
        result["answers"] = new JsonArray([.. answers.Select(answer => Describe(answer, request))]);
        return result;
    }

    private static JsonObject WithTrouble(JsonObject described, ObdAnswer answer)
    {
        if (answer.Trouble is { } trouble) described["trouble"] = trouble;
        return described;
    }

    private static JsonObject TroublesOf(JsonObject ecu)
    {
        if (ecu["trouble"] is JsonObject troubles) return troubles;
        var none = new JsonObject();
        ecu["trouble"] = none;
        return none;
    }

    private IObdLink LinkOf(string bus) => buses(bus) ?? throw new ObdException(ObdFault.NoSuchBus, $"there is no bus '{bus}' whose ECUs can be asked");

    private static ObdException NobodyAnswers(string bus) => new(ObdFault.NoAnswer, $"{bus}: no ECU answers; is the ignition on?");
}
