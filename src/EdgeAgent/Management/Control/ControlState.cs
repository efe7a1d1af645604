using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeAgent.Tenancy;
using EdgeAgent.Tenancy.Documents;

namespace EdgeAgent.Management.Control;

/// <summary>One layer of a configuration, as it was signed.</summary>
/// <param name="Version">Its version.</param>
/// <param name="Configuration">An object.</param>
internal sealed record Layer(long Version, JsonElement Configuration);

/// <summary>A configuration by its layers: the tenant-wide one and this device's overlay, either of which may be missing.</summary>
internal sealed record Layers(Layer? Tenant, Layer? Device)
{
    public static readonly Layers None = new(null, null);

    public bool IsNone => Tenant is null && Device is null;

    /// <summary>Whether both are of the same versions, which are never used twice.</summary>
    public bool IsSameAs(Layers? other) => other is not null && Tenant?.Version == other.Tenant?.Version && Device?.Version == other.Device?.Version;
}

/// <summary>A configuration that was refused or rolled back.</summary>
/// <param name="TenantVersion">0 if there was no tenant-wide layer.</param>
/// <param name="DeviceVersion">0 if there was no overlay.</param>
/// <param name="IsRolledBack">True if it was in force for a while.</param>
/// <param name="Mistakes">Why, at least one.</param>
internal sealed record Refused(long TenantVersion, long DeviceVersion, bool IsRolledBack, IReadOnlyList<ConfigurationMistake> Mistakes)
{
    /// <summary>So many mistakes are told, each so long at most: what is told has to fit into a record.</summary>
    public const int MaxMistakes = 20, MaxLength = 300;

    public static Refused Of(Layers layers, bool isRolledBack, IReadOnlyList<ConfigurationMistake> mistakes)
    {
        List<ConfigurationMistake> told = [.. mistakes.Take(MaxMistakes).Select(mistake => new ConfigurationMistake(Short(mistake.Pointer), Short(mistake.Message)))];
        if (mistakes.Count > MaxMistakes) told.Add(new ConfigurationMistake("", $"and {mistakes.Count - MaxMistakes} more"));
        return new Refused(layers.Tenant?.Version ?? 0, layers.Device?.Version ?? 0, isRolledBack, told);
    }

    private static string Short(string text) => text.Length <= MaxLength ? text : text[..(MaxLength - 1)] + "…";

    public bool Is(Layers layers) => TenantVersion == (layers.Tenant?.Version ?? 0) && DeviceVersion == (layers.Device?.Version ?? 0);
}

/// <summary>A tenant that the device belonged to and of whose records it may still hold some.</summary>
/// <param name="Tenant">Which.</param>
/// <param name="Handover">What becomes of them.</param>
/// <param name="DeliverFor">How long they may still be delivered, from when the clock was right.</param>
/// <param name="Until">When that is over; null until the clock is right.</param>
internal sealed record Departure(TenantId Tenant, Handover Handover, TimeSpan DeliverFor, DateTimeOffset? Until)
{
    /// <summary>The end of one whose time is over, whatever the clock says later.</summary>
    public static readonly DateTimeOffset Over = DateTimeOffset.UnixEpoch.AddSeconds(1);

    public bool IsOver => Until == Over;

    /// <summary>True if its records have to be destroyed, and may be so in part: that is finished even if the tenant comes back.</summary>
    public bool IsOwed => Handover == Handover.Purge || IsOver;
}

/// <summary>What must never be forgotten of a tenant, whether the device belongs to it now or not.</summary>
/// <param name="Tenant">Which.</param>
/// <param name="TenantVersion">The last version of its configuration that was taken: what is older is refused, for ever.</param>
/// <param name="DeviceVersion">The same of the device's overlay.</param>
/// <param name="Revoked">The ids of its keys that are never trusted again.</param>
internal sealed record Floor(TenantId Tenant, long TenantVersion, long DeviceVersion, IReadOnlyList<string> Revoked);

/// <summary>
/// All that the device knows of its tenancy, as one whole: it is replaced on the disk in one step, so that no power cut leaves half a
/// change. Immutable.
/// </summary>
internal sealed record ControlState
{
    /// <summary>Of the <see cref="Outbox.TwinFile"/> that holds it.</summary>
    public const string FileName = "control";

