using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeAgent.Tenancy;
using EdgeAgent.Tenancy.Documents;

namespace EdgeAgent.Management.Updates;

/// <summary>How an update ended.</summary>
internal enum UpdateStatus
{
    /// <summary>The new version runs and is well.</summary>
    Done,

    /// <summary>Nothing was changed.</summary>
    Refused,

    /// <summary>The new version did not become well, and the one before was installed again.</summary>
    RolledBack,

    /// <summary>The new version did not become well, and there is no way back: it stays.</summary>
    Failed,
}

/// <summary>What came of an update. Root writes it, and the agent tells it.</summary>
/// <param name="Status">How it ended.</param>
/// <param name="From">The version that was installed before.</param>
/// <param name="To">The one that was to be; null if the request did not say.</param>
/// <param name="Reason">Why it was not done, on one line; null if it was.</param>
/// <param name="At">When, by the device's clock, in milliseconds since 1970: tells one from another.</param>
internal sealed record UpdateResult(UpdateStatus Status, string From, string? To, string? Reason, long At)
{
    /// <summary>The largest file.</summary>
    public const int MaxBytes = 4 * 1024;

    public static string Name(UpdateStatus status) => JsonNamingPolicy.KebabCaseLower.ConvertName(status.ToString());

    public byte[] ToUtf8() => Encoding.UTF8.GetBytes(ToJson().ToJsonString() + "\n");

    public JsonObject ToJson() => new() { ["status"] = Name(Status), ["from"] = From, ["to"] = To, ["reason"] = Reason, ["at"] = At };

    /// <exception cref="DocumentException">It was not made by <see cref="ToUtf8"/>.</exception>
    public static UpdateResult FromUtf8(ReadOnlySpan<byte> text)
    {
        if (!StrictJson.TryParse(text, out var root, out var mistake)) throw new DocumentException(Refusal.Malformed, mistake);
        List<ConfigurationMistake> mistakes = [];
        var result = Read(root, "", mistakes);
        return mistakes.Count == 0 ? result! : throw new DocumentException(Refusal.Malformed, mistakes[0]);
    }

    /// <summary>Null if there are mistakes.</summary>
    public static UpdateResult? Read(JsonElement element, string pointer, List<ConfigurationMistake> mistakes)
    {
        int before = mistakes.Count;
        var reader = new ObjectReader(element, pointer, mistakes, "status", "from", "to", "reason", "at");
        string? status = reader.Word("status", [.. Enum.GetValues<UpdateStatus>().Select(Name)]), from = reader.Text("from");
        string? to = TextOrNull(reader, "to"), reason = TextOrNull(reader, "reason");
        long? at = reader.Whole("at", 0, Jws.MaxNumber);
        return mistakes.Count > before ? null : new UpdateResult(Enum.GetValues<UpdateStatus>().First(known => Name(known) == status), from!, to, reason, at!.Value);
    }

    private static string? TextOrNull(ObjectReader reader, string name) => reader.Find(name) is { ValueKind: JsonValueKind.Null } ? null : reader.Text(name);
}
