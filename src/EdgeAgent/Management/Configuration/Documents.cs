using System.Text.Json;
using System.Text.Json.Serialization;

namespace EdgeAgent.Management.Configuration;

/// <summary>
/// A tenant's configuration as it was written, unchecked: everything may be missing or wrong. Only <see cref="TenantValidator"/> makes a
/// <see cref="TenantConfiguration"/> of it.
/// </summary>
internal record TenantConfigurationDocument
{
    public IReadOnlyList<SourceDocument?>? Sources { get; init; }
    public PublishingDocument? Publishing { get; init; }
    public OutboxDocument? Outbox { get; init; }
    public JsonElement? Access { get; init; }
    public LogDocument? Log { get; init; }
    public double? HealthEverySeconds { get; init; }
    public double? TrialSeconds { get; init; }

    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Unknown { get; set; }
}

/// <summary>A file on the device that says everything: the device, whose it is, and what that tenant configures.</summary>
internal sealed record AgentDocument : TenantConfigurationDocument
{
    public string? Device { get; init; }
    public TenantDocument? Tenant { get; init; }
    public BrokerDocument? Broker { get; init; }
    public LocalApiDocument? LocalApi { get; init; }
    public double? DrainSeconds { get; init; }
}

/// <summary>What a device is given before it is assigned to anybody.</summary>
internal sealed record ProvisioningDocument
{
    public string? Device { get; init; }
    public IReadOnlyList<JsonElement>? PlatformKeys { get; init; }
    public BrokerDocument? Broker { get; init; }
    public OutboxDocument? Outbox { get; init; }
    public LocalApiDocument? LocalApi { get; init; }
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
    public string? Password { get; init; }
    public string? PasswordFile { get; init; }
    public string? AuthorityFile { get; init; }
    public string? CertificateFile { get; init; }
    public string? PrivateKeyFile { get; init; }

    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Unknown { get; set; }
}

internal sealed record LocalApiDocument
{
    public long? Port { get; init; }
    public string? TokenFile { get; init; }
    public string? Role { get; init; }

    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Unknown { get; set; }
}

internal sealed record SourceDocument
{
    public string? Bus { get; init; }
    public string? Interface { get; init; }
    public int? ReceiveBufferBytes { get; init; }
    public bool? ListenOnly { get; init; }
    public double? RestartAfterSeconds { get; init; }
    public double? SilentAfterSeconds { get; init; }
    public string? Serial { get; init; }
    public long? Baud { get; init; }
    public string? Protocol { get; init; }
    public string? Log { get; init; }
    public string? LogBus { get; init; }
    public double? Speed { get; init; }
    public IReadOnlyList<string?>? Dbc { get; init; }
    public IReadOnlyList<string?>? Signals { get; init; }
    public ObdDocument? Obd { get; init; }

    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Unknown { get; set; }
}

internal sealed record ObdDocument
{
    public string? Addressing { get; init; }
    public IReadOnlyList<ObdPollDocument?>? Poll { get; init; }
    public long? RequestsPerSecond { get; init; }
    public double? YieldSeconds { get; init; }
    public string? EngineOff { get; init; }
    public IReadOnlyList<string?>? Signalsets { get; init; }
    public IReadOnlyList<ObdSignalDocument?>? Signals { get; init; }
    public long? ModelYear { get; init; }
    public bool? Vin { get; init; }

    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Unknown { get; set; }
}

internal sealed record ObdSignalDocument
{
    public string? Signal { get; init; }
    public double? EverySeconds { get; init; }

    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Unknown { get; set; }
}

internal sealed record ObdPollDocument
{
    public string? Pid { get; init; }
    public double? EverySeconds { get; init; }

    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Unknown { get; set; }
}

internal sealed record PublishingDocument
{
    public string? Encoding { get; init; }
    public long? BytesPerSecond { get; init; }
    public MeteredDocument? Metered { get; init; }

    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Unknown { get; set; }
}

internal sealed record MeteredDocument
{
    public IReadOnlyList<string?>? Interfaces { get; init; }
    public string? MinimumPriority { get; init; }
    public long? BytesPerSecond { get; init; }

    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Unknown { get; set; }
}

internal sealed record OutboxDocument
{
    public string? Directory { get; init; }
    public long? MemoryBytes { get; init; }
    public long? MaxBytes { get; init; }
    public long? ReserveBytes { get; init; }
    public long? QuotaBytes { get; init; }
    public double? SealAfterSeconds { get; init; }
    public double? FlushAfterSeconds { get; init; }

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
[JsonSerializable(typeof(AgentDocument))]
[JsonSerializable(typeof(ProvisioningDocument))]
[JsonSerializable(typeof(TenantConfigurationDocument))]
internal sealed partial class DocumentContext : JsonSerializerContext;
