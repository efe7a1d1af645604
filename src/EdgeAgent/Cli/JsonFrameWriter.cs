using System.Runtime.InteropServices;
using System.Text.Json;
using EdgeAgent.Can;
using EdgeAgent.Can.Dbc;
using EdgeAgent.Can.J1939;
using EdgeAgent.Capture;

namespace EdgeAgent.Cli;

/// <summary>One object a line:
/// <c>{"time":"…","bus":"can0","id":291,"extended":false,"message":"Name","signals":{"Sig":12.5},"labels":{"Sig":"On"}}</c>; a J1939 message
/// has <c>"pgn":61444,"source":0</c> before its name and, if it is for one node, <c>"destination":49</c>.</summary>
internal sealed class JsonFrameWriter : IFrameWriter
{
    private readonly JsonLines _lines;
    private readonly Utf8JsonWriter _json;
    private readonly DecodePlan _plan;
    private readonly bool _indications;
    private readonly HashSet<int> _namesakes = [];
    private readonly List<SignalValue> _named = [];

    /// <param name="output">Where the lines go.</param>
    /// <param name="plan">What the values were decoded with.</param>
    /// <param name="indications">True to name J1939 values that are no numbers, which are null then.</param>
    public JsonFrameWriter(Stream output, DecodePlan plan, bool indications = false)
    {
        _indications = indications;
        _lines = new JsonLines(output);
        _json = _lines.Writer;
        _plan = plan;
        var names = new HashSet<(DbcMessage, string)>();
        for (int slot = 0; slot < plan.SlotCount; slot++)
        {
            if (!names.Add((plan.Signals[slot].Message, plan.Signals[slot].Signal.Name))) _namesakes.Add(slot);
        }
    }

    public void Write(long timestampNs, string bus, CanId id, DbcMessage message, ReadOnlySpan<SignalValue> values, bool truncated)
    {
        if (_namesakes.Count > 0) values = WithoutNamesakes(values);
        Span<char> time = stackalloc char[Rfc3339.MaxLength];
        _json.WriteStartObject();
        _json.WriteString("time"u8, time[..Rfc3339.Format(time, timestampNs)]);
        _json.WriteString("bus"u8, bus);
        _json.WriteNumber("id"u8, id.Value);
        _json.WriteBoolean("extended"u8, id.IsExtended);
        if (message.IsJ1939 && J1939Id.TryFrom(id, out var parts)) WriteAddresses(parts);
        _json.WriteString("message"u8, message.Name);
        _json.WriteStartObject("signals"u8);
        foreach (var value in values)
        {
            _json.WritePropertyName(Signal(value).Name);
            if (Indication(message, value) is null) SignalJson.WriteNumber(_json, Signal(value), value);
            else _json.WriteNullValue();
        }
        _json.WriteEndObject();
        if (_indications && message.IsJ1939) WriteIndications(message, values);
        SignalJson.WriteLabels(_json, _plan, values);
        if (truncated) _json.WriteBoolean("truncated"u8, true);
        _lines.End();
    }

    public void Flush() => _lines.Flush();

    public void Dispose() => _lines.Dispose();

    private void WriteAddresses(in J1939Id id)
    {
        _json.WriteNumber("pgn"u8, id.Group.Value);
        _json.WriteNumber("source"u8, id.Source);
        if (id.Destination != J1939Address.Global) _json.WriteNumber("destination"u8, id.Destination);
    }

    private void WriteIndications(DbcMessage message, ReadOnlySpan<SignalValue> values)
    {
        _json.WriteStartObject("indications"u8);
        foreach (var value in values)
        {
            if (Indication(message, value) is { } indication) _json.WriteString(Signal(value).Name, indication);
        }
        _json.WriteEndObject();
    }

    private string? Indication(DbcMessage message, SignalValue value) => _indications ? J1939ValueText.Indication(message, Signal(value), value) : null;

    /// <summary>An object has a member once: of signals with one name in one frame the first counts.</summary>
    private ReadOnlySpan<SignalValue> WithoutNamesakes(ReadOnlySpan<SignalValue> values)
    {
        _named.Clear();
        foreach (var value in values)
        {
            if (!_namesakes.Contains(value.Slot) || !_named.Exists(earlier => Signal(earlier).Name == Signal(value).Name)) _named.Add(value);
        }
        return CollectionsMarshal.AsSpan(_named);
    }

    private DbcSignal Signal(SignalValue value) => _plan.Signals[value.Slot].Signal;
}
