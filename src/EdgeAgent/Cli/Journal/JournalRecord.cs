using System.Globalization;
using System.Text;
using System.Text.Json;
using EdgeAgent.Diagnostics.Journal;

namespace EdgeAgent.Cli.Journal;

/// <summary>An entry as <c>journalctl -o json</c> prints it (systemd, "Journal JSON Format"): a value is text, an array of bytes if it is not printable, or, if the entry has a field twice, an array of them.</summary>
/// <param name="Time">When journald took it.</param>
/// <param name="Priority">0 (emergency) to 7 (debug).</param>
/// <param name="Message">Its text.</param>
/// <param name="MessageId">Which event it is; null if it is none.</param>
/// <param name="Fields">Everything of the agent's, EDGE_…, in their order.</param>
internal sealed record JournalRecord(DateTimeOffset Time, int Priority, string Message, string? MessageId, IReadOnlyList<(string Name, string Value)> Fields)
{
    public string? this[string field] => Fields.FirstOrDefault(one => one.Name == field).Value;

    /// <summary>As the agent's levels are called; systemd's own entries may have others.</summary>
    public string Level => Priority switch { <= 2 => "critical", 3 => "error", 4 => "warning", 5 or 6 => "information", _ => "debug" };

    /// <exception cref="InvalidDataException">It is no such entry.</exception>
    public static JournalRecord Parse(ReadOnlyMemory<byte> line)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            var root = document.RootElement;
            if (!long.TryParse(Text(root, "__REALTIME_TIMESTAMP"), NumberStyles.None, CultureInfo.InvariantCulture, out long microseconds) || microseconds > long.MaxValue / 100)
                throw new InvalidDataException("it has no time");
            List<(string, string)> fields = [];
            foreach (var member in root.EnumerateObject())
            {
                if (member.Name.StartsWith("EDGE_", StringComparison.Ordinal) && Text(member.Value) is { } value) fields.Add((member.Name, value));
            }
            fields.Sort((left, right) => string.CompareOrdinal(left.Item1, right.Item1));
            return new JournalRecord(
                DateTimeOffset.UnixEpoch.AddMicroseconds(microseconds),
                int.TryParse(Text(root, "PRIORITY"), NumberStyles.None, CultureInfo.InvariantCulture, out int priority) ? priority : 6,
                Text(root, "MESSAGE") ?? "", Text(root, "MESSAGE_ID"), fields);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentOutOfRangeException)
        {
            throw new InvalidDataException(e.Message, e);
        }
    }

    /// <summary>The same for programs.</summary>
    public void WriteTo(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("time"u8, Time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture));
        json.WriteString("level"u8, Level);
        if (this["EDGE_EVENT"] is { } name) json.WriteString("event"u8, name);
        if (MessageId is not null && JournalMessageId.TryParse(MessageId, out int id)) json.WriteNumber("eventId"u8, id);
        json.WriteString("message"u8, Message);
        json.WriteStartObject("fields"u8);
        foreach (var (field, value) in Fields) json.WriteString(field, value);
        json.WriteEndObject();
    }

    private static string? Text(JsonElement root, string name) => root.TryGetProperty(name, out var value) ? Text(value) : null;

    private static string? Text(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Array) return value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        if (value.GetArrayLength() == 0) return "";
        if (value[0].ValueKind != JsonValueKind.Number) return Text(value[0]);
        byte[] bytes = new byte[value.GetArrayLength()];
        int length = 0;
        foreach (var item in value.EnumerateArray())
        {
            if (!item.TryGetByte(out bytes[length++])) throw new InvalidDataException("a value is neither text nor bytes");
        }
        return Encoding.UTF8.GetString(bytes);
    }
}
