using System.Text.Json.Nodes;
using EdgeAgent.Can;
using EdgeAgent.Obd;
using EdgeAgent.Obd.Uds;

namespace EdgeAgent.Management.Commands;

/// <summary>Which ECUs there are, what they offer, and what they stored of the moment of a fault.</summary>
internal sealed partial class ObdOperations
{
    private static readonly byte[] Discovered = [ObdService.CurrentData, ObdService.FreezeFrameData, ObdService.MonitoringResults, ObdService.VehicleInformation];

    /// <summary>
    /// <c>obd.discover</c>: {"bus", "protocol": "SAE J1979" or "SAE J1979-2", "ecus": [{"ecu", "name"?, "services": {"01": ["04", …], …}}]}. Of a vehicle of
    /// SAE J1979-2 the services are not known.
    /// </summary>
    /// <exception cref="ObdException">There is no such bus, or nobody answers.</exception>
    /// <exception cref="CanSourceException">The bus cannot be used.</exception>
    public async Task<JsonObject> DiscoverAsync(string bus, CancellationToken stop)
    {
        var client = new ObdClient(LinkOf(bus));
        SortedDictionary<CanId, JsonObject> ecus = [];
        foreach (byte service in Discovered)
        {
            foreach (var (ecu, ids) in await client.SupportedAsync(service, stop))
            {
                if (!ecus.TryGetValue(ecu, out var described)) ecus.Add(ecu, described = new JsonObject { ["ecu"] = ecu.ToString(), ["services"] = new JsonObject() });
                described["services"]![Hex(service)] = new JsonArray([.. ids.Where(id => id % 0x20 != 0).Select(id => JsonValue.Create(Hex(id)))]);
            }
            if (service == ObdService.CurrentData && ecus.Count == 0) return await DiscoverNewerAsync(bus, stop);
        }
        foreach (var (ecu, information) in await client.InformationAsync(InformationType.EcuName, stop))
        {
            if (ecus.TryGetValue(ecu, out var described) && information.Texts is [var name, ..]) described["name"] = name;
        }
        return Discovery(bus, "SAE J1979", ecus.Values);
    }

    /// <summary>
    /// <c>dtc.freeze</c>: {"bus", "frames": [{"ecu", "frame", "code", "parameters": [{"pid", "title", "data", "values"?, "flags"?}]}]}; no frames if there is none.
    /// </summary>
    /// <exception cref="ObdException">There is no such bus.</exception>
    /// <exception cref="CanSourceException">The bus cannot be used.</exception>
    public async Task<JsonObject> FreezeFramesAsync(string bus, CancellationToken stop)
    {
        var frames = new JsonArray();
        foreach (var frame in await new ObdClient(LinkOf(bus)).FreezeFramesAsync(0, stop))
        {
            var parameters = new JsonArray();
            foreach (var (pid, data) in frame.Parameters)
            {
                var parameter = new JsonObject { ["pid"] = Hex(pid), ["data"] = Convert.ToHexString(data.Span) };
                if (ObdPids.Find(pid) is { } known) parameter["title"] = known.Title;
                DescribeParameter(parameter, pid, data.Span);
                parameters.Add((JsonNode)parameter);
            }
            frames.Add((JsonNode)new JsonObject { ["ecu"] = frame.Ecu.ToString(), ["frame"] = frame.Number, ["code"] = frame.Cause.ToString(), ["parameters"] = parameters });
        }
        return new JsonObject { ["bus"] = bus, ["frames"] = frames };
    }

    private async Task<JsonObject> DiscoverNewerAsync(string bus, CancellationToken stop)
    {
        var ecus = await new ObdOnUds(LinkOf(bus)).DetectAsync(stop);
        if (ecus.Count == 0) throw NobodyAnswers(bus);
        return Discovery(bus, "SAE J1979-2", ecus.Select(ecu => new JsonObject { ["ecu"] = ecu.ToString(), ["services"] = new JsonObject() }));
    }

    private static JsonObject Discovery(string bus, string protocol, IEnumerable<JsonObject> ecus) =>
        new() { ["bus"] = bus, ["protocol"] = protocol, ["ecus"] = new JsonArray([.. ecus]) };

    /// <summary>Of a vehicle of SAE J1979-2, which does not know services 03, 07 and 0A.</summary>
    private async Task ReadByUdsAsync(string bus, SortedDictionary<CanId, JsonObject> ecus, CancellationToken stop)
    {
        var newer = new ObdOnUds(LinkOf(bus));
        if ((await newer.DetectAsync(stop)).Count == 0) return;
        foreach (var kind in Kinds)
        {
            foreach (var (ecu, codes) in await newer.TroubleCodesAsync(kind, stop))
            {
                if (!ecus.TryGetValue(ecu, out var described)) ecus.Add(ecu, described = new JsonObject { ["ecu"] = ecu.ToString() });
                described[kind.ToString().ToLowerInvariant()] = new JsonArray([.. codes.Select(record => JsonValue.Create(record.Code.ToString()))]);
            }
        }
    }
}
