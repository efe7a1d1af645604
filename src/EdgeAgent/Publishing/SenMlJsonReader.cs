using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using EdgeAgent.Tenancy;

namespace EdgeAgent.Publishing;

/// <summary>Reads what <see cref="SenMlJson"/> and <see cref="MessageJson"/> write, token by token, so that it takes no more memory than what it keeps.</summary>
internal static class SenMlJsonReader
{
    /// <summary>Times of SenML are below, so that nanoseconds fit into 64 bits.</summary>
    private const decimal MaxSeconds = 9_000_000_000;

    private static readonly JsonReaderOptions Options = new() { MaxDepth = 16 };

    /// <exception cref="InvalidDataException">It is something else.</exception>
    public static DecodedPayload Decode(ReadOnlySpan<byte> payload)
    {
        try
        {
            var json = new Utf8JsonReader(payload, Options);
            _ = json.Read();
            var decoded = json.TokenType == JsonTokenType.StartArray ? ReadPack(ref json) : ReadMessage(ref json);
            return json.Read() ? throw new InvalidDataException("Something follows the JSON.") : decoded;
        }
        // The latter two are members of the wrong kind or out of range.
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            throw new InvalidDataException($"This is no record in JSON: {e.Message}", e);
        }
    }

    private static DecodedPayload ReadPack(ref Utf8JsonReader json)
    {
        var pack = new SenMlPack();
        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            Require(json, JsonTokenType.StartObject);
            var record = default(SenMlRecord);
            while (TryReadName(ref json, out string? name)) ReadField(ref json, name, ref record);
            pack.Add(record);
        }
        return pack.ToPayload();
    }

    private static void ReadField(ref Utf8JsonReader json, string name, ref SenMlRecord record)
    {
        switch (name)
        {
            case "bn": record.BaseName = json.GetString(); break;
            case "bt": record.BaseTimeNs = Nanoseconds(json); break;
            case "tenant": record.Tenant = json.GetString(); break;
            case "epoch": record.Epoch = json.GetInt64(); break;
            case "boot": record.Boot = json.GetGuid(); break;
            case "sequence": record.Sequence = json.GetInt64(); break;
            case "clock": record.Clock = json.GetString(); break;
            case "n": record.Name = json.GetString(); break;
            case "u" or "unit": record.Unit = json.GetString(); break;
            case "t": record.TimeNs = Nanoseconds(json); break;
            case "v": record.Value = json.GetDouble(); break;
            case "vs":
                record.Value = json.GetString() switch { "NaN" => double.NaN, "Infinity" => double.PositiveInfinity, "-Infinity" => double.NegativeInfinity, _ => null };
                break;
            default: json.Skip(); break;
        }
    }

    private static DecodedPayload ReadMessage(ref Utf8JsonReader json)
    {
        Require(json, JsonTokenType.StartObject);
        var (device, stream, hasTime, stamp) = ((string?)null, (string?)null, false, default(SenMlRecord));
        while (TryReadName(ref json, out string? name))
        {
            switch (name)
            {
                case "device": device = json.GetString(); break;
                case "stream": stream = json.GetString(); break;
                case "tenant" or "epoch" or "boot" or "sequence" or "clock": ReadField(ref json, name, ref stamp); break;
                default:
                    hasTime |= name == "time";
                    json.Skip();
                    break;
            }
        }
        if (stream != "messages") throw new InvalidDataException("This is no record: its stream is not 'messages'.");
        return new DecodedPayload(DecodedStamp.Of(device, stamp.Tenant, stamp.Epoch, stamp.Boot), RecordStream.Messages, DecodedStamp.CheckSequence(stamp.Sequence, 1), 1,
            stamp.Clock == "synchronized", hasTime ? TimeReference.Unix : TimeReference.Unknown, []);
    }

    /// <summary>Goes to the value of the next member; false at the end of the object.</summary>
    private static bool TryReadName(ref Utf8JsonReader json, [NotNullWhen(true)] out string? name)
    {
        _ = json.Read();
        name = json.TokenType == JsonTokenType.PropertyName ? json.GetString() : null;
        return name is not null && json.Read();
    }

    private static void Require(in Utf8JsonReader json, JsonTokenType token)
    {
        if (json.TokenType != token) throw new FormatException("an object was expected");
    }

    private static long Nanoseconds(in Utf8JsonReader json) =>
        json.GetDecimal() is > -MaxSeconds and < MaxSeconds and var number ? (long)(number * 1_000_000_000) : throw new FormatException("a time is out of range");
}
