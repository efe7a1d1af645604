using System.Text;
using System.Text.Json.Nodes;
using EdgeAgent.Obd;
using EdgeAgent.Obd.Uds;

namespace EdgeAgent.Management.Commands;

/// <summary>What is known of an answer, as JSON.</summary>
internal sealed partial class ObdOperations
{
    private const byte ThisCyclePid = 0x41, StatusPid = 0x01, FreezeFrameCausePid = 0x02;

    private static JsonObject Describe(ObdAnswer answer, byte[] request)
    {
        var described = new JsonObject { ["ecu"] = answer.Ecu.ToString() };
        if (!answer.IsPositive) return WithTrouble(described, answer);
        var message = answer.Message.Span;
        // The parameter of the request is repeated; of a report, the sub-function.
        int repeated = request[0] == UdsService.ReadDtcInformation ? 2 : request.Length;
        var data = message[Math.Min(repeated, message.Length)..];
        described["data"] = Convert.ToHexString(data);
        if (ObdService.HasParameter(request[0]) && request[1] % 0x20 == 0) Supported(described, request[1], data);
        else Describe(described, request, message, data);
        return described;
    }

    private static void Describe(JsonObject described, byte[] request, ReadOnlySpan<byte> message, ReadOnlySpan<byte> data)
    {
        switch (request[0])
        {
            case ObdService.CurrentData or ObdService.FreezeFrameData:
                DescribeParameter(described, request[1], data);
                break;
            case ObdService.StoredTroubleCodes or ObdService.PendingTroubleCodes or ObdService.PermanentTroubleCodes:
                described["codes"] = new JsonArray([.. ObdClient.ReadCodes(message).Select(code => JsonValue.Create(code.ToString()))]);
                break;
            case ObdService.MonitoringResults when MonitoringResult.Read(message) is { Count: > 0 } results:
                described["results"] = new JsonArray([.. results.Select(Describe)]);
                break;
            case ObdService.OxygenSensorResults when OxygenSensorResult.Read(message) is { } result:
                described["results"] = new JsonArray(Test(result.Value, result.Minimum, result.Maximum, result.Unit));
                break;
            case ObdService.VehicleInformation when request[1] == InformationType.Vin && ObdClient.ReadVin(message) is { } vin:
                described["vin"] = vin;
                break;
            case ObdService.VehicleInformation when VehicleInformation.Read(message) is { } information:
                if (information.Texts.Count > 0) described["items"] = new JsonArray([.. information.Texts.Select(text => JsonValue.Create(text))]);
                if (information.Counters.Count > 0) described["counters"] = new JsonObject(information.Counters.Select(counter => KeyValuePair.Create<string, JsonNode?>(counter.Name, counter.Count)));
                break;
            case UdsService.ReadDataByIdentifier when !data.IsEmpty && data.IndexOfAnyExceptInRange((byte)' ', (byte)'~') < 0:
                described["text"] = Encoding.ASCII.GetString(data);
                break;
            case UdsService.ReadDtcInformation:
                DescribeReport(described, message);
                break;
        }
    }

    /// <summary>Adds how many codes there are, or "codes" with a text on the status of each in "statuses"; what a manufacturer defines stays data.</summary>
    private static void DescribeReport(JsonObject described, ReadOnlySpan<byte> message)
    {
        if (UdsResponse.TryReadDtcCount(message, out var count)) described["counters"] = new JsonObject { ["codes"] = count.Count };
        List<DtcRecord> found = [];
        if (UdsResponse.TryReadDtcs(message, out var records))
        {
            foreach (var record in records) found.Add(record);
        }
        else if (UdsResponse.TryReadDtcRecords(message, out var code, out _))
        {
            found.Add(code);
        }
        else
        {
            return;
        }
        described["codes"] = new JsonArray([.. found.Select(record => JsonValue.Create(record.Code.ToString()))]);
        described["statuses"] = new JsonArray([.. found.Select(record => JsonValue.Create(record.Status.ToString()))]);
    }

    /// <summary>Adds "values", "flags" and "monitors", each where there are any.</summary>
    private static void DescribeParameter(JsonObject described, byte pid, ReadOnlySpan<byte> data)
    {
        if (pid is StatusPid or ThisCyclePid && ReadinessReport.TryRead(data, out var report))
        {
            described["ignition"] = report.IsCompressionIgnition ? "compression" : "spark";
            described["ready"] = report.IsReady;
            described["monitors"] = new JsonArray([.. report.Monitors.Where(monitor => monitor.IsSupported).Select(monitor => new JsonObject { ["name"] = monitor.Name, ["complete"] = monitor.IsComplete })]);
        }
        if (ObdPids.Find(pid) is not { } known) return;
        if (known.Parameters.Count > 0) described["values"] = ValuesOf(known, data);
        if (pid == FreezeFrameCausePid && data.Length >= 2)
        {
            // 0000: there is no freeze frame.
            var cause = DiagnosticTroubleCode.FromJ1979(data[..2]);
            described["codes"] = cause.Code == 0 ? new JsonArray() : new JsonArray(cause.ToString());
        }
        if (known.Flags.Count == 0) return;
        var flags = new JsonArray();
        foreach (var flag in known.Flags)
        {
            if (flag.TryDecode(data, out bool isSet) && isSet) flags.Add((JsonNode)flag.Name);
        }
        described["flags"] = flags;
    }

    private static JsonArray ValuesOf(ObdPid pid, ReadOnlySpan<byte> data)
    {
        var values = new JsonArray();
        foreach (var parameter in pid.Parameters)
        {
            if (!parameter.TryDecode(data, out double value)) continue;
            var described = new JsonObject { ["name"] = parameter.Name, ["value"] = value };
            if (parameter.Unit is { } unit) described["unit"] = unit;
            if (parameter.LabelOf(value) is { } text) described["text"] = text;
            values.Add((JsonNode)described);
        }
        return values;
    }

    /// <summary>Adds "supported": the ids that the ECU has among the 32 behind the one that was asked for.</summary>
    private static void Supported(JsonObject described, byte range, ReadOnlySpan<byte> data)
    {
        if (data.Length < 4) return;
        var ids = new JsonArray();
        for (int i = 0; i < 32 && range + i < byte.MaxValue; i++)
        {
            if ((data[i / 8] >> (7 - i % 8) & 1) != 0) ids.Add((JsonNode)Hex((byte)(range + i + 1)));
        }
        described["supported"] = ids;
    }

    private static JsonObject Describe(MonitoringResult result)
    {
        var described = new JsonObject { ["monitor"] = Hex(result.Monitor), ["test"] = Hex(result.Test) };
        if (result.MonitorName is { } monitor) described["monitorName"] = monitor;
        if (result.TestName is { } test) described["testName"] = test;
        foreach (var (name, value) in Test(result.Value, result.Minimum, result.Maximum, result.Scaling.Unit).ToArray()) described[name] = value?.DeepClone();
        described["passed"] = result.IsPassed;
        return described;
    }

    private static JsonObject Test(double value, double? minimum, double? maximum, string? unit)
    {
        var test = new JsonObject { ["value"] = value };
        if (minimum is { } least) test["minimum"] = least;
        if (maximum is { } most) test["maximum"] = most;
        if (unit is not null) test["unit"] = unit;
        return test;
    }

    private static string Hex(byte value) => Convert.ToHexString([value]);
}
