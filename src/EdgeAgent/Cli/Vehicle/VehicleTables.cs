using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeAgent.Obd;

namespace EdgeAgent.Cli.Vehicle;

/// <summary>Results of operations on ECUs for people.</summary>
internal static class VehicleTables
{
    public static JsonSerializerOptions Json { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Of <c>obd.query</c>: a line for each thing that an answer says.</summary>
    public static IEnumerable<string> Query(JsonObject result)
    {
        foreach (var answer in Objects(result["answers"]))
        {
            string ecu = Text(answer["ecu"]);
            int lines = 0;
            foreach (string line in Answer(answer))
            {
                lines++;
                yield return $"{ecu}  {line}";
            }
            if (lines == 0) yield return $"{ecu}  {Text(answer["data"])}";
        }
    }

    /// <summary>Of <c>dtc.read</c>: a line a code that is in one of the wanted lists, with what all lists together say.</summary>
    public static IEnumerable<string> TroubleCodes(JsonObject result, TroubleCodeKind? only)
    {
        bool any = false;
        foreach (var ecu in Objects(result["ecus"]))
        {
            string name = Text(ecu["ecu"]);
            foreach (var code in TroubleCodeState.Merge(Codes(ecu["stored"]), Codes(ecu["pending"]), Codes(ecu["permanent"])))
            {
                bool isWanted = only switch { null => true, TroubleCodeKind.Stored => code.IsStored, TroubleCodeKind.Pending => code.IsPending, _ => code.IsPermanent };
                if (!isWanted) continue;
                any = true;
                string lists = $"{(code.IsStored ? "stored " : "")}{(code.IsPending ? "pending " : "")}{(code.IsPermanent ? "permanent" : "")}".Trim();
                yield return $"{name}  {code.Code,-8}  {lists}: {code.Meaning}";
            }
            if (ecu["trouble"] is JsonObject troubles)
            {
                foreach (var (kind, trouble) in troubles) yield return $"{name}  {kind}: {Text(trouble)}";
            }
        }
        if (!any) yield return only is { } kindWanted ? $"no {kindWanted.ToString().ToLowerInvariant()} trouble codes" : "no trouble codes";
    }

    /// <summary>Of <c>dtc.clear</c>.</summary>
    public static IEnumerable<string> Cleared(JsonObject result) =>
        Objects(result["ecus"]).Select(ecu => ecu["trouble"] is { } trouble ? $"{Text(ecu["ecu"])}  not cleared: {Text(trouble)}" : $"{Text(ecu["ecu"])}  cleared");

    /// <summary>Of <c>dtc.freeze</c>.</summary>
    public static IEnumerable<string> FreezeFrames(JsonObject result)
    {
        bool any = false;
        foreach (var frame in Objects(result["frames"]))
        {
            any = true;
            yield return $"{Text(frame["ecu"])}  frame {Text(frame["frame"])}, caused by {Text(frame["code"])}";
            foreach (var parameter in Objects(frame["parameters"]))
            {
                string[] lines = [.. Answer(parameter)];
                foreach (string line in lines.Length > 0 ? lines : [Text(parameter["data"])]) yield return $"  {Text(parameter["pid"])}  {line}";
            }
        }
        if (!any) yield return "no freeze frame";
    }

    /// <summary>Of <c>obd.discover</c>.</summary>
    public static IEnumerable<string> Discovery(JsonObject result)
    {
        yield return Text(result["protocol"]);
        foreach (var ecu in Objects(result["ecus"]))
        {
            yield return $"{Text(ecu["ecu"])}  {Text(ecu["name"])}".TrimEnd();
            foreach (var (service, ids) in ecu["services"]?.AsObject() ?? [])
            {
                string[] all = [.. ids!.AsArray().Select(Text)];
                for (int i = 0; i < all.Length; i += 22) yield return $"  {(i == 0 ? service : "  ")}  {string.Join(' ', all.Skip(i).Take(22))}";
            }
        }
    }

    /// <summary>Of <c>obd.query</c> for 01 and 41: a line a monitor.</summary>
    public static IEnumerable<string> Readiness(JsonObject sinceClear, JsonObject? thisCycle)
    {
        foreach (var answer in Objects(sinceClear["answers"]))
        {
            string ecu = Text(answer["ecu"]);
            if (answer["monitors"] is not JsonArray monitors)
            {
                yield return $"{ecu}  {Text(answer["trouble"] ?? answer["data"])}";
                continue;
            }
            string codes = Value(answer, "DTCCount"), indicator = Value(answer, "IsMILOn") == "1" ? "on" : "off";
            yield return $"{ecu}  {(answer["ready"]?.GetValue<bool>() == true ? "ready" : "not ready")}; malfunction indicator {indicator}, {codes} trouble codes, {Text(answer["ignition"])} ignition";
            var now = Objects(thisCycle?["answers"]).FirstOrDefault(other => Text(other["ecu"]) == ecu)?["monitors"];
            foreach (var monitor in monitors.OfType<JsonObject>())
            {
                var same = Objects(now).FirstOrDefault(other => Text(other["name"]) == Text(monitor["name"]));
                string cycle = thisCycle is null ? "" : same is null ? "disabled in this cycle" : $"{Completeness(same)} in this cycle";
                yield return $"  {Text(monitor["name"]),-22}  {Completeness(monitor),-10}  {cycle}".TrimEnd();
            }
        }
    }

    private static IEnumerable<string> Answer(JsonObject answer)
    {
        if (answer["trouble"] is { } trouble) yield return Text(trouble);
        if (answer["vin"] is { } vin) yield return Text(vin);
        if (answer["text"] is { } text) yield return Text(text);
        foreach (var value in Objects(answer["values"])) yield return $"{Text(value["name"])}  {Text(value["text"] ?? Measured(value, "value"))}";
        foreach (var flag in answer["flags"] as JsonArray ?? []) yield return Text(flag);
        foreach (var monitor in Objects(answer["monitors"])) yield return $"{Text(monitor["name"])}  {Completeness(monitor)}";
        var statuses = answer["statuses"] as JsonArray;
        foreach (var (at, code) in (answer["codes"] as JsonArray ?? []).Index()) yield return $"{Text(code)}  {Text(statuses?[at])}".TrimEnd();
        if (answer["codes"] is JsonArray { Count: 0 }) yield return "no trouble codes";
        foreach (var item in answer["items"] as JsonArray ?? []) yield return Text(item);
        foreach (var (name, count) in answer["counters"] as JsonObject ?? []) yield return $"{name}  {Text(count)}";
        foreach (var test in Objects(answer["results"]))
        {
            string monitor = Text(test["monitorName"] ?? test["monitor"]), name = Text(test["testName"] ?? test["test"]), passed = test["passed"] is null ? "" : test["passed"]!.GetValue<bool>() ? "  passed" : "  FAILED";
            yield return $"{monitor}, {name}: {Measured(test, "value")} ({Text(test["minimum"])} to {Text(test["maximum"])}){passed}";
        }
        if (answer["supported"] is JsonArray supported) yield return $"has {string.Join(' ', supported.Select(Text))}";
    }

    private static string Completeness(JsonObject monitor) => monitor["complete"]?.GetValue<bool>() == true ? "complete" : "incomplete";

    private static string Value(JsonObject answer, string name) => Text(Objects(answer["values"]).FirstOrDefault(value => Text(value["name"]) == name)?["value"]);

    private static string Measured(JsonObject value, string name) => $"{Text(value[name])} {Text(value["unit"])}".TrimEnd();

    private static IEnumerable<DiagnosticTroubleCode> Codes(JsonNode? codes)
    {
        foreach (var code in codes as JsonArray ?? [])
        {
            if (DiagnosticTroubleCode.TryParse(Text(code), out var parsed)) yield return parsed;
        }
    }

    private static IEnumerable<JsonObject> Objects(JsonNode? array) => (array as JsonArray)?.OfType<JsonObject>() ?? [];

    private static string Text(JsonNode? node) => node switch
    {
        null => "",
        JsonValue value when value.TryGetValue(out string? text) => text,
        JsonValue value when value.TryGetValue(out double number) => Math.Round(number, 6).ToString(CultureInfo.InvariantCulture),
        _ => node.ToJsonString(),
    };
}
