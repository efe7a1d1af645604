using System.Globalization;
using System.Text.Json;

namespace EdgeAgent.Obd.Signalsets;

/// <summary>Signals, their formats and maps.</summary>
internal sealed partial class SignalsetReader
{
    private List<SignalsetSignal> ReadSignals(SignalsetMembers command)
    {
        List<SignalsetSignal> signals = [];
        HashSet<string> ids = [];
        foreach (var (element, pointer) in command.Array("signals", 1, SignalsetLimits.SignalsPerCommand, isRequired: true))
        {
            if (_findings.IsFull) break;
            if (++_signals > SignalsetLimits.Signals)
            {
                _findings.Mistake(pointer, $"more than {SignalsetLimits.Signals} signals in all");
                break;
            }
            if (ReadSignal(element, pointer) is not { } signal) continue;
            if (!ids.Add(signal.Id)) _findings.Warn(pointer, $"'{signal.Id}' is a second time in this command; the last counts");
            signals.Add(signal);
        }
        return signals;
    }

    private SignalsetSignal? ReadSignal(JsonElement element, string pointer)
    {
        var members = new SignalsetMembers(element, pointer, _findings, "id", "name", "hidden", "description", "fmt", "path", "suggestedMetric");
        string? id = members.Text("id", isRequired: true), name = members.Text("name", isRequired: true);
        if (id is "") members.Mistake("id", "expected at least one character");
        var format = members.Object("fmt", isRequired: true) is { } element2 ? ReadFormat(element2, members.PointerOf("fmt")) : null;
        if (id is null or "" || name is null || format is null) return null;
        return new SignalsetSignal(id, name, format)
        {
            Path = members.Text("path"),
            Description = members.Text("description"),
            IsHidden = members.Flag("hidden"),
            SuggestedMetric = members.Text("suggestedMetric"),
        };
    }

    private SignalFormat? ReadFormat(JsonElement element, string pointer)
    {
        var members = new SignalsetMembers(element, pointer, _findings,
            "bix", "len", "blsb", "sign", "min", "max", "add", "mul", "div", "unit", "nullmin", "nullmax", "omin", "omax", "oval", "map");
        int first = members.Integer("bix", 0, SignalsetLimits.LastBit - 1) ?? 0;
        if (members.Integer("len", 1, SignalsetLimits.LastBit, isRequired: true) is not { } count) return null;
        if (first + count > SignalsetLimits.LastBit) members.Mistake("len", $"ends behind the last bit that an answer may have, {SignalsetLimits.LastBit}");
        double divisor = members.Number("div") ?? 1;
        if (divisor == 0) members.Mistake("div", "0 divides nothing");
        var map = members.Object("map") is { } entries ? ReadMap(entries, members.PointerOf("map"), count) : null;
        string? unit = members.Text("unit");
        var maximum = members.Number("max");
        if (map is null && unit is null) members.Warn("unit", "missing, as is map; values are numbers without a unit");
        if (map is null && maximum is null) members.Warn("max", "missing; values are not limited");
        return new SignalFormat
        {
            FirstBit = first,
            BitCount = count,
            IsLittleEndian = members.Flag("blsb"),
            IsSigned = members.Flag("sign"),
            Multiplier = members.Number("mul") ?? 1,
            Divisor = divisor,
            Offset = members.Number("add") ?? 0,
            Minimum = members.Number("min") ?? 0,
            Maximum = maximum,
            NullMinimum = members.Number("nullmin"),
            NullMaximum = members.Number("nullmax"),
            OptimalMinimum = members.Number("omin"),
            OptimalMaximum = members.Number("omax"),
            OptimalValue = members.Number("oval"),
            Unit = unit is null ? null : UnitOf(unit, members, "unit"),
            Map = map,
        };
    }

    /// <summary><c>{"1": {"value": "DRIVE", "description": "Drive"}, "2": "NEUTRAL"}</c>.</summary>
    private Dictionary<long, SignalLabel>? ReadMap(JsonElement element, string pointer, int bits)
    {
        if (bits > 63) _findings.Mistake(pointer, "no map for more than 63 bits");
        var members = new SignalsetMembers(element, pointer, _findings);
        Dictionary<long, SignalLabel> map = [];
        foreach (string key in members.Names)
        {
            if (map.Count >= SignalsetLimits.MapEntries)
            {
                _findings.Mistake(pointer, $"more than {SignalsetLimits.MapEntries} entries");
                return null;
            }
            if (!long.TryParse(key, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long raw))
            {
                members.Mistake(key, "expected a raw value, in decimal digits");
                continue;
            }
            if (ReadLabel(members, key) is { } label) map[raw] = label;
        }
        return map;
    }

    private SignalLabel? ReadLabel(SignalsetMembers map, string key)
    {
        switch (map.Find(key))
        {
            case { ValueKind: JsonValueKind.Object } entry:
                var members = new SignalsetMembers(entry, map.PointerOf(key), _findings, "value", "description");
                string? value = members.Find("value") is { ValueKind: JsonValueKind.Number } number ? number.GetRawText() : members.Text("value", isRequired: true);
                return value is null ? null : new SignalLabel(value, members.Text("description") ?? value);
            case { ValueKind: JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False } scalar:
                return new SignalLabel(scalar.GetRawText(), scalar.GetRawText());
            case not null:
                return map.Text(key) is { } text ? new SignalLabel(text, text) : null;
            default:
                return null;
        }
    }
}
