using System.Text.Json;
using System.Text.Json.Nodes;

namespace EdgeAgent.Tenancy.Documents;

/// <summary>
/// A tenant's configuration for all its devices, or the overlay for one of them (a merge patch, RFC 7396). What is in it is strict JSON;
/// whether it is a configuration shows when both are put together.
/// </summary>
internal sealed record ConfigurationEnvelope
{
    public const string Type = "edge-config+jws";

    private ConfigurationEnvelope()
    {
    }

    public required TenantId Tenant { get; init; }

    /// <summary>Null for the tenant-wide one.</summary>
    public required DeviceId? Device { get; init; }

    public required long Version { get; init; }

    /// <summary>An object.</summary>
    public required JsonElement Configuration { get; init; }

    /// <param name="text">A JWS.</param>
    /// <param name="tenant">Whose keys sign configurations.</param>
    /// <param name="device">The device whose overlay is expected; null for the tenant-wide configuration.</param>
    /// <param name="last">The last version of this layer, which this one's must pass; 0 if there was none.</param>
    /// <exception cref="DocumentException">It is refused.</exception>
    public static ConfigurationEnvelope Open(ReadOnlySpan<byte> text, KeyRing tenant, DeviceId? device, long last)
    {
        var document = Read(Jws.Open(text, Type, tenant.Keys).Payload);
        if (document.Tenant != tenant.Tenant) throw new DocumentException(Refusal.WrongTenant, $"for the tenant {document.Tenant}; the device belongs to {tenant.Tenant}", "/tenant");
        if (document.Device != device)
        {
            throw device is null || document.Device is null
                ? new DocumentException(Refusal.WrongTenant, device is null ? "an overlay for one device where the tenant-wide configuration belongs" : "a tenant-wide configuration where a device's overlay belongs", "/device")
                : new DocumentException(Refusal.WrongDevice, $"for the device {document.Device}; this is {device}", "/device");
        }
        if (document.Version <= last) throw new DocumentException(Refusal.Stale, $"version {document.Version}; {last} is known already, and each change needs a larger one", "/version");
        return document;
    }

    /// <exception cref="DocumentException">It would be refused.</exception>
    public static string Sign(SigningKey key, TenantId tenant, DeviceId? device, long version, JsonElement configuration)
    {
        var payload = new JsonObject { ["tenant"] = tenant.ToString() };
        if (device is { } one) payload["device"] = one.ToString();
        payload["version"] = version;
        payload["configuration"] = configuration.ValueKind == JsonValueKind.Object ? JsonObject.Create(configuration) : null;
        _ = Read(payload.ToElement());
        return Jws.Sign(key, Type, payload);
    }

    private static ConfigurationEnvelope Read(JsonElement payload)
    {
        List<ConfigurationMistake> mistakes = [];
        var reader = new ObjectReader(payload, "", mistakes, "tenant", "device", "version", "configuration");
        var tenant = reader.Tenant("tenant");
        var device = reader.Device("device", isRequired: false);
        long? version = reader.Whole("version", 1, Jws.MaxNumber);
        var configuration = reader.Object("configuration");
        if (mistakes.Count > 0) throw new DocumentException(Refusal.InvalidPayload, mistakes[0]);
        return new ConfigurationEnvelope { Tenant = tenant!.Value, Device = device, Version = version!.Value, Configuration = configuration!.Value };
    }
}
