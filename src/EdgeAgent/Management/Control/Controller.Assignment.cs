using EdgeAgent.Management.Configuration;
using EdgeAgent.Outbox;
using EdgeAgent.Tenancy;
using EdgeAgent.Tenancy.Documents;

namespace EdgeAgent.Management.Control;

/// <summary>Whose the device is: assignments, hand-overs and the rotation of keys.</summary>
internal sealed partial class Controller
{
    /// <summary>How long a hand-over delivers if the assignment does not say.</summary>
    private static readonly TimeSpan DeliverByDefault = TimeSpan.FromDays(7);

    /// <summary>Departures of which nothing is left, as long as the state says that something may be.</summary>
    private readonly HashSet<TenantId> _purged = [];

    private async Task TakeAssignmentAsync(ReadOnlyMemory<byte> jws)
    {
        var document = AssignmentDocument.Open(jws.Span, PlatformKeys, Device, _state.Epoch > 0 ? new Epoch(_state.Epoch) : null);
        var before = Assignment;
        var after = document.Tenant is { } tenant ? new Assignment(Device, tenant.Id, document.Epoch) : null;
        bool isHandOver = before is not null && before.Tenant != after?.Tenant;

        // On the disk first: after a power cut the device knows whose it is.
        Save(Next(document, before));
        // The older of the two copies still tells of the tenant before.
        if (isHandOver && document.Handover == Handover.Purge) SaveIfPossible(_state);
        EndTrial();
        long unsealed = 0;
        if (isHandOver)
        {
            await _parts.Commands.StopAsync();
            unsealed = await _capture.AssignAsync(null, []);
            Leave(before!.Tenant, document.Handover);
        }
        Assignment = after;
        if (after is not null)
        {
            await EnterAsync(after);
        }
        else
        {
            await _parts.Commands.StopAsync();
            _parts.Commands.ServeNobody();
        }
        ControlLog.Assigned(_parts.Logger, Device, after?.Tenant.ToString() ?? "nobody", document.Epoch, unsealed);
        Event("agent/assigned", json => json.WriteString("handover"u8, document.Handover == Handover.Purge ? "purge" : "deliver"));
        // What is forgotten has to come again, even if the same was subscribed before: configurations, and rotations of keys since those listed.
        Subscribe(anew: true);
        if (after is not null) await ReconsiderAsync();
        Report();
    }

    /// <summary>The state after an assignment.</summary>
    private ControlState Next(AssignmentDocument document, Assignment? before)
    {
        var next = _state with { Epoch = document.Epoch.Value };
        bool isSameTenant = before is not null && before.Tenant == document.Tenant?.Id;
        if (isSameTenant)
            return next with { InTrial = false, Tenant = RingOf(document.Tenant!) };

        next = next with
        {
            Tenant = document.Tenant is { } tenant ? RingOf(tenant) : null,
            Newest = Layers.None,
            Good = Layers.None,
            InTrial = false,
            Refused = null,
            // Whoever comes back is no longer leaving, and finds nothing that was to be destroyed.
            Departures = [.. _state.Departures.Where(departure => departure.Tenant != document.Tenant?.Id || departure.IsOwed)],
        };
        if (before is null) return next;
        // What had to be destroyed and could not be yet still has to be; nothing was recorded for the tenant since.
        var owed = next.Departures.FirstOrDefault(known => known.Tenant == before.Tenant && known.IsOwed);
        var handover = owed?.Handover == Handover.Purge ? Handover.Purge : document.Handover;
        var departure = new Departure(before.Tenant, handover, document.DeliverFor ?? DeliverByDefault, owed?.Until);
        return next with { Departures = [departure, .. next.Departures.Where(known => known.Tenant != before.Tenant).Take(ControlState.MaxDepartures - 1)] };
    }

    private KeyRing RingOf(AssignedTenant tenant)
    {
        var floor = _state.FloorOf(tenant.Id);
        return KeyRing.Create(tenant.Id, tenant.Keys).Keeping(floor.Revoked);
    }

    /// <summary>Begins to record for a tenant, with what was good for it before. If the disk does not let it, the next tick tries again.</summary>
    private async Task EnterAsync(Assignment assignment)
    {
        bool isFirst = !_isUnfinished;
        _isUnfinished = false;
        _trouble = null;
        _artifacts = null;
        await _parts.Commands.StopAsync();
        try
        {
            _artifacts = new ArtifactStore(_parts.Disk, assignment.Tenant, _parts.Logger);
            var (configuration, sources) = CompileGood();
            Adopt(assignment.Tenant, configuration);
            if (_state.Departures.FirstOrDefault(departure => departure.Tenant == assignment.Tenant) is { } owed)
            {
                Destroy(owed);
                Save(_state with { Departures = [.. _state.Departures.Where(departure => departure.Tenant != assignment.Tenant)] });
            }
            await _capture.AssignAsync(assignment, sources);
            if (_capture.Recorder is { } recorder) _parts.Commands.Serve(assignment, recorder, Policy);
        }
        catch (NumbersUnknownException e)
        {
            // Nothing is recorded under a wrong number. It still answers to assignments, and the next has numbers of its own.
            await _capture.AssignAsync(null, []);
            CannotRecord(assignment, e);
        }
        catch (IOException e)
        {
            await _capture.AssignAsync(null, []);
            if (isFirst) ControlLog.CannotStore(_parts.Logger, e.Message);
            _isUnfinished = true;
            _trouble = $"nothing is recorded: {e.Message}; trying again";
        }
    }

