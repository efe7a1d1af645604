using System.Text.Json;
using System.Text.Json.Nodes;

namespace EdgeAgent.Tenancy.Documents;

/// <summary>A rotation: lists all keys that are trusted from now on for the platform or a tenant, and those that never are again.</summary>
internal sealed record KeysDocument
{
    public const string Type = "edge-keys+jws";

    private const string Platform = "platform", OfTenant = "tenant";

    /// <summary>A thumbprint's length: 32 bytes in base64url.</summary>
    private const int IdLength = 43;

    private KeysDocument()
    {
    }

    /// <summary>Null for the platform.</summary>
    public required TenantId? Tenant { get; init; }

    public required long Version { get; init; }

    public required IReadOnlyList<VerificationKey> Keys { get; init; }

    /// <summary>Ids of keys.</summary>
    public required IReadOnlyList<string> Revoked { get; init; }

    /// <param name="text">A JWS.</param>
    /// <param name="ring">Whose keys are trusted to rotate it. The version must be larger than its.</param>
    /// <exception cref="DocumentException">It is refused.</exception>
    public static KeysDocument Open(ReadOnlySpan<byte> text, KeyRing ring)
    {
        var document = Read(Jws.Open(text, Type, ring.Keys).Payload);
        if (document.Tenant != ring.Tenant)
            throw new DocumentException(Refusal.WrongTenant, $"for the keys of {Name(document.Tenant)}; these are of {Name(ring.Tenant)}", "/scope");
        if (document.Version <= ring.Version) throw new DocumentException(Refusal.Stale, $"version {document.Version}; {ring.Version} is known already", "/version");
        return document;
    }

    /// <exception cref="DocumentException">It would be refused.</exception>
    public static string Sign(SigningKey key, TenantId? tenant, long version, IReadOnlyList<VerificationKey> keys, IReadOnlyList<string> revoked)
    {
        var payload = new JsonObject { ["scope"] = tenant is null ? Platform : OfTenant };
        if (tenant is { } id) payload["tenant"] = id.ToString();
        payload["version"] = version;
        payload["keys"] = new JsonArray([.. keys.Select(listed => listed.ToJson())]);
        payload["revoked"] = new JsonArray([.. revoked.Select(listed => JsonValue.Create(listed))]);
        var document = Read(payload.ToElement());
        if (document.Keys.All(listed => revoked.Contains(listed.Id))) throw new DocumentException(Refusal.NoKeyLeft, "every key listed is revoked; list at least one that is not", "/keys");
        return Jws.Sign(key, Type, payload);
    }

    internal static IReadOnlyList<string> ReadIds(ObjectReader reader, string name, int most)
    {
        List<string> ids = [];
        int index = 0;
        foreach (var element in reader.Array(name, 0, most))
        {
            string pointer = $"{reader.PointerOf(name)}/{index++}";
            if (element.ValueKind == JsonValueKind.String && element.GetString() is { Length: IdLength } id && id.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_')) ids.Add(id);
            else reader.Mistakes.Add(new ConfigurationMistake(pointer, $"expected the id of a key: its thumbprint, {IdLength} characters"));
        }
        return ids;
    }

    private static KeysDocument Read(JsonElement payload)
    {
        List<ConfigurationMistake> mistakes = [];
        var reader = new ObjectReader(payload, "", mistakes, "scope", "tenant", "version", "keys", "revoked");
        string? scope = reader.Word("scope", Platform, OfTenant);
        var tenant = reader.Tenant("tenant", isRequired: scope == OfTenant);
        if (scope == Platform && reader.Has("tenant")) reader.Add("tenant", "not with the scope 'platform'");
        long? version = reader.Whole("version", 1, Jws.MaxNumber);
        var keys = reader.Keys("keys", 1, Jws.MaxKeys);
        var revoked = ReadIds(reader, "revoked", KeyRing.MaxRevoked);
        if (mistakes.Count > 0) throw new DocumentException(Refusal.InvalidPayload, mistakes[0]);
        return new KeysDocument { Tenant = tenant, Version = version!.Value, Keys = keys, Revoked = revoked };
    }

    private static string Name(TenantId? tenant) => tenant is { } id ? $"the tenant {id}" : "the platform";
}
