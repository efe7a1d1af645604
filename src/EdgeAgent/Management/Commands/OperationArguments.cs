using System.Globalization;
using System.Text.Json;
using EdgeAgent.Tenancy.Documents;

namespace EdgeAgent.Management.Commands;

/// <summary>The arguments of an operation, read with their checks. What is wrong ends the operation with the place of the argument.</summary>
internal sealed class OperationArguments(JsonElement arguments)
{
    /// <summary>The longest text, in characters.</summary>
    public const int MaxTextLength = 1024;

    /// <summary>No arguments, as JSON.</summary>
    public static JsonElement Empty { get; } = JsonElement.Parse("{}");

    /// <summary>No arguments.</summary>
    public static OperationArguments None { get; } = new(Empty);

    /// <summary>Refuses everything but these: a misspelt argument must not be passed over.</summary>
    /// <exception cref="OperationException">There is another.</exception>
    public void Expect(params string[] known)
    {
        if (arguments.ValueKind != JsonValueKind.Object) throw new OperationException(OperationException.WrongArguments, "/arguments: expected an object");
        foreach (var argument in arguments.EnumerateObject())
        {
            if (!known.Contains(argument.Name)) throw Wrong(argument.Name, known.Length == 0 ? "unknown; this operation has no arguments" : $"unknown; expected one of: {string.Join(", ", known)}");
        }
    }

    /// <summary>A text of at most <see cref="MaxTextLength"/>. A number counts as its digits, since <c>--argument pid=22</c> gives one.</summary>
    /// <exception cref="OperationException">Missing, too long or of another kind.</exception>
    public string Text(string name) => TryText(name) ?? throw Wrong(name, "missing: a string");

    /// <summary>The same, or null if it is absent.</summary>
    public string? TryText(string name)
    {
        string? text = Find(name) switch
        {
            null => null,
            { ValueKind: JsonValueKind.String } given => given.GetString(),
            { ValueKind: JsonValueKind.Number } number => number.GetRawText(),
            _ => throw Wrong(name, "expected a string"),
        };
        return text is { Length: > MaxTextLength } ? throw Wrong(name, $"{text.Length} characters; at most {MaxTextLength} are possible") : text;
    }

    /// <summary>One of several words.</summary>
    public string Word(string name, params string[] words)
    {
        string text = Text(name);
        return words.Contains(text) ? text : throw Wrong(name, $"{Quoted.Of(text)}: expected one of {string.Join(", ", words)}");
    }

    /// <summary>An integer within limits.</summary>
    public long Whole(string name, long least, long most) => TryWhole(name, least, most) ?? throw Wrong(name, $"missing: an integer of {least} to {most}");

    /// <summary>The same, or null if it is absent.</summary>
    public long? TryWhole(string name, long least, long most)
    {
        if (Find(name) is not { } given) return null;
        return given.ValueKind == JsonValueKind.Number && given.TryGetInt64(out long value) && value >= least && value <= most ? value : throw Wrong(name, $"expected an integer of {least} to {most}");
    }

    /// <summary>True or false; false if it is absent.</summary>
    public bool Flag(string name) => Find(name) switch
    {
        null or { ValueKind: JsonValueKind.False } => false,
        { ValueKind: JsonValueKind.True } => true,
        _ => throw Wrong(name, "expected true or false"),
    };

    /// <summary>Hexadecimal digits, in pairs, as bytes.</summary>
    public byte[] Hex(string name, int least, int most)
    {
        string text = Text(name);
        if (text.Length % 2 == 0 && text.Length / 2 >= least && text.Length / 2 <= most && text.All(char.IsAsciiHexDigit)) return Convert.FromHexString(text);
        throw Wrong(name, string.Create(CultureInfo.InvariantCulture, $"{Quoted.Of(text)}: expected {least} to {most} bytes of two hexadecimal digits each"));
    }

    /// <summary>What to throw when an argument is wrong in a way of the operation's own.</summary>
    public static OperationException Wrong(string name, string message) => new(OperationException.WrongArguments, Quoted.Line($"/arguments{JsonPointer.Of(name)}: {message}"));

    private JsonElement? Find(string name) => arguments.ValueKind == JsonValueKind.Object && arguments.TryGetProperty(name, out var value) ? value : null;
}