    /// <summary>So many tenants' versions are remembered; more than a device belongs to in its life.</summary>
    public const int MaxFloors = 64;

    /// <summary>Of so many tenants records may wait at once.</summary>
    public const int MaxDepartures = 16;

    private const int MaxMistakes = 100;

    /// <summary>That of the last assignment that was taken; 0 before the first.</summary>
    public long Epoch { get; init; }

    /// <summary>Null while the device belongs to nobody.</summary>
    public KeyRing? Tenant { get; init; }

    /// <summary>Null until a rotation, while the keys of the provisioning are in force.</summary>
    public KeyRing? Platform { get; init; }

    /// <summary>The newest layers that were signed for the tenant.</summary>
    public Layers Newest { get; init; } = Layers.None;

    /// <summary>The last that passed their trial.</summary>
    public Layers Good { get; init; } = Layers.None;

    /// <summary>True while the newest are in force on trial: found true at a start, the agent did not survive them.</summary>
    public bool InTrial { get; init; }

    public Refused? Refused { get; init; }

    public IReadOnlyList<Departure> Departures { get; init; } = [];

    public IReadOnlyList<Floor> Floors { get; init; } = [];

    public Floor FloorOf(TenantId tenant) => Floors.FirstOrDefault(floor => floor.Tenant == tenant) ?? new Floor(tenant, 0, 0, []);

    public ControlState WithFloor(Floor floor) => this with { Floors = [floor, .. Floors.Where(known => known.Tenant != floor.Tenant).Take(MaxFloors - 1)] };

    public byte[] ToUtf8() => System.Text.Encoding.UTF8.GetBytes(new JsonObject
    {
        ["epoch"] = Epoch,
        ["tenant"] = Tenant?.ToJson(),
        ["platform"] = Platform?.ToJson(),
        ["newest"] = Write(Newest),
        ["good"] = Write(Good),
        ["inTrial"] = InTrial,
        ["refused"] = Refused is null ? null : new JsonObject
        {
            ["tenantVersion"] = Refused.TenantVersion,
            ["deviceVersion"] = Refused.DeviceVersion,
            ["rolledBack"] = Refused.IsRolledBack,
            ["mistakes"] = new JsonArray([.. Refused.Mistakes.Take(MaxMistakes).Select(mistake => new JsonObject { ["pointer"] = mistake.Pointer, ["message"] = mistake.Message })]),
        },
        ["departures"] = new JsonArray([.. Departures.Select(departure => new JsonObject
        {
            ["tenant"] = departure.Tenant.ToString(),
            ["handover"] = departure.Handover == Handover.Purge ? "purge" : "deliver",
            ["deliverSeconds"] = (long)departure.DeliverFor.TotalSeconds,
            ["until"] = departure.Until?.ToUnixTimeSeconds() ?? 0,
        })]),
        ["floors"] = new JsonArray([.. Floors.Select(floor => new JsonObject
        {
            ["tenant"] = floor.Tenant.ToString(),
            ["tenantVersion"] = floor.TenantVersion,
            ["deviceVersion"] = floor.DeviceVersion,
            ["revoked"] = new JsonArray([.. floor.Revoked.Select(id => JsonValue.Create(id))]),
        })]),
    }.ToJsonString());

