using System.Text.Json;
using System.Text.Json.Nodes;

namespace EdgeAgent.Tenancy.Documents;

/// <summary>
/// The keys that are trusted for the platform or for one tenant. Immutable; a rotation makes another ring. It never holds a key that
/// was revoked, whatever a later document lists, and it is never empty.
/// </summary>
internal sealed class KeyRing
{
    /// <summary>The most keys that are remembered as revoked.</summary>
    public const int MaxRevoked = 256;

    private KeyRing(TenantId? tenant, long version, IReadOnlyList<VerificationKey> keys, IReadOnlySet<string> revoked)
    {
        Tenant = tenant;
        Version = version;
        Keys = keys;
        Revoked = revoked;
    }

    /// <summary>Null for the platform's.</summary>
    public TenantId? Tenant { get; }

    /// <summary>That of the last rotation; 0 before the first.</summary>
    public long Version { get; }

    public IReadOnlyList<VerificationKey> Keys { get; }

    /// <summary>The ids of keys that are never trusted again.</summary>
    public IReadOnlySet<string> Revoked { get; }

    /// <summary>As provisioning or an assignment names the keys.</summary>
    /// <exception cref="ArgumentException">No key.</exception>
    public static KeyRing Create(TenantId? tenant, IReadOnlyList<VerificationKey> keys)
    {
        if (keys.Count == 0) throw new ArgumentException("A ring without a key trusts nobody, for ever.", nameof(keys));
        return new KeyRing(tenant, 0, keys, new HashSet<string>());
    }

    /// <summary>The ring of a new assignment of a tenant that is known: what was revoked before stays so. Rotations since the keys that it lists are accepted once more.</summary>
    /// <exception cref="DocumentException">No key would be left.</exception>
    public KeyRing Keeping(IReadOnlyCollection<string> revoked)
    {
        VerificationKey[] keys = [.. Keys.Where(key => !revoked.Contains(key.Id))];
        return keys.Length == 0
            ? throw new DocumentException(Refusal.NoKeyLeft, "every key listed was revoked by the tenant; list at least one that was not", "/tenant/keys")
            : new KeyRing(Tenant, 0, keys, revoked.ToHashSet());
    }

    /// <summary>The ring after a rotation that a key of this one has signed.</summary>
    /// <param name="document">A <see cref="KeysDocument"/>.</param>
    /// <exception cref="DocumentException">It is refused; this ring stays.</exception>
    public KeyRing Rotate(ReadOnlySpan<byte> document)
    {
        var rotation = KeysDocument.Open(document, this);
        HashSet<string> revoked = [.. Revoked, .. rotation.Revoked];
        if (revoked.Count > MaxRevoked) throw new DocumentException(Refusal.InvalidPayload, $"more than {MaxRevoked} revoked keys in all; start anew with a new assignment or provisioning", "/revoked");
        VerificationKey[] keys = [.. rotation.Keys.Where(key => !revoked.Contains(key.Id))];
        if (keys.Length == 0) throw new DocumentException(Refusal.NoKeyLeft, "every key listed is revoked; list at least one that is not", "/keys");
        return new KeyRing(Tenant, rotation.Version, keys, revoked);
    }

    /// <summary>For the device's own state.</summary>
    public JsonObject ToJson() => new()
    {
        ["tenant"] = Tenant?.ToString(),
        ["version"] = Version,
        ["keys"] = new JsonArray([.. Keys.Select(key => key.ToJson())]),
        ["revoked"] = new JsonArray([.. Revoked.Order(StringComparer.Ordinal).Select(id => JsonValue.Create(id))]),
    };

    /// <exception cref="DocumentException">It was not made by <see cref="ToJson"/>.</exception>
    public static KeyRing FromJson(JsonElement json)
    {
        List<ConfigurationMistake> mistakes = [];
        var reader = new ObjectReader(json, "", mistakes, "tenant", "version", "keys", "revoked");
        var tenant = reader.Find("tenant") is { ValueKind: JsonValueKind.Null } ? null : reader.Tenant("tenant");
        long? version = reader.Whole("version", 0, Jws.MaxNumber);
        var keys = reader.Keys("keys", 1, Jws.MaxKeys);
        var revoked = KeysDocument.ReadIds(reader, "revoked", MaxRevoked);
        return mistakes.Count == 0 ? new KeyRing(tenant, version!.Value, keys, revoked.ToHashSet()) : throw new DocumentException(Refusal.Malformed, mistakes[0]);
    }
}
