using System.Globalization;
using System.Text;
using EdgeAgent.Tenancy;
using EdgeAgent.Tenancy.Documents;

namespace EdgeAgent.Simulation.Tests.Agents;

/// <summary>
/// The platform and its tenants: assigns, configures, rotates keys and commands with real signatures, remembers all that it ever said, and
/// tries what others might.
/// </summary>
internal sealed partial class SimulatedCloud
{
    private readonly SimulatedBroker _broker;
    private readonly Agenda _agenda;
    private readonly Random _random;
    private readonly Trace _trace;
    private readonly List<(string Topic, byte[] Document)> _said = [];
    private readonly Dictionary<string, byte[]> _standing = [];
    private Func<string>? _assign;
    private int _keysUsed;

    public SimulatedCloud(DeviceId device, SimulatedBroker broker, Agenda agenda, Random random, Trace trace)
    {
        (Device, _broker, _agenda, _random, _trace) = (device, broker, agenda, random, trace);
        Platform = new KeyAuthority(null, NextKey);
        Tenants = [.. new[] { "acme", "bravo" }.Select(name => new TenantAccount(TenantId.Parse(name), NextKey))];
    }

    public DeviceId Device { get; }

    public KeyAuthority Platform { get; }

    public List<TenantAccount> Tenants { get; }

    /// <summary>Every assignment that was ever signed, by epoch; the last one counts.</summary>
    public SortedDictionary<long, IssuedAssignment> Assignments { get; } = [];

    /// <summary>Whose the device shall be; null for nobody.</summary>
    public TenantAccount? Assigned { get; private set; }

    /// <summary>Forgeries and replays that were sent.</summary>
    public int Forgeries { get; private set; }

    public TenantAccount Account(TenantId tenant) => Tenants.First(account => account.Id == tenant);

    public void Assign(TenantAccount? tenant, Handover handover, long? deliverSeconds)
    {
        long epoch = Assignments.Keys.LastOrDefault() + _random.Next(1, 4);
        var assigned = tenant is null ? null : new AssignedTenant(tenant.Id, tenant.Keys.Public);
        _assign = () => AssignmentDocument.Sign(Platform.Signer, Device, epoch, assigned, handover, handover == Handover.Purge ? null : deliverSeconds);
        Assignments.Add(epoch, new IssuedAssignment(epoch, tenant?.Id, handover));
        Assigned = tenant;
        _trace.Add($"cloud: assignment {epoch}: {tenant?.Id.ToString() ?? "nobody"}, {handover} {deliverSeconds}");
        Say(Topics.Assignment(Device), _assign());
    }

    /// <summary>Which assignment a document is; null if it is none of the cloud's.</summary>
    public IssuedAssignment? AssignmentIn(ReadOnlyMemory<byte> document) =>
        _said.Any(said => said.Document.AsSpan().SequenceEqual(document.Span)) && Jws.Peek(document.Span).Payload.TryGetProperty("epoch", out var epoch)
            ? Assignments.GetValueOrDefault(epoch.GetInt64()) : null;

    /// <summary>Another key for the platform, which signs what counts anew.</summary>
    public void RotatePlatformKeys()
    {
        Rotate(Platform, Topics.PlatformKeys, "the platform");
        if (_assign is not null) Say(Topics.Assignment(Device), _assign());
    }

    /// <summary>Another key for a tenant, which signs what counts anew.</summary>
    public void RotateKeys(TenantAccount tenant)
    {
        Rotate(tenant.Keys, Topics.TenantKeys(tenant.Id), tenant.Id.ToString());
        SayLayers(tenant);
    }

    /// <summary>Says again what the broker should retain and has forgotten.</summary>
    public void RepeatForgotten()
    {
        foreach (var (topic, document) in _standing.OrderBy(said => said.Key, StringComparer.Ordinal))
        {
            if (!_broker.Retained.TryGetValue(topic, out byte[]? retained) || !retained.AsSpan().SequenceEqual(document)) _broker.Publish(topic, document, retain: true);
        }
    }

    private void Rotate(KeyAuthority keys, string topic, string whose)
    {
        string document = keys.Rotate(keepsOld: _random.Next(2) == 0);
        _trace.Add($"cloud: keys of {whose}, version {keys.Version}");
        Say(topic[..^1] + keys.Version.ToString(CultureInfo.InvariantCulture), document);
    }

    private void Say(string topic, string document, bool retain = true)
    {
        byte[] bytes = Encoding.ASCII.GetBytes(document);
        _said.Add((topic, bytes));
        if (retain) _standing[topic] = bytes;
        _broker.Publish(topic, bytes, retain);
    }

    private SigningKey NextKey() => TestKeys.Number(_keysUsed++);
}

/// <summary>An assignment that the platform has signed.</summary>
internal sealed record IssuedAssignment(long Epoch, TenantId? Tenant, Handover Handover);

/// <summary>A tenant as the cloud knows it.</summary>
internal sealed class TenantAccount(TenantId id, Func<SigningKey> nextKey)
{
    public TenantId Id { get; } = id;

    public KeyAuthority Keys { get; } = new(id, nextKey);

    /// <summary>Its own member of the technicians, whom the configuration may know.</summary>
    public SigningKey Technician { get; } = nextKey();

    /// <summary>The last layers, which may be missing.</summary>
    public IssuedLayer? Wide { get; set; }

    public IssuedLayer? Overlay { get; set; }

    /// <summary>Versions that were issued, by layer.</summary>
    public Dictionary<(bool IsOverlay, long Version), IssuedLayer> Issued { get; } = [];
}
