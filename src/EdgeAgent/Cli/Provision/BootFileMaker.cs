using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeAgent.Management.Configuration;
using EdgeAgent.Management.Provisioning;

namespace EdgeAgent.Cli.Provision;

/// <summary>Makes the boot files of devices from a template, and a secret of its own for each.</summary>
/// <param name="template">A boot file but for the device.</param>
/// <param name="authority">Who signs certificates; null to leave keys to the devices.</param>
internal sealed class BootFileMaker(JsonObject template, FleetAuthority? authority)
{
    private const string PasswordCharacters = "abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";

    /// <summary>Of 57 characters each: 140 bits.</summary>
    private const int PasswordLength = 24;

    /// <summary>For what people may have to read out: 96 bits.</summary>
    private const string ClaimCharacters = "23456789ABCDEFGHJKMNPQRSTVWXYZ";

    private const int ClaimLength = 20;

    /// <exception cref="ConfigurationException">What comes out is no boot file.</exception>
    public MadeBootFile Make(DeviceRow row)
    {
        var file = template.DeepClone().AsObject();
        // First, as whoever opens the file looks for it.
        file.Remove("device");
        file.Insert(0, "device", row.Device.ToString());
        List<Tenancy.ConfigurationMistake> mistakes = [];
        foreach (var (pointer, text) in row.Members)
        {
            if (!TrySet(file, pointer, text)) mistakes.Add(new(pointer, "the template has no such place"));
        }
        if (mistakes.Count > 0) throw new ConfigurationException("", mistakes);
        var broker = file["broker"] as JsonObject;
        if (Asks(broker, Secret.Password)) broker![Secret.Password.Member] = RandomNumberGenerator.GetString(PasswordCharacters, PasswordLength);
        if (Asks(broker, Secret.ClaimCode)) broker![Secret.ClaimCode.Member] = RandomNumberGenerator.GetString(ClaimCharacters, ClaimLength);
        using var key = authority is not null && Asks(broker, Secret.PrivateKey) ? DeviceKey.Create() : null;
        using var certificate = key is null ? null : authority!.Certify(key, row.Device);
        if (certificate is not null)
        {
            broker![Secret.Certificate.Member] = certificate.ExportCertificatePem() + "\n";
            broker[Secret.PrivateKey.Member] = key!.ToPem();
        }
        byte[] content = Text(file);
        var made = new BootFileReader(directory: null, TimeProvider.System).Read(content, "");
        made.Secrets.TryGetValue(Secret.Password, out string? password);
        made.Secrets.TryGetValue(Secret.ClaimCode, out string? claim);
        return new MadeBootFile(row.Device.ToString(), content)
        {
            UserName = (string?)made.Rest["broker"]!["userName"],
            PasswordHash = (password ?? claim) is { } known ? MosquittoPassword.Hash(known) : null,
            KeyThumbprint = key?.Public.Id,
            Serial = certificate?.SerialNumber,
            NotAfter = certificate?.NotAfter.ToUniversalTime().ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture),
        };
    }

    internal static bool Asks(JsonObject? broker, Secret secret) => broker?[secret.Member] is JsonValue value && value.TryGetValue(out string? text) && text == Secret.Generate;

    /// <summary>Puts a cell where the pointer says, as the type that the template has there; text where it has nothing.</summary>
    private static bool TrySet(JsonObject file, string pointer, string text)
    {
        string[] steps = [.. pointer.Split('/').Skip(1).Select(step => step.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal))];
        JsonNode? parent = file;
        foreach (string step in steps[..^1]) parent = Below(parent, step);
        var old = Below(parent, steps[^1]);
        if (old is JsonObject or JsonArray) return false;
        JsonNode value = text;
        if (old?.GetValueKind() is JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False)
        {
            if (TryParse(text) is not { } typed) return false;
            value = typed;
        }
        if (parent is JsonObject owner) owner[steps[^1]] = value;
        else if (parent is JsonArray list && old is not null) list[int.Parse(steps[^1], CultureInfo.InvariantCulture)] = value;
        else return false;
        return true;
    }

    private static JsonNode? Below(JsonNode? parent, string step) => parent switch
    {
        JsonObject owner => owner[step],
        JsonArray list when int.TryParse(step, NumberStyles.None, CultureInfo.InvariantCulture, out int index) && index < list.Count => list[index],
        _ => null,
    };

    private static JsonNode? TryParse(string text)
    {
        try
        {
            return JsonNode.Parse(text);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static byte[] Text(JsonObject file)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping })) file.WriteTo(writer);
        return [.. stream.ToArray(), .. "\n"u8];
    }
}

/// <summary>A boot file, and what of it is no secret.</summary>
internal sealed record MadeBootFile(string Device, byte[] Content)
{
    /// <summary>The names of what is known, as a table has them.</summary>
    public const string Columns = "device,userName,passwordHash,keyThumbprint,certificateSerial,certificateNotAfter";

    public string? UserName { get; init; }

    /// <summary>As mosquitto's file of passwords has it.</summary>
    public string? PasswordHash { get; init; }

    /// <summary>RFC 7638.</summary>
    public string? KeyThumbprint { get; init; }

    public string? Serial { get; init; }

    public string? NotAfter { get; init; }

    public override string ToString() => string.Join(',', Device, Cell(UserName), PasswordHash, KeyThumbprint, Serial, NotAfter);

    private static string? Cell(string? text) => text?.AsSpan().ContainsAny(",\"") == true ? new StringBuilder(text).Replace("\"", "\"\"").Insert(0, '"').Append('"').ToString() : text;
}
