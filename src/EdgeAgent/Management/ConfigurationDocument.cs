using System.Text.Json;
using System.Text.Json.Serialization;

namespace EdgeAgent.Management;

/// <summary>
/// The configuration file as it was written, unchecked: everything may be missing or wrong. Only <see cref="ConfigurationReader"/> makes
/// an <see cref="AgentConfiguration"/> of it.
/// </summary>
internal sealed record ConfigurationDocument
{
    public string? Device { get; init; }
    public TenantDocument? Tenant { get; init; }
    public BrokerDocument? Broker { get; init; }
    public IReadOnlyList<SourceDocument?>? Sources { get; init; }
    public OutboxDocument? Outbox { get; init; }
    public LogDocument? Log { get; init; }
    public double? DrainSeconds { get; init; }

    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Unknown { get; set; }
}

internal sealed record TenantDocument
{
    public string? Id { get; init; }
    public long? Epoch { get; init; }

    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Unknown { get; set; }
}

internal sealed record BrokerDocument
{
    public string? Url { get; init; }
    public string? UserName { get; init; }
    public string? PasswordFile { get; init; }

    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Unknown { get; set; }
}

internal sealed record SourceDocument
{
    public string? Bus { get; init; }
    public string? Interface { get; init; }
    public int? ReceiveBufferBytes { get; init; }
    public string? Log { get; init; }
    public string? LogBus { get; init; }
    public double? Speed { get; init; }
    public IReadOnlyList<string?>? Dbc { get; init; }
    public IReadOnlyList<string?>? Signals { get; init; }

    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Unknown { get; set; }
}

internal sealed record OutboxDocument
{
    public string? Directory { get; init; }
    public double? SealAfterSeconds { get; init; }
    public double? FlushAfterSeconds { get; init; }
    public long? MemoryBytes { get; init; }

    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Unknown { get; set; }
}

internal sealed record LogDocument
{
    public string? Level { get; init; }

    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Unknown { get; set; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, AllowDuplicateProperties = false, MaxDepth = 16)]
[JsonSerializable(typeof(ConfigurationDocument))]
internal sealed partial class ConfigurationContext : JsonSerializerContext;
