using System.Text.Json;

namespace EdgeAgent.Tenancy.Documents;

/// <summary>
/// Reads the members of one object and notes each that is missing, unknown or not as expected. What is null afterwards was optional and
/// absent, or has been noted: whoever reads looks at the mistakes before using anything.
/// </summary>
internal sealed class ObjectReader
{
    private readonly JsonElement _element;
    private readonly string _pointer;

    public ObjectReader(JsonElement element, string pointer, List<ConfigurationMistake> mistakes, params string[] known)
    {
        _element = element;
        _pointer = pointer;
        Mistakes = mistakes;
        if (element.ValueKind != JsonValueKind.Object)
        {
            mistakes.Add(new ConfigurationMistake(pointer, $"expected an object, found {Describe(element.ValueKind)}"));
            return;
        }
        foreach (var member in element.EnumerateObject())
        {
            if (!known.Contains(member.Name)) Add(member.Name, $"unknown; expected one of: {string.Join(", ", known)}");
        }
    }

    public List<ConfigurationMistake> Mistakes { get; }

    public string PointerOf(string name) => _pointer + JsonPointer.Of(name);

    public void Add(string name, string message) => Mistakes.Add(new ConfigurationMistake(PointerOf(name), message));

    public bool Has(string name) => Find(name) is not null;

    /// <summary>Null if there is no such member.</summary>
    public JsonElement? Find(string name) =>
        _element.ValueKind == JsonValueKind.Object && _element.TryGetProperty(name, out var value) ? value : null;

    public string? Text(string name, bool isRequired = true) => Require(name, JsonValueKind.String, "a string", isRequired)?.GetString();

    public JsonElement? Object(string name, bool isRequired = true) => Require(name, JsonValueKind.Object, "an object", isRequired);

    /// <summary>An array of so many elements at least and at most.</summary>
    public IReadOnlyList<JsonElement> Array(string name, int least, int most, bool isRequired = true)
    {
        if (Require(name, JsonValueKind.Array, "an array", isRequired) is not { } array) return [];
        int count = array.GetArrayLength();
        if (count >= least && count <= most) return [.. array.EnumerateArray()];
        Add(name, $"{count} elements; expected {least} to {most}");
        return [];
    }

    /// <summary>An integer within limits, written without fraction and exponent.</summary>
    public long? Whole(string name, long least, long most, bool isRequired = true)
    {
        if (Require(name, JsonValueKind.Number, "a number", isRequired) is not { } number) return null;
        if (number.TryGetInt64(out long value) && value >= least && value <= most) return value;
        Add(name, $"expected an integer of {least} to {most}");
        return null;
    }

    /// <summary>A number within limits.</summary>
    public double? Number(string name, double least, double most, bool isRequired = true)
    {
        if (Require(name, JsonValueKind.Number, "a number", isRequired) is not { } number) return null;
        if (number.TryGetDouble(out double value) && value >= least && value <= most) return value;
        Add(name, FormattableString.Invariant($"expected a number of {least} to {most}"));
        return null;
    }

    /// <summary>Null if it is absent and need not be there.</summary>
    public bool? Boolean(string name, bool isRequired = false)
    {
        if (Find(name) is not { } value)
        {
            if (isRequired) Add(name, "missing: true or false");
            return null;
        }
        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False) return value.GetBoolean();
        Add(name, $"expected true or false, found {Describe(value.ValueKind)}");
        return null;
    }

    /// <summary>One of several words.</summary>
    public string? Word(string name, params string[] words)
    {
        if (Text(name) is not { } text) return null;
        if (words.Contains(text)) return text;
        Add(name, $"{Quoted.Of(text)}: expected one of {string.Join(", ", words)}");
        return null;
    }

    public DeviceId? Device(string name, bool isRequired = true) =>
        Text(name, isRequired) is { } text && Check(DeviceId.TryParse(text, out var id), name, text) ? id : null;

    public TenantId? Tenant(string name, bool isRequired = true) =>
        Text(name, isRequired) is { } text && Check(TenantId.TryParse(text, out var id), name, text) ? id : null;

    /// <summary>Text by the rule of <see cref="Identifier"/>.</summary>
    public string? Id(string name) => Text(name) is { } text && Check(Identifier.IsValid(text), name, text) ? text : null;

    /// <summary>Public keys, none of them twice.</summary>
    public IReadOnlyList<VerificationKey> Keys(string name, int least, int most)
    {
        List<VerificationKey> keys = [];
        int index = 0;
        foreach (var element in Array(name, least, most))
        {
            string pointer = $"{PointerOf(name)}/{index++}";
            if (VerificationKey.Read(element, pointer, Mistakes) is not { } key) continue;
            if (keys.Contains(key)) Mistakes.Add(new ConfigurationMistake(pointer, "the same key again"));
            else keys.Add(key);
        }
        return keys;
    }

    private bool Check(bool isValid, string name, string text)
    {
        if (!isValid) Add(name, $"{Quoted.Of(text)} is no id: {Identifier.Expected}");
        return isValid;
    }

    private JsonElement? Require(string name, JsonValueKind kind, string what, bool isRequired)
    {
        if (Find(name) is not { } value)
        {
            if (isRequired && _element.ValueKind == JsonValueKind.Object) Add(name, $"missing: {what}");
            return null;
        }
        if (value.ValueKind == kind) return value;
        Add(name, $"expected {what}, found {Describe(value.ValueKind)}");
        return null;
    }

    private static string Describe(JsonValueKind kind) => kind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "an array",
        JsonValueKind.String => "a string",
        JsonValueKind.Number => "a number",
        JsonValueKind.Null => "null",
        _ => "true or false",
    };
}
