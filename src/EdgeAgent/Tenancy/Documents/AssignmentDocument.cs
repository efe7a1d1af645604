using System.Text.Json;
using System.Text.Json.Nodes;

namespace EdgeAgent.Tenancy.Documents;

/// <summary>What becomes of the records that the device still holds of the tenant before.</summary>
internal enum Handover
{
    /// <summary>They are still published, under that tenant's topics.</summary>
    Deliver,

    /// <summary>They are destroyed at once.</summary>
    Purge,
}

/// <summary>The tenant of an assignment, with the keys that sign its documents.</summary>
internal sealed record AssignedTenant(TenantId Id, IReadOnlyList<VerificationKey> Keys);

/// <summary>The platform's word on whose a device is. Made only by <see cref="Open"/>, from a document that was checked.</summary>
internal sealed record AssignmentDocument
{
    public const string Type = "edge-assignment+jws";

    /// <summary>The longest that records of the tenant before may be delivered: 30 days.</summary>
    public const long MaxDeliverSeconds = 30 * 24 * 3600;

    private AssignmentDocument()
    {
    }

    public required DeviceId Device { get; init; }

    public required Epoch Epoch { get; init; }

    /// <summary>Null: the device is assigned to nobody.</summary>
    public required AssignedTenant? Tenant { get; init; }

    public required Handover Handover { get; init; }

    /// <summary>How long the tenant before is still delivered to; null if the document does not say. Only with <see cref="Handover.Deliver"/>.</summary>
    public required TimeSpan? DeliverFor { get; init; }

    /// <param name="text">A JWS.</param>
    /// <param name="platform">Whose keys sign assignments.</param>
    /// <param name="device">Which device this is.</param>
    /// <param name="last">The epoch of the last assignment, which this one's must pass; null if there was none.</param>
    /// <exception cref="DocumentException">It is refused.</exception>
    public static AssignmentDocument Open(ReadOnlySpan<byte> text, KeyRing platform, DeviceId device, Epoch? last)
    {
        var document = Read(Jws.Open(text, Type, platform.Keys).Payload);
        if (document.Device != device) throw new DocumentException(Refusal.WrongDevice, $"for the device {document.Device}; this is {device}", "/device");
        if (last is { } known && document.Epoch.Value <= known.Value)
            throw new DocumentException(Refusal.Stale, $"epoch {document.Epoch}; {known} is known already, and each assignment needs a larger one", "/epoch");
        return document;
    }

    /// <exception cref="DocumentException">It would be refused.</exception>
    public static string Sign(SigningKey platform, DeviceId device, long epoch, AssignedTenant? tenant, Handover handover, long? deliverSeconds)
    {
        var payload = new JsonObject
        {
            ["device"] = device.ToString(),
            ["epoch"] = epoch,
            ["tenant"] = tenant is null ? null : new JsonObject { ["id"] = tenant.Id.ToString(), ["keys"] = new JsonArray([.. tenant.Keys.Select(key => key.ToJson())]) },
            ["handover"] = handover == Handover.Deliver ? "deliver" : "purge",
        };
        if (deliverSeconds is { } seconds) payload["deliverSeconds"] = seconds;
        _ = Read(payload.ToElement());
        return Jws.Sign(platform, Type, payload);
    }

    private static AssignmentDocument Read(JsonElement payload)
    {
        List<ConfigurationMistake> mistakes = [];
        var reader = new ObjectReader(payload, "", mistakes, "device", "epoch", "tenant", "handover", "deliverSeconds");
        var device = reader.Device("device");
        long? epoch = reader.Whole("epoch", 1, Jws.MaxNumber);
        var tenant = reader.Find("tenant") is { ValueKind: JsonValueKind.Null } ? null : ReadTenant(reader);
        string? handover = reader.Word("handover", "deliver", "purge");
        long? seconds = reader.Whole("deliverSeconds", 1, MaxDeliverSeconds, isRequired: false);
        if (seconds is not null && handover == "purge") reader.Add("deliverSeconds", "not with the hand-over 'purge'");
        if (mistakes.Count > 0) throw new DocumentException(Refusal.InvalidPayload, mistakes[0]);
        return new AssignmentDocument
        {
            Device = device!.Value,
            Epoch = new Epoch(epoch!.Value),
            Tenant = tenant,
            Handover = handover == "purge" ? Handover.Purge : Handover.Deliver,
            DeliverFor = seconds is { } given ? TimeSpan.FromSeconds(given) : null,
        };
    }

    private static AssignedTenant? ReadTenant(ObjectReader assignment)
    {
        if (assignment.Object("tenant") is not { } element) return null;
        var reader = new ObjectReader(element, assignment.PointerOf("tenant"), assignment.Mistakes, "id", "keys");
        var id = reader.Tenant("id");
        var keys = reader.Keys("keys", 1, Jws.MaxKeys);
        return id is { } tenant ? new AssignedTenant(tenant, keys) : null;
    }
}
