using System.Text.Json;
using EdgeAgent.Obd.Signalsets;

namespace EdgeAgent.Cli.Vehicle;

/// <summary>An answer to decode: <c>{"command":…,"response":…,"year"?,"idFormat"?,"extendedAddressing"?}</c>. Other members are not looked at.</summary>
internal sealed record CapturedAnswerLine(CommandReference Command, string Response, AnswerOptions Options)
{
    private static readonly JsonDocumentOptions Json = new() { MaxDepth = 16 };

    /// <exception cref="FormatException">The line is none; the message says what was expected.</exception>
    public static CapturedAnswerLine Parse(ReadOnlyMemory<byte> line, int? year)
    {
        try
        {
            using var document = JsonDocument.Parse(line, Json);
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object) throw new FormatException("expected a JSON object");
            return new CapturedAnswerLine(ParseCommand(Text(root, "command")), Text(root, "response"), new AnswerOptions(Year(root) ?? year, Header(root), Flag(root, "extendedAddressing")));
        }
        catch (JsonException e)
        {
            throw new FormatException($"no JSON at column {e.BytePositionInLine + 1}", e);
        }
        catch (InvalidOperationException e)
        {
            throw new FormatException("half of a surrogate pair is no character", e);
        }
    }

    /// <exception cref="FormatException">It names no command.</exception>
    public static CommandReference ParseCommand(string text) => CommandReference.TryParse(text, out var command)
        ? command : throw new FormatException($"'{text}' is no command; expected an id of the signalset such as 7E0.7E8.22F190, or the request alone, such as 010C");

    private static string Text(JsonElement root, string name) => root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
        ? value.GetString()! : throw new FormatException($"/{name}: expected a string");

    private static int? Year(JsonElement root)
    {
        if (!root.TryGetProperty("year", out var value) || value.ValueKind == JsonValueKind.Null) return null;
        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int year)) return year;
        return value.ValueKind == JsonValueKind.String && int.TryParse(value.GetString(), out year) ? year : throw new FormatException("/year: expected a model year");
    }

    private static CapturedHeader? Header(JsonElement root)
    {
        if (!root.TryGetProperty("idFormat", out var value) || value.ValueKind == JsonValueKind.Null) return null;
        return (value.ValueKind == JsonValueKind.String ? value.GetString() : null) switch
        {
            "11bit" => CapturedHeader.Can11Bit,
            "29bit" => CapturedHeader.Can29Bit,
            _ => throw new FormatException("/idFormat: expected \"11bit\" or \"29bit\""),
        };
    }

    private static bool? Flag(JsonElement root, string name)
    {
        if (!root.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null) return null;
        return value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : throw new FormatException($"/{name}: expected true or false");
    }
}
