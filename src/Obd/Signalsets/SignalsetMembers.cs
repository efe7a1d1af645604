using System.Text.Json;

namespace EdgeAgent.Obd.Signalsets;

/// <summary>What is noted while a signalset is read: mistakes, for which it is refused, and warnings. Each up to <see cref="SignalsetLimits.Mistakes"/>.</summary>
internal sealed class SignalsetFindings
{
    public List<SignalsetMistake> Mistakes { get; } = [];

    public List<SignalsetMistake> Warnings { get; } = [];

    public bool IsFull => Mistakes.Count >= SignalsetLimits.Mistakes;

    public void Mistake(string pointer, string problem)
    {
        if (!IsFull) Mistakes.Add(new SignalsetMistake(pointer, problem));
    }

    public void Warn(string pointer, string problem)
    {
        if (Warnings.Count < SignalsetLimits.Mistakes) Warnings.Add(new SignalsetMistake(pointer, problem));
    }
}

/// <summary>The members of one JSON object, each read with its check. What is null afterwards was absent or has been noted.</summary>
internal sealed class SignalsetMembers
{
    private readonly Dictionary<string, JsonElement> _members = new(StringComparer.Ordinal);
    private readonly string _pointer;
    private readonly SignalsetFindings _findings;

    public SignalsetMembers(JsonElement element, string pointer, SignalsetFindings findings, params ReadOnlySpan<string> known)
    {
        _pointer = pointer;
        _findings = findings;
        if (element.ValueKind != JsonValueKind.Object)
        {
            findings.Mistake(pointer, $"expected an object, found {Describe(element.ValueKind)}");
            return;
        }
        IsObject = true;
        foreach (var member in element.EnumerateObject())
        {
            if (!TryName(member, out string name))
            {
                findings.Mistake(pointer, "half of a surrogate pair in a name");
                continue;
            }
            if (!known.IsEmpty && !known.Contains(name)) findings.Warn(PointerOf(name), "unknown; it is passed over");
            if (!_members.TryAdd(name, member.Value))
            {
                findings.Warn(PointerOf(name), "given twice; the last counts");
                _members[name] = member.Value;
            }
        }
    }

    public bool IsObject { get; }

    public IEnumerable<string> Names => _members.Keys;

    public string PointerOf(string name) => _pointer + "/" + name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);

    public void Mistake(string name, string problem) => _findings.Mistake(PointerOf(name), problem);

    public void Warn(string name, string problem) => _findings.Warn(PointerOf(name), problem);

    /// <summary>Null counts as absent.</summary>
    public JsonElement? Find(string name) => _members.TryGetValue(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    public string? Text(string name, bool isRequired = false)
    {
        if (Require(name, JsonValueKind.String, "a string", isRequired) is not { } value) return null;
        if (!TryText(value, out string text)) Mistake(name, "half of a surrogate pair is no character");
        else if (text.Length > SignalsetLimits.TextLength) Mistake(name, $"{text.Length} characters; at most {SignalsetLimits.TextLength} are possible");
        else return text;
        return null;
    }

    /// <summary>Hexadecimal digits, as they are written, in upper case.</summary>
    public string? Digits(string name, int least, int most, bool isRequired = false)
    {
        if (Text(name, isRequired) is not { } text) return null;
        if (text.Length >= least && text.Length <= most && text.All(char.IsAsciiHexDigit)) return text.ToUpperInvariant();
        Mistake(name, least == most ? $"expected {least} hexadecimal digits" : $"expected {least} to {most} hexadecimal digits");
        return null;
    }

    public byte? Byte(string name) => Digits(name, 2, 2) is { } digits ? Convert.ToByte(digits, 16) : null;

    public int? Integer(string name, int least, int most, bool isRequired = false)
    {
        if (Require(name, JsonValueKind.Number, "a number", isRequired) is not { } value) return null;
        // 8.0 is an integer in JSON Schema.
        if (value.TryGetDouble(out double number) && number >= least && number <= most && number == Math.Floor(number)) return (int)number;
        Mistake(name, $"expected an integer of {least} to {most}");
        return null;
    }

    public double? Number(string name, bool isRequired = false)
    {
        if (Require(name, JsonValueKind.Number, "a number", isRequired) is not { } value) return null;
        if (value.TryGetDouble(out double number) && double.IsFinite(number)) return number;
        Mistake(name, "the number is too large");
        return null;
    }

    public bool Flag(string name)
    {
        if (Find(name) is not { } value) return false;
        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False) return value.ValueKind == JsonValueKind.True;
        Mistake(name, $"expected true or false, found {Describe(value.ValueKind)}");
        return false;
    }

    public JsonElement? Object(string name, bool isRequired = false) => Require(name, JsonValueKind.Object, "an object", isRequired);

    /// <summary>The elements of an array with their pointers.</summary>
    public IEnumerable<(JsonElement Element, string Pointer)> Array(string name, int least, int most, bool isRequired = false)
    {
        if (Require(name, JsonValueKind.Array, "an array", isRequired) is not { } array) yield break;
        int count = array.GetArrayLength();
        if (count < least || count > most)
        {
            Mistake(name, $"{count} elements; expected {least} to {most}");
            yield break;
        }
        int index = 0;
        foreach (var element in array.EnumerateArray()) yield return (element, $"{PointerOf(name)}/{index++}");
    }

    public static string Describe(JsonValueKind kind) => kind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "an array",
        JsonValueKind.String => "a string",
        JsonValueKind.Number => "a number",
        JsonValueKind.Null => "null",
        _ => "true or false",
    };

    private JsonElement? Require(string name, JsonValueKind kind, string what, bool isRequired)
    {
        if (Find(name) is not { } value)
        {
            if (isRequired && IsObject) Mistake(name, $"missing: {what}");
            return null;
        }
        if (value.ValueKind == kind) return value;
        Mistake(name, $"expected {what}, found {Describe(value.ValueKind)}");
        return null;
    }

    private static bool TryName(JsonProperty member, out string name)
    {
        try
        {
            name = member.Name;
            return true;
        }
        catch (InvalidOperationException) // half of a surrogate pair
        {
            name = "";
            return false;
        }
    }

    private static bool TryText(JsonElement value, out string text)
    {
        try
        {
            text = value.GetString()!;
            return true;
        }
        catch (InvalidOperationException) // half of a surrogate pair
        {
            text = "";
            return false;
        }
    }
}
