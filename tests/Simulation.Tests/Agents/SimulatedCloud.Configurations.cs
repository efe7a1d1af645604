using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using EdgeAgent.Tenancy;
using EdgeAgent.Tenancy.Documents;

namespace EdgeAgent.Simulation.Tests.Agents;

/// <summary>What tenants configure, well and badly.</summary>
internal sealed partial class SimulatedCloud
{
    /// <summary>The largest piece of an artifact that is sent in one message.</summary>
    private const int ChunkBytes = 1500;

    private static readonly string[] Encodings = ["senml+json", "senml+cbor", "columnar"];

    private static readonly byte[] SmallDbc = Dbc(padding: 0), LargeDbc = Dbc(padding: 3500);

    /// <summary>Configurations that were issued, by what they are.</summary>
    public Dictionary<LayerKind, int> Configurations { get; } = [];

    /// <summary>Signs another version of a layer.</summary>
    public void Configure(TenantAccount tenant, bool isOverlay, LayerKind kind)
    {
        var content = isOverlay && kind != LayerKind.Good ? Break(tenant, [], kind) : isOverlay ? Patch() : Break(tenant, Whole(tenant), kind);
        long version = (isOverlay ? tenant.Overlay : tenant.Wide)?.Version ?? 0;
        version += _random.Next(1, 4);
        var layer = new IssuedLayer(version, kind, content);
        tenant.Issued.Add((isOverlay, version), layer);
        if (isOverlay) tenant.Overlay = layer;
        else tenant.Wide = layer;
        Configurations[kind] = Configurations.GetValueOrDefault(kind) + 1;
        _trace.Add($"cloud: {tenant.Id}: {(isOverlay ? "overlay" : "configuration")} {version}: {kind}");
        Say(tenant, isOverlay, layer);
    }

    private void SayLayers(TenantAccount tenant)
    {
        if (tenant.Wide is { } wide) Say(tenant, isOverlay: false, wide);
        if (tenant.Overlay is { } overlay) Say(tenant, isOverlay: true, overlay);
    }

    private void Say(TenantAccount tenant, bool isOverlay, IssuedLayer layer) => Say(
        isOverlay ? Topics.DeviceConfiguration(tenant.Id, Device) : Topics.TenantConfiguration(tenant.Id),
        ConfigurationEnvelope.Sign(tenant.Keys.Signer, tenant.Id, isOverlay ? Device : null, layer.Version, layer.Content.ToElement()));

    /// <summary>What is to become of both layers together.</summary>
    public static LayerKind KindOf(IssuedLayer? wide, IssuedLayer? overlay)
    {
        var kinds = new[] { wide?.Kind, overlay?.Kind };
        return kinds.Contains(LayerKind.Mistaken) ? LayerKind.Mistaken : kinds.Contains(LayerKind.NeverOpens) ? LayerKind.NeverOpens : LayerKind.Good;
    }

    private JsonObject Whole(TenantAccount tenant)
    {
        var sources = new JsonArray();
        for (int bus = 0; bus < SimulatedBus.Names.Length; bus++)
        {
            if (bus > 0 && _random.Next(2) == 0) continue;
            var source = new JsonObject { ["interface"] = SimulatedBus.Names[bus], ["dbc"] = new JsonArray(Artifact(tenant, _random.Next(3) == 0 ? LargeDbc : SmallDbc)) };
            if (_random.Next(3) == 0) source["signals"] = new JsonArray("Frame/Number");
            sources.Add(source);
        }
        var configuration = new JsonObject
        {
            ["sources"] = sources,
            ["publishing"] = Publishing(),
            ["outbox"] = new JsonObject { ["flushAfterSeconds"] = _random.Next(0, 5), ["sealAfterSeconds"] = _random.Next(1, 20) / 10.0 },
            ["trialSeconds"] = _random.Next(5, 9),
            ["healthEverySeconds"] = _random.Next(10, 60),
        };
        if (_random.Next(2) == 0)
        {
            configuration["access"] = new JsonObject
            {
                ["signers"] = new JsonArray(new JsonObject { ["key"] = tenant.Technician.Public.ToJson(), ["role"] = "technician" }),
            };
        }
        return configuration;
    }

    private JsonObject Patch() => _random.Next(3) switch
    {
        0 => [],
        1 => new JsonObject { ["publishing"] = Publishing() },
        _ => new JsonObject { ["outbox"] = new JsonObject { ["sealAfterSeconds"] = _random.Next(1, 20) / 10.0 } },
    };

    private JsonObject Publishing()
    {
        var publishing = new JsonObject { ["encoding"] = Encodings[_random.Next(Encodings.Length)] };
        if (_random.Next(4) == 0) publishing["bytesPerSecond"] = _random.Next(2000, 20_000);
        return publishing;
    }

    private JsonObject Break(TenantAccount tenant, JsonObject configuration, LayerKind kind)
    {
        switch (kind)
        {
            case LayerKind.NeverOpens:
                configuration["sources"] = new JsonArray(new JsonObject { ["interface"] = "nocan", ["dbc"] = new JsonArray(Artifact(tenant, SmallDbc)) });
                break;
            case LayerKind.Mistaken when _random.Next(2) == 0:
                configuration["surces"] = new JsonArray();
                break;
            case LayerKind.Mistaken:
                configuration["trialSeconds"] = -1;
                break;
        }
        return configuration;
    }

    /// <summary>Publishes an artifact, whole or in chunks.</summary>
    /// <returns>Its name in a configuration.</returns>
    private string Artifact(TenantAccount tenant, byte[] content)
    {
        var digest = Sha256Digest.Of(content);
        if (content.Length <= ChunkBytes)
        {
            Retain(tenant, digest, content);
        }
        else
        {
            List<Sha256Digest> chunks = [];
            foreach (byte[] chunk in content.Chunk(ChunkBytes))
            {
                chunks.Add(Sha256Digest.Of(chunk));
                Retain(tenant, chunks[^1], chunk);
            }
            Retain(tenant, digest, new ArtifactManifest(content.Length, chunks).ToUtf8());
        }
        return $"sha256:{digest}";
    }

    private void Retain(TenantAccount tenant, Sha256Digest name, byte[] content)
    {
        string topic = Topics.Artifact(tenant.Id, name);
        if (_standing.TryAdd(topic, content) || !_broker.Retained.ContainsKey(topic)) _broker.Publish(topic, content, retain: true);
    }

    private static byte[] Dbc(int padding)
    {
        var text = new StringBuilder("""
            VERSION ""
            BU_: E
            BO_ 256 Frame: 8 E
             SG_ Number : 0|32@1+ (1,0) [0|0] "" E
             SG_ Echo : 32|16@1+ (1,0) [0|0] "km/h" E

            """);
        for (int i = 0; text.Length < padding; i++) text.Append(string.Create(CultureInfo.InvariantCulture, $"BO_ {1000 + i} Other{i}: 8 E\n SG_ Some{i} : 0|8@1+ (1,0) [0|0] \"\" E\n"));
        return Encoding.ASCII.GetBytes(text.ToString());
    }
}

/// <summary>What a layer of a configuration is.</summary>
internal enum LayerKind
{
    Good,

    /// <summary>Refused at once.</summary>
    Mistaken,

    /// <summary>Rolled back: it names an interface that is not there.</summary>
    NeverOpens,
}

/// <summary>A layer that a tenant has signed.</summary>
internal sealed record IssuedLayer(long Version, LayerKind Kind, JsonObject Content);
