using System.Text.Json;
using EdgeAgent.Publishing;
using EdgeAgent.Tenancy;

namespace EdgeAgent.Cli.Fleet;

/// <summary>
/// The devices of a tenant, as far as their messages tell. Whatever a device sends, it costs a bounded amount of memory and is at worst
/// counted as unreadable. Thread-safe.
/// </summary>
internal sealed class FleetRoster(TenantId tenant, TimeProvider time)
{
    /// <summary>Of more devices nothing is kept.</summary>
    public const int MaxDevices = 20_000;

    /// <summary>Statuses belong to no tenant, so those of others' devices come too; they are kept, since whose a device is may be heard later, and never shown.</summary>
    private const int MaxStatuses = 5 * MaxDevices;

    private const string Devices = "devices/", EventPrefix = "events/";

    private readonly Lock _gate = new();
    private readonly Dictionary<DeviceId, FleetDevice> _devices = [];
    private readonly Dictionary<DeviceId, SeenStatus> _statuses = [];
    private readonly string _own = $"tenants/{tenant}/devices/";
    private long _unreadable, _passedOver;

    public TenantId Tenant => tenant;

    /// <summary>Messages that were not what they should be, of any device or of none.</summary>
    public long Unreadable => Interlocked.Read(ref _unreadable);

    /// <summary>Messages of devices beyond <see cref="MaxDevices"/>.</summary>
    public long PassedOver => Interlocked.Read(ref _passedOver);

    /// <summary>Enters what has arrived. Never throws because of it.</summary>
    public void Take(IncomingMessage message)
    {
        if (message.Topic.StartsWith(_own, StringComparison.Ordinal))
        {
            string[] parts = message.Topic[_own.Length..].Split('/', 2);
            if (parts.Length == 2 && DeviceId.TryParse(parts[0], out var device)) Enter(device, parts[1], message);
            else Interlocked.Increment(ref _unreadable);
        }
        else if (message.Topic.StartsWith(Devices, StringComparison.Ordinal) && message.Topic.EndsWith("/status", StringComparison.Ordinal)
            && DeviceId.TryParse(message.Topic[Devices.Length..^"/status".Length], out var device))
        {
            EnterStatus(device, message);
        }
        else
        {
            Interlocked.Increment(ref _unreadable);
        }
    }

    /// <summary>All devices, by their ids.</summary>
    public IReadOnlyList<FleetDevice> Snapshot()
    {
        lock (_gate)
        {
            return [.. _devices.Values.Select(device => device with { Status = _statuses.GetValueOrDefault(device.Id) }).OrderBy(device => device.Id.ToString(), StringComparer.Ordinal)];
        }
    }

    private void Enter(DeviceId id, string channel, IncomingMessage message)
    {
        lock (_gate)
        {
            if (!_devices.TryGetValue(id, out var device))
            {
                // An empty retained message clears one: it does not make a device.
                if (message.Payload.IsEmpty) return;
                if (_devices.Count >= MaxDevices)
                {
                    _passedOver++;
                    return;
                }
                device = new FleetDevice(id);
            }
            try
            {
                _devices[id] = Updated(device, channel, message);
            }
            catch (Exception e) when (e is FormatException or JsonException)
            {
                _devices[id] = device with { Unreadable = device.Unreadable + 1 };
                _unreadable++;
            }
        }
    }

    private FleetDevice Updated(FleetDevice device, string channel, IncomingMessage message)
    {
        var now = time.GetUtcNow();
        switch (channel)
        {
            case "state" when message.Payload.IsEmpty: return device with { State = null };
            case "ledger" when message.Payload.IsEmpty: return device with { Ledger = null };
            case "state":
                var state = DeviceReports.ReadState(tenant, device.Id, message.Payload);
                return Heard(device, message, state.Envelope, now) with { State = state };
            case "ledger":
                var ledger = DeviceReports.ReadLedger(tenant, device.Id, message.Payload);
                return Heard(device, message, ledger.Envelope, now) with { Ledger = ledger };
            case "health":
                var health = DeviceReports.ReadHealth(tenant, device.Id, message.Payload);
                device = Heard(device, message, health.Envelope, now);
                return IsOlder(health.Envelope, device.Health?.Envelope) ? device : device with { Health = health, HealthAt = Written(health.Envelope, now) };
            case var name when name.StartsWith(EventPrefix, StringComparison.Ordinal) && Channel.TryParse(name, out _):
                var envelope = DeviceReports.ReadEvent(tenant, device.Id, message.Payload);
                device = Heard(device, message, envelope, now);
                return Written(envelope, now) < device.LastEventAt ? device : device with { LastEvent = name[EventPrefix.Length..], LastEventAt = Written(envelope, now) };
            default: throw new FormatException("no topic of a device");
        }
    }

    private void EnterStatus(DeviceId id, IncomingMessage message)
    {
        lock (_gate)
        {
            if (message.Payload.IsEmpty)
            {
                _statuses.Remove(id);
                return;
            }
            if (_statuses.Count >= MaxStatuses && !_statuses.ContainsKey(id))
            {
                _passedOver++;
                return;
            }
            try
            {
                _statuses[id] = DeviceReports.ReadStatus(id, message.Payload);
            }
            catch (Exception e) when (e is FormatException or JsonException)
            {
                _unreadable++;
            }
        }
    }

    /// <summary>A message that comes now shows that its device is there now, even if it waited in the outbox; one that the broker kept shows when it was written.</summary>
    private static FleetDevice Heard(FleetDevice device, IncomingMessage message, Envelope envelope, DateTimeOffset now)
    {
        var heard = !message.Retained ? now : envelope.Time < now ? envelope.Time : null;
        return heard is null || heard < device.LastSeen ? device : device with { LastSeen = heard };
    }

    private static DateTimeOffset Written(Envelope envelope, DateTimeOffset now) =>
        envelope is { ClockIsSynchronized: true, Time: { } written } && written < now ? written : now;

    /// <summary>By its number: a backlog comes after what is live.</summary>
    private static bool IsOlder(Envelope envelope, Envelope? than) =>
        than is not null && (envelope.Epoch < than.Epoch || envelope.Epoch == than.Epoch && envelope.Sequence < than.Sequence);
}
