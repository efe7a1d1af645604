using System.Buffers;
using System.Text.Json;
using EdgeAgent.Tenancy;

namespace EdgeAgent.Outbox;

/// <summary>
/// A ledger as JSON, in its file and in the report of a tenant:
/// <code>
/// {"device":"dongle-7","tenant":"acme","boot":"…","streams":[{"epoch":1,"stream":"telemetry","next":4711,"ranges":[
///   {"from":1,"to":4700,"outcome":"delivered"},{"from":4701,"to":4710,"outcome":"buffered"}]}]}
/// </code>
/// In the file a stream has <c>from</c> beside <c>next</c>, and its ranges only what is settled.
/// </summary>
internal static class LedgerJson
{
    public const string ContentType = "application/json";

    /// <summary>The report of a tenant's records on this device.</summary>
    public static byte[] WriteReport(DeviceId device, TenantId tenant, BootId boot, IReadOnlyList<LedgerEntry> entries)
    {
        var output = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(output))
        {
            json.WriteStartObject();
            json.WriteString("device"u8, device.ToString());
            json.WriteString("tenant"u8, tenant.ToString());
            json.WriteString("boot"u8, boot.Value);
            json.WriteStartArray("streams"u8);
            foreach (var entry in entries)
            {
                json.WriteStartObject();
                json.WriteNumber("epoch"u8, entry.Assignment.Epoch.Value);
                json.WriteString("stream"u8, NameOf(entry.Stream));
                json.WriteNumber("next"u8, entry.Next);
                WriteRanges(json, entry.Ranges);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return output.WrittenSpan.ToArray();
    }

    public static byte[] Write(Assignment assignment, LedgerState state)
    {
        var output = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(output))
        {
            json.WriteStartObject();
            json.WriteString("device"u8, assignment.Device.ToString());
            json.WriteString("tenant"u8, assignment.Tenant.ToString());
            json.WriteNumber("epoch"u8, assignment.Epoch.Value);
            json.WriteBoolean("stopped"u8, state.Stopped);
            json.WriteStartArray("streams"u8);
            foreach (var stream in state.Streams)
            {
                json.WriteStartObject();
                json.WriteString("stream"u8, NameOf(stream.Stream));
                json.WriteNumber("next"u8, stream.Reserved);
                json.WriteNumber("from"u8, stream.From);
                WriteRanges(json, stream.Settled.Ranges);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return output.WrittenSpan.ToArray();
    }

    /// <summary>Null if it is no ledger of this assignment.</summary>
    public static LedgerState? Read(Assignment assignment, byte[] content)
    {
        try
        {
            using var json = JsonDocument.Parse(content);
            var root = json.RootElement;
            if (root.GetProperty("device").GetString() != assignment.Device.ToString() || root.GetProperty("tenant").GetString() != assignment.Tenant.ToString()) return null;
            if (root.GetProperty("epoch").GetInt64() != assignment.Epoch.Value) return null;
            var state = new LedgerState { Stopped = root.GetProperty("stopped").GetBoolean() };
            foreach (var stream in state.Streams)
            {
                var saved = root.GetProperty("streams")[(int)stream.Stream];
                if (saved.GetProperty("stream").GetString() != NameOf(stream.Stream)) return null;
                (stream.Reserved, stream.From) = (saved.GetProperty("next").GetInt64(), saved.GetProperty("from").GetInt64());
                if (stream.From < 1 || stream.Reserved < stream.From) return null;
                foreach (var range in ReadRanges(saved.GetProperty("ranges"))) stream.Settled.Set(range);
            }
            return state;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException or IndexOutOfRangeException)
        {
            return null;
        }
    }

    /// <exception cref="FormatException">They are no ranges.</exception>
    public static IEnumerable<LedgerRange> ReadRanges(JsonElement ranges)
    {
        foreach (var range in ranges.EnumerateArray())
        {
            long from = range.GetProperty("from").GetInt64(), to = range.GetProperty("to").GetInt64();
            string? reason = range.TryGetProperty("reason", out var given) ? given.GetString() : null;
            if (from < 1 || to < from || !LedgerWords.TryParse(range.GetProperty("outcome").GetString(), reason, out var words)) throw new FormatException("No range of a ledger.");
            yield return new LedgerRange(from, to, words.Outcome, words.Reason);
        }
    }

    public static string NameOf(RecordStream stream) => stream == RecordStream.Telemetry ? "telemetry" : "messages";

    private static void WriteRanges(Utf8JsonWriter json, IReadOnlyList<LedgerRange> ranges)
    {
        json.WriteStartArray("ranges"u8);
        foreach (var range in ranges)
        {
            json.WriteStartObject();
            json.WriteNumber("from"u8, range.From);
            json.WriteNumber("to"u8, range.To);
            json.WriteString("outcome"u8, LedgerWords.Of(range.Outcome));
            if (LedgerWords.Of(range.Reason) is { } reason) json.WriteString("reason"u8, reason);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }
}
