using EdgeAgent.Outbox;
using EdgeAgent.Tenancy;
using EdgeAgent.Tenancy.Documents;

namespace EdgeAgent.Management.Configuration;

/// <summary>Turns what a file on the device says about the device itself into checked parts.</summary>
/// <param name="findings">Where mistakes go.</param>
/// <param name="baseDirectory">Where relative paths begin.</param>
internal sealed class DeviceValidator(Findings findings, string baseDirectory)
{
    /// <summary>More would be keys that nobody watches.</summary>
    private const int MaxPlatformKeys = 8;

    /// <summary>The members of a provisioning.</summary>
    internal static readonly string[] ProvisioningMembers = ["device", "platformKeys", "broker", "outbox", "localApi", "drainSeconds"];

    private static readonly string[] TenantOutboxMembers = ["quotaBytes", "sealAfterSeconds", "flushAfterSeconds"];

    private static readonly string[] DeviceOutboxMembers = ["memoryBytes", "maxBytes", "reserveBytes"];

    /// <summary>One file that says everything. Null, or to be used only if there are no mistakes.</summary>
    public AgentConfiguration? Validate(AgentDocument document)
    {
        findings.RefuseUnknown("", document.Unknown, ["device", "tenant", "broker", "localApi", "drainSeconds", .. TenantValidator.Members]);
        findings.RefuseUnknown("/outbox", document.Outbox?.Unknown, ["directory", .. DeviceOutboxMembers, .. TenantOutboxMembers]);
        if (document.Sources is null or { Count: 0 }) findings.Add("/sources", "missing: an array with at least one source of frames");
        string directory = document.Outbox?.Directory ?? AgentConfiguration.DefaultStateDirectory;
        if (string.IsNullOrWhiteSpace(directory)) findings.Add("/outbox/directory", "missing: a directory");
        var id = Id(document.Device);
        var assignment = document.Tenant is { } tenant ? Assignment(tenant, id) : null;
        var configuration = new TenantValidator(findings, baseDirectory).Validate(document);
        return Device(id, document.Broker, document.Outbox, document.LocalApi, document.DrainSeconds, directory, []) is { } device
            ? new AgentConfiguration(device, assignment, configuration) : null;
    }

    /// <summary>What a device is given before it is assigned. Null, or to be used only if there are no mistakes.</summary>
    public AgentConfiguration? Validate(ProvisioningDocument document, string stateDirectory)
    {
        findings.RefuseUnknown("", document.Unknown, ProvisioningMembers);
        findings.RefuseUnknown("/outbox", document.Outbox?.Unknown, DeviceOutboxMembers);
        if (document.Outbox?.Directory is not null) findings.Add("/outbox/directory", "given by --state");
        if (document.Outbox is { } outbox && (outbox.QuotaBytes is not null || outbox.SealAfterSeconds is not null || outbox.FlushAfterSeconds is not null))
            findings.Add("/outbox", $"{string.Join(", ", TenantOutboxMembers)} are for the tenant's configuration");
        if (document.PlatformKeys is null or { Count: 0 }) findings.Add("/platformKeys", "missing: an array with the platform's public keys (edge-agent key public FILE prints one)");
        if (document.PlatformKeys?.Count > MaxPlatformKeys) findings.Add("/platformKeys", $"{document.PlatformKeys.Count} keys; at most {MaxPlatformKeys} are possible");
        List<VerificationKey> keys = [];
        List<ConfigurationMistake> mistakes = [];
        for (int i = 0; i < Math.Min(document.PlatformKeys?.Count ?? 0, MaxPlatformKeys); i++)
        {
            if (VerificationKey.Read(document.PlatformKeys![i], $"/platformKeys/{i}", mistakes) is { } key) keys.Add(key);
        }
        findings.Add(mistakes);
        return Device(Id(document.Device), document.Broker, document.Outbox, document.LocalApi, document.DrainSeconds, stateDirectory, keys) is { } device
            ? new AgentConfiguration(device, null, null) : null;
    }

    private DeviceConfiguration? Device(
        DeviceId? id, BrokerDocument? brokerDocument, OutboxDocument? outbox, LocalApiDocument? localApi, double? drainSeconds, string directory, IReadOnlyList<VerificationKey> keys)
    {
        var broker = new BrokerValidator(findings, baseDirectory).Validate(brokerDocument, id);
        var options = new OutboxOptions(TenantConfiguration.Default.FlushAfter, findings.Number("/outbox/memoryBytes", outbox?.MemoryBytes, OutboxOptions.DefaultMemoryBytes, BatchBuilder.MaxBytes, 1024 * 1024 * 1024))
        {
            MaxStoreBytes = findings.Number("/outbox/maxBytes", outbox?.MaxBytes, OutboxOptions.DefaultMaxStoreBytes, 1024 * 1024, 1L << 40),
            ReserveBytes = findings.Number("/outbox/reserveBytes", outbox?.ReserveBytes, OutboxOptions.DefaultReserveBytes, 0, 1L << 40),
        };
        var local = new LocalApiValidator(findings, baseDirectory).Validate(localApi);
        var drain = findings.Seconds("/drainSeconds", drainSeconds, 5, 0, 60);
        if (id is null || broker is null) return null;
        return new DeviceConfiguration
        {
            Device = id.Value,
            PlatformKeys = keys,
            Broker = broker,
            StateDirectory = Path.GetFullPath(directory, baseDirectory),
            Outbox = options,
            LocalApi = local,
            Drain = drain,
        };
    }

    private DeviceId? Id(string? name) =>
        findings.Required("/device", name, "the device's id") is { } given && findings.Check(DeviceId.TryParse(given, out var id), "/device", $"'{given}' is no id: {Identifier.Expected}")
            ? id : null;

    private Assignment? Assignment(TenantDocument document, DeviceId? device)
    {
        findings.RefuseUnknown("/tenant", document.Unknown, "id", "epoch");
        long epoch = findings.Number("/tenant/epoch", document.Epoch, 1, 1, Epoch.Max);
        if (document.Epoch is null) findings.Add("/tenant/epoch", "missing: the number of the assignment, which grows with each, from 1");
        if (findings.Required("/tenant/id", document.Id, "the tenant's id") is not { } name) return null;
        if (!findings.Check(TenantId.TryParse(name, out var tenant), "/tenant/id", $"'{name}' is no id: {Identifier.Expected}")) return null;
        return device is { } known ? new Assignment(known, tenant, new Epoch(Math.Max(1, epoch))) : null;
    }
}
