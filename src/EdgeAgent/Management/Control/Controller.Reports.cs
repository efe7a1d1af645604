using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeAgent.Can;
using EdgeAgent.Capture;
using EdgeAgent.Obd;
using EdgeAgent.Outbox;
using EdgeAgent.Tenancy;

namespace EdgeAgent.Management.Control;

/// <summary>What the tenant is told of the device: its state and its ledger, retained at the broker.</summary>
internal sealed partial class Controller
{
    private const string Json = "application/json";

    private static readonly JsonElement EmptyObject = JsonElement.Parse("{}"u8);

    /// <summary>Reports of ledgers are at least so far apart: they are large, and change with every batch.</summary>
    private static readonly TimeSpan LedgerInterval = TimeSpan.FromSeconds(10);

    private long _reportedLedgerVersion = -1;
    private long? _ledgersReportedAt;

    private void Report()
    {
        if (Assignment is not { } assignment) return;
        _parts.Publisher.SetReport(Topics.State(assignment.Tenant, Device), Json, JsonMembers.Object(json =>
        {
            WriteStamp(json, assignment.Tenant, assignment.Epoch);
            if (_trouble is { } trouble) json.WriteString("trouble"u8, trouble);
            json.WriteStartObject("configuration"u8);
            WriteConfiguration(json);
            json.WriteEndObject();
        }), owner: assignment.Tenant);
    }

    /// <summary>Which configuration is in force and what became of the newest, as members.</summary>
    public void WriteConfiguration(Utf8JsonWriter json)
    {
        json.WriteString("status"u8, StatusOfConfiguration());
        WriteVersions(json, InForce);
        if (ConfigurationHash is { } hash) json.WriteString("hash"u8, hash);
        if (_missing is { Count: > 0 } missing)
        {
            json.WriteStartArray("missingArtifacts"u8);
            foreach (var artifact in missing) json.WriteStringValue(artifact.ToString());
            json.WriteEndArray();
        }
        if (_state.Refused is { } refused)
        {
            json.WriteStartObject("refused"u8);
            WriteRefused(json, refused);
            json.WriteEndObject();
        }
    }

    /// <summary>Names what is in force; null for the default.</summary>
    public string? ConfigurationHash => InForce is { IsNone: false } inForce ? HashOf(inForce) : null;

    /// <summary>All layers in force as one; empty for the default.</summary>
    public JsonObject EffectiveConfiguration => InForce is { IsNone: false } inForce ? Merge(inForce) : [];

    /// <summary>When what is on trial will be good at the earliest; null if nothing is.</summary>
    public TimeSpan? TrialEndsIn => _trial?.EndsIn;

    public ConfigurationStatus ConfigurationStatus
    {
        get
        {
            var inForce = InForce;
            return new ConfigurationStatus(StatusOfConfiguration(), inForce.Tenant?.Version, inForce.Device?.Version)
            {
                MissingArtifacts = _missing.Count,
                Mistakes = _state.Refused?.Mistakes ?? [],
                Trouble = _trouble,
            };
        }
    }

    private Layers InForce => _trialOf ?? _state.Good;

    /// <summary>What became of the tenant's records; null while there is no tenant.</summary>
    public JsonNode? LedgerOfTenant() =>
        Assignment is { Tenant: var tenant } ? JsonNode.Parse(LedgerJson.WriteReport(Device, tenant, _parts.Boot, _parts.Outbox.Ledgers(tenant))) : null;

    /// <summary>The way to the ECUs of a source; null if there is no such source, or it has none.</summary>
    /// <exception cref="CanSourceException">Nothing may be sent on any bus of this interface.</exception>
    public IObdLink? LinkOf(string bus, ObdLinks links)
    {
        var source = _configuration.Sources.FirstOrDefault(source => source.Bus.ToString() == bus);
        if (source?.Serial is { } serial) return links.For(serial.Port, serial.Options);
        if (source?.Interface is not { } name) return null;
        // Two sources may read one interface: what one of them says of it holds.
        if (_configuration.Sources.Any(other => other.Interface == name && other.Policy.ListenOnly))
            throw new CanSourceException(CanSourceFault.ListenOnly, $"{name} is configured to listen only (sources[].listenOnly), so no ECU can be asked");
        return links.For(name, source.Obd?.Addressing ?? ObdAddressing.Standard);
    }

    private static string HashOf(Layers layers) => Sha256Digest.Of(Encoding.UTF8.GetBytes(Merge(layers).ToJsonString())).ToString();

    private string StatusOfConfiguration() =>
        _trial is not null ? "trial"
        : _missing.Count > 0 ? "waiting"
        : _state.Refused?.Is(_state.Newest) == true ? _state.Refused.IsRolledBack ? "rolled-back" : "refused"
        : _state.Good.IsNone ? "none" : "applied";

    /// <summary>The last word to a tenant that the device has left.</summary>
    private void ReportLeft(TenantId tenant) =>
        _parts.Publisher.SetReport(Topics.State(tenant, Device), Json, JsonMembers.Object(json =>
        {
            WriteStamp(json, tenant, epoch: null);
            json.WriteBoolean("assigned"u8, false);
        }), owner: tenant);

    /// <summary>Tells each tenant where its records went, if that has changed and not too often.</summary>
    /// <param name="atOnce">For the last time in this run.</param>
    public void ReportLedgers(bool atOnce = false)
    {
        long version = _parts.Outbox.LedgerVersion;
        if (version == _reportedLedgerVersion || !atOnce && _ledgersReportedAt is { } at && _parts.Time.GetElapsedTime(at) < LedgerInterval) return;
        _reportedLedgerVersion = version;
        _ledgersReportedAt = _parts.Time.GetTimestamp();
        // Also of those that were left: the last word may not have reached them.
        foreach (var tenant in _parts.Outbox.LedgerTenants)
            _parts.Publisher.SetReport(Topics.Ledger(tenant, Device), LedgerJson.ContentType, LedgerJson.WriteReport(Device, tenant, _parts.Boot, _parts.Outbox.Ledgers(tenant)), owner: tenant, mayWait: true);
    }

    private void WriteStamp(Utf8JsonWriter json, TenantId tenant, Epoch? epoch)
    {
        json.WriteString("device"u8, Device.ToString());
        json.WriteString("tenant"u8, tenant.ToString());
        if (epoch is { } known) json.WriteNumber("epoch"u8, known.Value);
        json.WriteString("boot"u8, _parts.Boot.Value);
        json.WriteString("version"u8, AgentVersion.Text);
    }

    private static void WriteVersions(Utf8JsonWriter json, Layers layers)
    {
        if (layers.Tenant is { } tenant) json.WriteNumber("tenantVersion"u8, tenant.Version);
        if (layers.Device is { } device) json.WriteNumber("deviceVersion"u8, device.Version);
    }

    private static void WriteRefused(Utf8JsonWriter json, Refused refused)
    {
        json.WriteNumber("tenantVersion"u8, refused.TenantVersion);
        json.WriteNumber("deviceVersion"u8, refused.DeviceVersion);
        json.WriteStartArray("mistakes"u8);
        foreach (var mistake in refused.Mistakes)
        {
            json.WriteStartObject();
            json.WriteString("pointer"u8, mistake.Pointer);
            json.WriteString("message"u8, mistake.Message);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }
}
