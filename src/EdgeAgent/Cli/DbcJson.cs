using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using EdgeAgent.Can.Dbc;

namespace EdgeAgent.Cli;

/// <summary>A DBC file as JSON, one object a line: its messages, or what is wrong in it.</summary>
internal static class DbcJson
{
    public static void Write(DbcDatabase database, Stream output) => WriteLines(output, database.Messages, WriteMessage);

    public static void WriteWarnings(DbcDatabase database, Stream output) => WriteLines(output, database.Warnings, (json, warning) =>
    {
        json.WriteStartObject();
        json.WriteNumber("line"u8, warning.Line);
        json.WriteNumber("column"u8, warning.Column);
        json.WriteBoolean("error"u8, warning.IsMistake);
        json.WriteString("kind"u8, JsonNamingPolicy.CamelCase.ConvertName(warning.Kind.ToString()));
        json.WriteString("text"u8, warning.Text);
        json.WriteEndObject();
    });

    /// <summary>A line each.</summary>
    public static void WriteLines<T>(Stream output, IEnumerable<T> items, Action<Utf8JsonWriter, T> write)
    {
        using var buffer = new BufferedStream(output, 64 * 1024);
        using var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        foreach (var item in items)
        {
            write(json, item);
            json.Flush();
            json.Reset();
            buffer.WriteByte((byte)'\n');
        }
    }

    private static void WriteMessage(Utf8JsonWriter json, DbcMessage message)
    {
        json.WriteStartObject();
        json.WriteString("message"u8, message.Name);
        json.WriteNumber("id"u8, message.Id.Value);
        json.WriteBoolean("extended"u8, message.Id.IsExtended);
        json.WriteNumber("length"u8, message.Length);
        WriteTexts(json, "senders"u8, message.Senders);
        json.WriteStartArray("signals"u8);
        foreach (var signal in message.Signals) WriteSignal(json, signal);
        json.WriteEndArray();
        json.WriteString("comment"u8, message.Comment);
        json.WritePropertyName("cycleTimeMs"u8);
        if (message.CycleTime is { } cycle) json.WriteNumberValue(cycle.TotalMilliseconds);
        else json.WriteNullValue();
        json.WriteString("sendType"u8, message.SendType);
        json.WriteBoolean("j1939"u8, message.IsJ1939);
        json.WriteBoolean("fd"u8, message.IsFd);
        json.WriteStartArray("signalGroups"u8);
        foreach (var group in message.SignalGroups)
        {
            json.WriteStartObject();
            json.WriteString("name"u8, group.Name);
            json.WriteNumber("repetitions"u8, group.Repetitions);
            WriteTexts(json, "signals"u8, group.Signals);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        WriteAttributes(json, message.Attributes);
        json.WriteEndObject();
    }

    /// <summary>A signal.</summary>
    public static void WriteSignal(Utf8JsonWriter json, DbcSignal signal)
    {
        json.WriteStartObject();
        json.WriteString("name"u8, signal.Name);
        json.WriteNumber("start"u8, signal.StartBit);
        json.WriteNumber("length"u8, signal.Length);
        json.WriteString("byteOrder"u8, signal.ByteOrder == ByteOrder.LittleEndian ? "little"u8 : "big"u8);
        json.WriteBoolean("signed"u8, signal.IsSigned);
        json.WriteBoolean("float"u8, signal.IsFloat);
        WriteNumber(json, "scale"u8, signal.ScaleNumber);
        WriteNumber(json, "offset"u8, signal.OffsetNumber);
        WriteNumber(json, "minimum"u8, signal.MinimumNumber);
        WriteNumber(json, "maximum"u8, signal.MaximumNumber);
        json.WriteString("unit"u8, signal.Unit);
        json.WriteBoolean("multiplexer"u8, signal.IsMultiplexer);
        json.WritePropertyName("multiplexedBy"u8);
        WriteMultiplexing(json, signal.Multiplexing);
        WriteLabels(json, signal.Labels);
        json.WriteString("comment"u8, signal.Comment);
        WriteTexts(json, "receivers"u8, signal.Receivers);
        WriteNumber(json, "initial"u8, signal.Initial);
        WriteNumber(json, "spn"u8, signal.SuspectParameterNumber);
        WriteAttributes(json, signal.Attributes);
        json.WriteEndObject();
    }

    /// <summary>Raw values and their texts; where a value comes twice, the last text counts.</summary>
    public static void WriteLabels(Utf8JsonWriter json, IReadOnlyList<DbcLabel> labels)
    {
        json.WriteStartObject("labels"u8);
        foreach (var (raw, text) in labels.GroupBy(label => label.Raw).Select(same => same.Last())) json.WriteString(raw.ToString(CultureInfo.InvariantCulture), text);
        json.WriteEndObject();
    }

    /// <summary>Names and values: numbers, the index of an enumeration, or texts.</summary>
    public static void WriteAttributes(Utf8JsonWriter json, IReadOnlyList<DbcAttribute> attributes)
    {
        json.WriteStartObject("attributes"u8);
        foreach (var attribute in attributes)
        {
            json.WritePropertyName(attribute.Name);
            WriteValue(json, attribute.Value);
        }
        json.WriteEndObject();
    }

    /// <summary>The value of an attribute.</summary>
    public static void WriteValue(Utf8JsonWriter json, DbcAttributeValue value)
    {
        if (value.Number is { } number) WriteNumberValue(json, value.Whole, number);
        else json.WriteStringValue(value.Text);
    }

    /// <summary>A list of texts.</summary>
    public static void WriteTexts(Utf8JsonWriter json, ReadOnlySpan<byte> name, IReadOnlyList<string> texts)
    {
        json.WriteStartArray(name);
        foreach (string text in texts) json.WriteStringValue(text);
        json.WriteEndArray();
    }

    private static void WriteMultiplexing(Utf8JsonWriter json, DbcMultiplexing? multiplexing)
    {
        if (multiplexing is null)
        {
            json.WriteNullValue();
            return;
        }
        json.WriteStartObject();
        json.WriteString("signal"u8, multiplexing.Multiplexer);
        json.WriteStartArray("ranges"u8);
        foreach (var range in multiplexing.Ranges)
        {
            json.WriteStartArray();
            json.WriteNumberValue(range.First);
            json.WriteNumberValue(range.Last);
            json.WriteEndArray();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>A number, or null if there is none or it is not finite.</summary>
    public static void WriteNumber(Utf8JsonWriter json, ReadOnlySpan<byte> name, double? value)
    {
        json.WritePropertyName(name);
        WriteNumberValue(json, null, value);
    }

    private static void WriteNumber(Utf8JsonWriter json, ReadOnlySpan<byte> name, DbcNumber? value)
    {
        json.WritePropertyName(name);
        WriteNumberValue(json, value is { IsWrittenWhole: true } ? value.Value.Whole : null, value?.Value);
    }

    // A whole number has all of its digits, even if a double has not.
    private static void WriteNumberValue(Utf8JsonWriter json, Int128? whole, double? value)
    {
        if (whole is { } digits) json.WriteRawValue(digits.ToString(CultureInfo.InvariantCulture), skipInputValidation: true);
        else if (value is { } number && double.IsFinite(number)) json.WriteNumberValue(number);
        else json.WriteNullValue();
    }
}