    private void CannotRecord(Assignment assignment, NumbersUnknownException e)
    {
        ControlLog.CannotRecord(_parts.Logger, assignment.Tenant, assignment.Epoch, e.Message);
        _trouble = $"nothing is recorded: {e.Message}; the device has to be assigned anew with a larger epoch";
    }

    /// <summary>Nothing more of this tenant is captured: what is left of it is destroyed, or delivered for a while.</summary>
    private void Leave(TenantId tenant, Handover handover)
    {
        try
        {
            if (handover == Handover.Purge) Purge(tenant);
            (_artifacts ?? new ArtifactStore(_parts.Disk, tenant, _parts.Logger)).Keep([]);
            ForgetUpdate("the device has changed hands");
        }
        catch (IOException e)
        {
            // It stays among the departures, and the next tick tries again.
            ControlLog.CannotStore(_parts.Logger, e.Message);
        }
        _artifacts = null;
        _missing = [];
        _configuration = TenantConfiguration.Default;
        // Nothing of what this tenant said or set is left for the next.
        _parts.LogLevel.Reset(TenantConfiguration.Default.LogLevel);
        _parts.RecentLog.Clear();
        ReportLeft(tenant);
    }

    private void Purge(TenantId tenant)
    {
        _parts.Outbox.Purge(tenant);
        _purged.Add(tenant);
    }

    private void LookAtDepartures()
    {
        if (_state.Departures.Count == 0) return;
        List<Departure> remaining = [];
        foreach (var departure in _state.Departures)
        {
            try
            {
                if (LookAt(departure) is { } still) remaining.Add(still);
            }
            catch (IOException e)
            {
                ControlLog.CannotStore(_parts.Logger, e.Message);
                // As it is now: that its time is over may have been noted before the disk failed.
                remaining.Add(_state.Departures.First(known => known.Tenant == departure.Tenant));
            }
        }
        if (!remaining.SequenceEqual(_state.Departures)) Save(_state with { Departures = remaining });
    }

    /// <returns>Null when it is over.</returns>
    private Departure? LookAt(Departure departure)
    {
        // Of one who has come back it is seen to before anything of him is recorded.
        if (departure.Tenant == Assignment?.Tenant) return departure;
        if (departure.Handover == Handover.Purge)
        {
            Destroy(departure);
            return null;
        }
        bool isSynchronized = _parts.Clock.Read().Synchronized;
        var now = _parts.Time.GetUtcNow();
        bool isDone = !_parts.Outbox.Holds(departure.Tenant);
        if (!isDone && !departure.IsOver && (departure.Until is null || departure.Until > now || !isSynchronized))
            return departure.Until is null && isSynchronized ? departure with { Until = now + departure.DeliverFor } : departure;

        // What is begun has to be finished after a power cut too, whatever the clock says then. Also of one who has nothing left: his key goes.
        if (!departure.IsOver) Save(_state with { Departures = [.. _state.Departures.Select(known => known == departure ? known with { Until = Departure.Over } : known)] });
        Destroy(departure);
        ControlLog.HandedOver(_parts.Logger, departure.Tenant, isDone ? "all of its records are delivered or accounted for" : "the time for delivering its records is over");
        return null;
    }

    /// <summary>What waits of a tenant whose records are purged, or whose time is over.</summary>
    private void Destroy(Departure departure)
    {
        if (departure.Handover == Handover.Deliver) _parts.Outbox.Expire(departure.Tenant, LedgerReason.HandOver);
        else if (!_purged.Remove(departure.Tenant)) _parts.Outbox.Purge(departure.Tenant);
    }

    /// <summary>Before anything of them can be published: what was begun in the run before.</summary>
    private void FinishDepartures()
    {
        foreach (var departure in _state.Departures)
        {
            try
            {
                if (departure.Handover == Handover.Purge) Purge(departure.Tenant);
                else if (departure.IsOver) _parts.Outbox.Expire(departure.Tenant, LedgerReason.HandOver);
                if (departure.Tenant == _state.Tenant?.Tenant) continue;
                // A power cut may have come between the assignment and the end of what the tenant had here.
                new ArtifactStore(_parts.Disk, departure.Tenant, _parts.Logger).Keep([]);
                ReportLeft(departure.Tenant);
            }
            catch (IOException e)
            {
                ControlLog.CannotStore(_parts.Logger, e.Message);
            }
        }
    }

    private Task TakePlatformKeys(ReadOnlyMemory<byte> jws)
    {
        Save(_state with { Platform = PlatformKeys.Rotate(jws.Span) });
        SubscribeForKeys();
        ControlLog.KeysRotated(_parts.Logger, "the platform", _state.Platform!.Version, string.Join(", ", _state.Platform.Keys.Select(key => key.Id)));
        return Task.CompletedTask;
    }

    private Task TakeTenantKeys(ReadOnlyMemory<byte> jws)
    {
        var ring = _state.Tenant!.Rotate(jws.Span);
        Save(_state.WithFloor(_state.FloorOf(Assignment!.Tenant) with { Revoked = [.. ring.Revoked] }) with { Tenant = ring });
        SubscribeForKeys();
        _parts.Commands.SetPolicy(Policy);
        ControlLog.KeysRotated(_parts.Logger, $"tenant {Assignment.Tenant}", _state.Tenant!.Version, string.Join(", ", _state.Tenant.Keys.Select(key => key.Id)));
        Event("agent/keys-rotated", json => json.WriteNumber("version"u8, _state.Tenant.Version));
        return Task.CompletedTask;
    }

    /// <summary>A broker keeps no order between topics: what was refused because it came before its key has to come again.</summary>
    private void SubscribeForKeys() => Subscribe(anew: true);
}
