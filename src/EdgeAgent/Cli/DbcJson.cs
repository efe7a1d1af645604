using System.Text.Encodings.Web;
using System.Text.Json;
using EdgeAgent.Can.Dbc;

namespace EdgeAgent.Cli;

/// <summary>A DBC file as JSON, one object a message and line.</summary>
internal static class DbcJson
{
    public static void Write(DbcDatabase database, Stream output)
    {
        using var buffer = new BufferedStream(output, 64 * 1024);
        using var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        foreach (var message in database.Messages)
        {
            WriteMessage(json, message);
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
        json.WriteStartArray("senders"u8);
        foreach (string sender in message.Senders) json.WriteStringValue(sender);
        json.WriteEndArray();
        json.WriteStartArray("signals"u8);
        foreach (var signal in message.Signals) WriteSignal(json, signal);
        json.WriteEndArray();
        json.WriteString("comment"u8, message.Comment);
        json.WritePropertyName("cycleTimeMs"u8);
        if (message.CycleTime is { } cycle) json.WriteNumberValue((long)cycle.TotalMilliseconds);
        else json.WriteNullValue();
        json.WriteBoolean("j1939"u8, message.IsJ1939);
        json.WriteEndObject();
    }

    private static void WriteSignal(Utf8JsonWriter json, DbcSignal signal)
    {
        json.WriteStartObject();
        json.WriteString("name"u8, signal.Name);
        json.WriteNumber("start"u8, signal.StartBit);
        json.WriteNumber("length"u8, signal.Length);
        json.WriteString("byteOrder"u8, signal.ByteOrder == ByteOrder.LittleEndian ? "little"u8 : "big"u8);
        json.WriteBoolean("signed"u8, signal.IsSigned);
        json.WriteBoolean("float"u8, signal.IsFloat);
        WriteNumber(json, "scale"u8, signal.Scale);
        WriteNumber(json, "offset"u8, signal.Offset);
        WriteNumber(json, "minimum"u8, signal.Minimum);
        WriteNumber(json, "maximum"u8, signal.Maximum);
        json.WriteString("unit"u8, signal.Unit);
        json.WriteBoolean("multiplexer"u8, signal.IsMultiplexer);
        json.WritePropertyName("multiplexedBy"u8);
        WriteMultiplexing(json, signal.Multiplexing);
        json.WriteStartObject("labels"u8);
        foreach (var label in signal.Labels) json.WriteString(label.Raw.ToString(System.Globalization.CultureInfo.InvariantCulture), label.Text);
        json.WriteEndObject();
        json.WriteString("comment"u8, signal.Comment);
        json.WriteEndObject();
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

    private static void WriteNumber(Utf8JsonWriter json, ReadOnlySpan<byte> name, double? value)
    {
        json.WritePropertyName(name);
        if (value is { } number && double.IsFinite(number)) json.WriteNumberValue(number);
        else json.WriteNullValue();
    }
}
