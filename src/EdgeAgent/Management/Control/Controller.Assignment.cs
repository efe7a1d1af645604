using EdgeAgent.Outbox;
using EdgeAgent.Tenancy;
using EdgeAgent.Tenancy.Documents;

namespace EdgeAgent.Management.Control;

/// <summary>Whose the device is: assignments, hand-overs and the rotation of keys.</summary>
internal sealed partial class Controller
{
    /// <summary>How long a hand-over delivers if the assignment does not say.</summary>
    private static readonly TimeSpan DeliverByDefault = TimeSpan.FromDays(7);

    private async Task TakeAssignmentAsync(ReadOnlyMemory<byte> jws)
    {
        var document = AssignmentDocument.Open(jws.Span, PlatformKeys, Device, _state.Epoch > 0 ? new Epoch(_state.Epoch) : null);
        var before = Assignment;
        var after = document.Tenant is { } tenant ? new Assignment(Device, tenant.Id, document.Epoch) : null;
        bool isHandOver = before is not null && before.Tenant != after?.Tenant;

        // On the disk first: after a power cut the device knows whose it is.
        Save(Next(document, before));
        EndTrial();
        long unsealed = 0;
        if (isHandOver)
        {
            await _parts.Commands.StopAsync();
            unsealed = await _capture.AssignAsync(null, []);
            Leave(before!.Tenant, document.Handover);
        }
        Assignment = after;
        if (after is not null) await EnterAsync(after);
        ControlLog.Assigned(_parts.Logger, Device, after?.Tenant.ToString() ?? "nobody", document.Epoch, unsealed);
        Event("agent/assigned", json => json.WriteString("handover"u8, document.Handover == Handover.Purge ? "purge" : "deliver"));
        Subscribe();
        if (after is not null) await ReconsiderAsync();
        Report();
    }

    /// <summary>The state after an assignment.</summary>
    private ControlState Next(AssignmentDocument document, Assignment? before)
    {
        var next = _state with { Epoch = document.Epoch.Value };
        bool isSameTenant = before is not null && before.Tenant == document.Tenant?.Id;
        if (isSameTenant)
            return next with { InTrial = false, Tenant = KeyRing.Create(before!.Tenant, document.Tenant!.Keys).KeepingRevoked(_state.Tenant!) };

        next = next with
        {
            Tenant = document.Tenant is { } tenant ? KeyRing.Create(tenant.Id, tenant.Keys) : null,
            Newest = Layers.None,
            Good = Layers.None,
            InTrial = false,
            Refused = null,
            // Whoever comes back is no longer leaving.
            Departures = [.. _state.Departures.Where(departure => departure.Tenant != document.Tenant?.Id)],
        };
        if (before is null) return next;
        var departure = new Departure(before.Tenant, document.Handover, document.DeliverFor ?? DeliverByDefault, Until: null);
        return next with { Departures = [departure, .. next.Departures.Where(known => known.Tenant != before.Tenant).Take(ControlState.MaxDepartures - 1)] };
    }

    /// <summary>Begins to record for a tenant, with what was good for it before.</summary>
    private async Task EnterAsync(Assignment assignment)
    {
        await _parts.Commands.StopAsync();
        _artifacts = new ArtifactStore(_parts.Disk, assignment.Tenant, _parts.Logger);
        var (configuration, sources) = CompileGood();
        Adopt(assignment.Tenant, configuration);
        try
        {
            await _capture.AssignAsync(assignment, sources);
        }
        catch (Exception e) when (e is IOException or NumbersUnknownException)
        {
            // Nothing is recorded under a wrong number. It still answers to assignments, and the next has numbers of its own.
            await _capture.AssignAsync(null, []);
            ControlLog.CannotRecord(_parts.Logger, assignment.Tenant, assignment.Epoch, e.Message);
        }
        if (_capture.Recorder is { } recorder) _parts.Commands.Serve(assignment, recorder, Policy);
    }

    /// <summary>Nothing more of this tenant is captured: what is left of it is destroyed, or delivered for a while.</summary>
    private void Leave(TenantId tenant, Handover handover)
    {
        _artifacts?.Keep([]);
        _artifacts = null;
        _missing = [];
        _configuration = Configuration with { Sources = [] };
        if (handover == Handover.Purge) _parts.Outbox.Purge(tenant);
        ReportLeft(tenant);
    }

    private void LookAtDepartures()
    {
        if (_state.Departures.Count == 0) return;
        var clock = _parts.Clock.Read();
        var now = _parts.Time.GetUtcNow();
        List<Departure> remaining = [];
        foreach (var departure in _state.Departures)
        {
            bool isDone = !_parts.Outbox.Holds(departure.Tenant);
            if (isDone || departure.Until <= now && clock.Synchronized)
            {
                // Also of one who has nothing left: his key goes.
                _parts.Outbox.Expire(departure.Tenant, LedgerReason.HandOver);
                ControlLog.HandedOver(_parts.Logger, departure.Tenant, isDone ? "all of its records are delivered or accounted for" : "the time for delivering its records is over");
                continue;
            }
            remaining.Add(departure.Until is null && clock.Synchronized ? departure with { Until = now + departure.DeliverFor } : departure);
        }
        if (!remaining.SequenceEqual(_state.Departures)) Save(_state with { Departures = remaining });
    }

    private Task TakePlatformKeys(ReadOnlyMemory<byte> jws)
    {
        Save(_state with { Platform = PlatformKeys.Rotate(jws.Span) });
        ControlLog.KeysRotated(_parts.Logger, "the platform", _state.Platform!.Version, string.Join(", ", _state.Platform.Keys.Select(key => key.Id)));
        return Task.CompletedTask;
    }

    private Task TakeTenantKeys(ReadOnlyMemory<byte> jws)
    {
        Save(_state with { Tenant = _state.Tenant!.Rotate(jws.Span) });
        _parts.Commands.SetPolicy(Policy);
        ControlLog.KeysRotated(_parts.Logger, $"tenant {Assignment!.Tenant}", _state.Tenant!.Version, string.Join(", ", _state.Tenant.Keys.Select(key => key.Id)));
        Event("agent/keys-rotated", json => json.WriteNumber("version"u8, _state.Tenant.Version));
        return Task.CompletedTask;
    }
}
