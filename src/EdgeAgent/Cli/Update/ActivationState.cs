using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeAgent.Management.Updates;
using EdgeAgent.Tenancy;
using EdgeAgent.Tenancy.Documents;

namespace EdgeAgent.Cli.Update;

/// <summary>What is done next.</summary>
internal enum ActivationPhase
{
    /// <summary>The new package is verified and the way back is made; it is installed.</summary>
    Installing,

    /// <summary>It is installed, and has to become well.</summary>
    Watching,

    /// <summary>The old package is installed again.</summary>
    RollingBack,

    /// <summary>It is told how it ended.</summary>
    Ended,
}

/// <summary>Where an update is; what a power cut leaves is taken up from here.</summary>
internal sealed record ActivationState
{
    public required ActivationPhase Phase { get; init; }

    /// <summary>What the agent asked for, as it was.</summary>
    public required string Request { get; init; }

    /// <summary>The version before.</summary>
    public required string From { get; init; }

    /// <summary>The version to be; null if the request did not say.</summary>
    public required string? To { get; init; }

    /// <summary>Up to which format the version before reads the store.</summary>
    public required int StoreFormat { get; init; }

    public required TimeSpan Health { get; init; }

    /// <summary>The broker was there before, and so has to be there again.</summary>
    public required bool WasConnected { get; init; }

    /// <summary>How often this phase was begun anew after an interruption.</summary>
    public int Attempts { get; init; }

    /// <summary>Why it is rolled back; null while it is not.</summary>
    public string? Reason { get; init; }

    /// <summary>With <see cref="ActivationPhase.Ended"/> alone.</summary>
    public UpdateResult? Result { get; init; }

    public byte[] ToUtf8() => Encoding.UTF8.GetBytes(new JsonObject
    {
        ["phase"] = Name(Phase),
        ["request"] = Request,
        ["from"] = From,
        ["to"] = To,
        ["storeFormat"] = StoreFormat,
        ["healthSeconds"] = (long)Health.TotalSeconds,
        ["wasConnected"] = WasConnected,
        ["attempts"] = Attempts,
        ["reason"] = Reason,
        ["result"] = Result?.ToJson(),
    }.ToJsonString());

    /// <exception cref="DocumentException">It was not made by <see cref="ToUtf8"/>.</exception>
    public static ActivationState FromUtf8(ReadOnlySpan<byte> text)
    {
        if (!StrictJson.TryParse(text, out var root, out var mistake)) throw new DocumentException(Refusal.Malformed, mistake);
        List<ConfigurationMistake> mistakes = [];
        var reader = new ObjectReader(root, "", mistakes, "phase", "request", "from", "to", "storeFormat", "healthSeconds", "wasConnected", "attempts", "reason", "result");
        string? phase = reader.Word("phase", [.. Enum.GetValues<ActivationPhase>().Select(Name)]), request = reader.Text("request"), from = reader.Text("from");
        string? to = IsNull("to") ? null : reader.Text("to"), reason = IsNull("reason") ? null : reader.Text("reason");
        long? format = reader.Whole("storeFormat", 0, UpdateManifest.MaxStoreFormat), seconds = reader.Whole("healthSeconds", 0, UpdateManifest.MostHealthSeconds), attempts = reader.Whole("attempts", 0, int.MaxValue);
        bool? wasConnected = reader.Boolean("wasConnected", isRequired: true);
        var result = !IsNull("result") && reader.Object("result") is { } element ? UpdateResult.Read(element, "/result", mistakes) : null;
        if (mistakes.Count > 0) throw new DocumentException(Refusal.Malformed, mistakes[0]);
        return new ActivationState
        {
            Phase = Enum.GetValues<ActivationPhase>().First(known => Name(known) == phase),
            Request = request!,
            From = from!,
            To = to,
            StoreFormat = (int)format!.Value,
            Health = TimeSpan.FromSeconds(seconds!.Value),
            WasConnected = wasConnected!.Value,
            Attempts = (int)attempts!.Value,
            Reason = reason,
            Result = result,
        };

        bool IsNull(string name) => reader.Find(name) is { ValueKind: JsonValueKind.Null };
    }

    private static string Name(ActivationPhase phase) => JsonNamingPolicy.KebabCaseLower.ConvertName(phase.ToString());
}
