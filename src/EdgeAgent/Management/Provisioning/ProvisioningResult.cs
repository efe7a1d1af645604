using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeAgent.Management.Configuration;
using EdgeAgent.Tenancy;
using EdgeAgent.Tenancy.Documents;

namespace EdgeAgent.Management.Provisioning;

/// <summary>What became of a file on the boot partition.</summary>
internal enum ProvisioningOutcome
{
    /// <summary>The device is what the file says.</summary>
    Provisioned,

    /// <summary>It will be when its certificate comes; until then it is who it was.</summary>
    AwaitingCertificate,

    /// <summary>A certificate was put beside its key.</summary>
    CertificateInstalled,

    /// <summary>The file has mistakes; everything is as before, and the file is still there.</summary>
    Refused,
}

/// <summary>The word on it that is left beside the file, without a secret, for whoever has the card next.</summary>
internal sealed record ProvisioningResult(ProvisioningOutcome Outcome, string File)
{
    /// <summary>Its name on the boot partition.</summary>
    public const string Name = "edge-agent-provision.result.json";

    public DeviceId? Device { get; init; }

    public IReadOnlyList<ConfigurationMistake> Mistakes { get; init; } = [];

    public IReadOnlyList<string> Remarks { get; init; } = [];

    /// <summary>What the device shows its broker: password, claimCode, certificate; empty for nothing.</summary>
    public IReadOnlyList<string> Credentials { get; init; } = [];

    /// <summary>Of the key that the device made.</summary>
    public VerificationKey? PublicKey { get; init; }

    /// <summary>The same for that key: PEM, to be signed.</summary>
    public string? Request { get; init; }

    public static ProvisioningResult Refusal(string file, ConfigurationException mistakes) => new(ProvisioningOutcome.Refused, file) { Mistakes = mistakes.Mistakes };

    public byte[] ToUtf8(DateTimeOffset now)
    {
        var json = new JsonObject
        {
            ["status"] = JsonNamingPolicy.KebabCaseLower.ConvertName(Outcome.ToString()),
            ["file"] = File,
            ["time"] = now.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", System.Globalization.CultureInfo.InvariantCulture),
        };
        if (Device is { } device) json["device"] = device.ToString();
        if (Credentials.Count > 0) json["credentials"] = ArrayOf(Credentials);
        if (PublicKey is not null) json["publicKey"] = PublicKey.ToJson();
        if (Request is not null) json["request"] = Provisioner.RequestName;
        if (Mistakes.Count > 0) json["mistakes"] = new JsonArray([.. Mistakes.Select(mistake => new JsonObject { ["pointer"] = mistake.Pointer, ["message"] = mistake.Message })]);
        if (Remarks.Count > 0) json["remarks"] = ArrayOf(Remarks);
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping })) json.WriteTo(writer);
        return [.. stream.ToArray(), .. "\n"u8];
    }

    private static JsonArray ArrayOf(IEnumerable<string> texts) => new([.. texts.Select(text => JsonValue.Create(text))]);
}