    /// <exception cref="DocumentException">It was not made by <see cref="ToUtf8"/>.</exception>
    public static ControlState FromUtf8(ReadOnlySpan<byte> content)
    {
        // What was signed may be nested as deep as allowed, and here it is two levels deeper.
        using var document = JsonDocument.Parse(content.ToArray(), new JsonDocumentOptions { MaxDepth = StrictJson.MaxDepth + 4 });
        List<ConfigurationMistake> mistakes = [];
        var reader = new ObjectReader(document.RootElement, "", mistakes, "epoch", "tenant", "platform", "newest", "good", "inTrial", "refused", "departures", "floors");
        var state = new ControlState
        {
            Epoch = reader.Whole("epoch", 0, Jws.MaxNumber) ?? 0,
            Tenant = reader.Find("tenant") is { ValueKind: JsonValueKind.Object } tenant ? KeyRing.FromJson(tenant) : null,
            Platform = reader.Find("platform") is { ValueKind: JsonValueKind.Object } platform ? KeyRing.FromJson(platform) : null,
            Newest = ReadLayers(reader, "newest"),
            Good = ReadLayers(reader, "good"),
            InTrial = reader.Find("inTrial") is { ValueKind: JsonValueKind.True },
            Refused = ReadRefused(reader),
            Departures = [.. reader.Array("departures", 0, MaxDepartures).Select(element => ReadDeparture(new ObjectReader(element, "/departures", mistakes, "tenant", "handover", "deliverSeconds", "until")))],
            Floors = [.. reader.Array("floors", 0, MaxFloors).Select(element => ReadFloor(new ObjectReader(element, "/floors", mistakes, "tenant", "tenantVersion", "deviceVersion", "revoked")))],
        };
        return mistakes.Count == 0 ? state : throw new DocumentException(Tenancy.Documents.Refusal.Malformed, mistakes[0]);
    }

    private static JsonObject Write(Layers layers) => new() { ["tenant"] = Write(layers.Tenant), ["device"] = Write(layers.Device) };

    private static JsonObject? Write(Layer? layer) =>
        layer is null ? null : new JsonObject { ["version"] = layer.Version, ["configuration"] = JsonObject.Create(layer.Configuration) };

    private static Layers ReadLayers(ObjectReader state, string name)
    {
        if (state.Object(name) is not { } element) return Layers.None;
        var reader = new ObjectReader(element, state.PointerOf(name), state.Mistakes, "tenant", "device");
        return new Layers(ReadLayer(reader, "tenant"), ReadLayer(reader, "device"));
    }

    private static Layer? ReadLayer(ObjectReader layers, string name)
    {
        if (layers.Find(name) is not { ValueKind: JsonValueKind.Object } element) return null;
        var reader = new ObjectReader(element, layers.PointerOf(name), layers.Mistakes, "version", "configuration");
        return reader.Whole("version", 1, Jws.MaxNumber) is { } version && reader.Object("configuration") is { } configuration ? new Layer(version, configuration.Clone()) : null;
    }

    private static Refused? ReadRefused(ObjectReader state)
    {
        if (state.Find("refused") is not { ValueKind: JsonValueKind.Object } element) return null;
        var reader = new ObjectReader(element, "/refused", state.Mistakes, "tenantVersion", "deviceVersion", "rolledBack", "mistakes");
        return new Refused(
            reader.Whole("tenantVersion", 0, Jws.MaxNumber) ?? 0,
            reader.Whole("deviceVersion", 0, Jws.MaxNumber) ?? 0,
            reader.Find("rolledBack") is { ValueKind: JsonValueKind.True },
            [.. reader.Array("mistakes", 0, MaxMistakes).Select(mistake =>
            {
                var text = new ObjectReader(mistake, "/refused/mistakes", state.Mistakes, "pointer", "message");
                return new ConfigurationMistake(text.Text("pointer") ?? "", text.Text("message") ?? "");
            })]);
    }

    private static Departure ReadDeparture(ObjectReader reader)
    {
        var tenant = reader.Tenant("tenant");
        string? handover = reader.Word("handover", "deliver", "purge");
        long seconds = reader.Whole("deliverSeconds", 0, AssignmentDocument.MaxDeliverSeconds) ?? 0;
        long until = reader.Whole("until", 0, Jws.MaxNumber) ?? 0;
        return new Departure(
            tenant ?? default, handover == "purge" ? Handover.Purge : Handover.Deliver, TimeSpan.FromSeconds(seconds),
            until > 0 ? DateTimeOffset.FromUnixTimeSeconds(Math.Min(until, DateTimeOffset.MaxValue.ToUnixTimeSeconds())) : null);
    }

    private static Floor ReadFloor(ObjectReader reader) =>
        new(
            reader.Tenant("tenant") ?? default, reader.Whole("tenantVersion", 0, Jws.MaxNumber) ?? 0, reader.Whole("deviceVersion", 0, Jws.MaxNumber) ?? 0,
            [.. reader.Array("revoked", 0, KeyRing.MaxRevoked).Select(id => id.ToString())]);
}
