using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Unicode;

namespace EdgeAgent.Tenancy.Documents;

/// <summary>
/// JSON as signed documents and tenants' configurations have it: valid UTF-8 and whole characters, no comment, no comma with nothing
/// behind it, no name twice in an object, nested at most <see cref="MaxDepth"/> deep, and nothing behind the value.
/// </summary>
internal static class StrictJson
{
    public const int MaxDepth = 16;

    private static readonly JsonDocumentOptions Options = new() { MaxDepth = MaxDepth };

    public static bool TryParse(ReadOnlySpan<byte> utf8, out JsonElement root, [NotNullWhen(false)] out ConfigurationMistake? mistake)
    {
        root = default;
        if (!Utf8.IsValid(utf8))
        {
            mistake = new ConfigurationMistake("", "not valid UTF-8");
            return false;
        }
        try
        {
            root = JsonElement.Parse(utf8, Options);
        }
        catch (JsonException e)
        {
            mistake = new ConfigurationMistake("", $"no JSON at line {e.LineNumber + 1}, column {e.BytePositionInLine + 1}{(IsTooDeep(e) ? $": nested deeper than {MaxDepth}" : "")}");
            return false;
        }
        mistake = Find(root);
        return mistake is null;
    }

    private static bool IsTooDeep(JsonException e) => e.Message.Contains("depth", StringComparison.OrdinalIgnoreCase) && e.Message.Contains($"{MaxDepth}", StringComparison.Ordinal);

    /// <summary>What the parser passes over: names given twice, and halves of surrogate pairs.</summary>
    private static ConfigurationMistake? Find(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.String:
                return TryRead(element.GetString) is null ? new ConfigurationMistake("", "half of a surrogate pair is no character") : null;
            case JsonValueKind.Array:
                int index = 0;
                foreach (var item in element.EnumerateArray())
                {
                    if (Find(item) is { } mistake) return mistake with { Pointer = $"/{index}{mistake.Pointer}" };
                    index++;
                }
                return null;
            case JsonValueKind.Object:
                HashSet<string> names = [];
                foreach (var member in element.EnumerateObject())
                {
                    if (TryRead(() => member.Name) is not { } name) return new ConfigurationMistake("", "half of a surrogate pair in a name");
                    if (!names.Add(name)) return new ConfigurationMistake(JsonPointer.Of(name), "given twice");
                    if (Find(member.Value) is { } mistake) return mistake with { Pointer = JsonPointer.Of(name) + mistake.Pointer };
                }
                return null;
            default:
                return null;
        }
    }

    private static string? TryRead(Func<string?> read)
    {
        try
        {
            return read();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }
}

/// <summary>Steps of JSON pointers (RFC 6901).</summary>
internal static class JsonPointer
{
    /// <summary>The step to a member, with its '/'.</summary>
    public static string Of(string name) => "/" + name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);
}
