using System.Text.Json;

namespace EdgeAgent.Cli.Fleet;

/// <summary>
/// The members of a JSON object that a device has sent. A member that is missing is null; one of another type or beyond its limits is a
/// <see cref="FormatException"/>, and the message as a whole is then not believed. Unknown members are passed over: the agent may be newer.
/// </summary>
internal readonly struct JsonMembers
{
    private readonly JsonElement _object;

    public JsonMembers(JsonElement element) =>
        _object = element.ValueKind == JsonValueKind.Object ? element : throw new FormatException("an object was expected");

    /// <summary>Text, cleaned by <see cref="DeviceText.Clean"/>.</summary>
    public string? Text(string name, int maxLength = 64) => Find(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.String } text => DeviceText.Clean(text.GetString()!, maxLength),
        _ => throw Wrong(name, "text"),
    };

    public bool? Flag(string name) => Find(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.False } => false,
        _ => throw Wrong(name, "true or false"),
    };

    /// <summary>An integer from 0 on.</summary>
    public long? Count(string name) => Find(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Number } number when number.TryGetInt64(out long count) && count >= 0 => count,
        _ => throw Wrong(name, "an integer from 0 on"),
    };

    public double? Number(string name, double from, double to) => Find(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Number } number when number.TryGetDouble(out double value) && value >= from && value <= to => value,
        _ => throw Wrong(name, $"a number from {from} to {to}"),
    };

    /// <summary>RFC 3339.</summary>
    public DateTimeOffset? Time(string name) => Find(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.String } text when text.TryGetDateTimeOffset(out var time) => time,
        _ => throw Wrong(name, "a time"),
    };

    /// <summary>Texts, cleaned as by <see cref="Text"/>; none if it is missing.</summary>
    public IReadOnlyList<string> Texts(string name, int most, int maxLength)
    {
        if (Find(name) is not { } array) return [];
        if (array.ValueKind != JsonValueKind.Array || array.GetArrayLength() > most || array.EnumerateArray().Any(text => text.ValueKind != JsonValueKind.String))
            throw Wrong(name, $"an array of up to {most} texts");
        return [.. array.EnumerateArray().Select(text => DeviceText.Clean(text.GetString()!, maxLength))];
    }

    /// <summary>The members that are integers from 0 on, with their names.</summary>
    public IReadOnlyList<(string Name, long Count)> Counts() =>
        [.. _object.EnumerateObject().Where(member => member.Value.ValueKind == JsonValueKind.Number && member.Value.TryGetInt64(out long count) && count >= 0)
            .Select(member => (DeviceText.Clean(member.Name, 64), member.Value.GetInt64()))];

    public JsonMembers? Object(string name) => Find(name) is { } element ? new JsonMembers(element) : null;

    public IReadOnlyList<JsonMembers> Objects(string name, int most)
    {
        if (Find(name) is not { } array) return [];
        if (array.ValueKind != JsonValueKind.Array || array.GetArrayLength() > most) throw Wrong(name, $"an array of up to {most} objects");
        return [.. array.EnumerateArray().Select(element => new JsonMembers(element))];
    }

    private JsonElement? Find(string name) => _object.TryGetProperty(name, out var element) && element.ValueKind != JsonValueKind.Null ? element : null;

    private static FormatException Wrong(string name, string expected) => new($"{name}: {expected} was expected");
}
