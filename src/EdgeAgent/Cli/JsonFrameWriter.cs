using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using EdgeAgent.Can.Dbc;
using EdgeAgent.Capture;

namespace EdgeAgent.Cli;

/// <summary>One object a line:
/// <c>{"time":"…","bus":"can0","id":291,"extended":false,"message":"Name","signals":{"Sig":12.5},"labels":{"Sig":"On"}}</c>.</summary>
internal sealed class JsonFrameWriter : IFrameWriter
{
    private const int FlushAt = 64 * 1024;

    private readonly Stream _output;
    private readonly ArrayBufferWriter<byte> _lines = new(FlushAt * 2);
    private readonly Utf8JsonWriter _json;
    private readonly DecodePlan _plan;

    public JsonFrameWriter(Stream output, DecodePlan plan)
    {
        _output = output;
        _json = new Utf8JsonWriter(_lines, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true });
        _plan = plan;
    }

    public void Write(long timestampNs, string bus, DbcMessage message, ReadOnlySpan<SignalValue> values, bool truncated)
    {
        Span<char> time = stackalloc char[Rfc3339.MaxLength];
        _json.WriteStartObject();
        _json.WriteString("time"u8, time[..Rfc3339.Format(time, timestampNs)]);
        _json.WriteString("bus"u8, bus);
        _json.WriteNumber("id"u8, message.Id.Value);
        _json.WriteBoolean("extended"u8, message.Id.IsExtended);
        _json.WriteString("message"u8, message.Name);
        _json.WriteStartObject("signals"u8);
        foreach (var value in values)
        {
            _json.WritePropertyName(Signal(value).Name);
            WriteNumber(Signal(value), value);
        }
        _json.WriteEndObject();
        _json.WriteStartObject("labels"u8);
        foreach (var value in values)
        {
            if (Signal(value).TryGetLabel(value, out string? label)) _json.WriteString(Signal(value).Name, label);
        }
        _json.WriteEndObject();
        if (truncated) _json.WriteBoolean("truncated"u8, true);
        _json.WriteEndObject();
        _json.Flush();
        _json.Reset();
        _lines.Write("\n"u8);
        if (_lines.WrittenCount >= FlushAt) Flush();
    }

    public void Flush()
    {
        _output.Write(_lines.WrittenSpan);
        _lines.ResetWrittenCount();
    }

    public void Dispose() => _json.Dispose();

    /// <summary>Integers exactly, whatever their size; other numbers in the shortest form that reads back the same; not-finite ones as null.</summary>
    private void WriteNumber(DbcSignal signal, SignalValue value)
    {
        if (signal.TryGetExactInteger(value, out var exact))
        {
            Span<char> digits = stackalloc char[48];
            _ = exact.TryFormat(digits, out int length, default, System.Globalization.CultureInfo.InvariantCulture);
            _json.WriteRawValue(digits[..length], skipInputValidation: true);
        }
        else if (double.IsFinite(value.Value))
        {
            _json.WriteNumberValue(value.Value);
        }
        else
        {
            _json.WriteNullValue();
        }
    }

    private DbcSignal Signal(SignalValue value) => _plan.Signals[value.Slot].Signal;
}
