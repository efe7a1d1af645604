using System.Reflection;
using System.Text.Json;
using EdgeAgent.Capture;
using EdgeAgent.Management;
using EdgeAgent.Outbox;
using EdgeAgent.Publishing;
using EdgeAgent.Tenancy;

namespace EdgeAgent.Simulation.Tests.Agents;

/// <summary>What has to hold all the time.</summary>
internal sealed partial class AgentSimulation
{
    /// <summary>Of the outbox, in bytes.</summary>
    private const long MemoryLimit = 100_000;

    /// <summary>One batch may exceed the limit, and what is most important may take a quarter more.</summary>
    private const long MostMemory = MemoryLimit + MemoryLimit / 4 + 2 * BatchBuilder.MaxBytes;

    /// <summary>After trouble with the disk the agent waits before it tries again, at most so long.</summary>
    private static readonly TimeSpan SafeAfterTrouble = TimeSpan.FromSeconds(90);

    private static readonly TimeSpan PurgedAfterTrouble = TimeSpan.FromSeconds(2);

    private readonly SafeRecords _safe = new();
    private readonly ReportedStates _states = new();
    private (TenantId Tenant, byte[] Key)? _keyOfLeaving;
    private readonly Dictionary<Pulse, (long Beats, TimeSpan At)> _pulses = [];
    private readonly List<(TenantId Tenant, byte[]? Key, long Epoch)> _purged = [];
    private TimeSpan _diskIsWellFrom;
    private int _failedReads;
    private bool _hadPowerCut;
    private long _ledgerVersion;

    /// <summary>The outbox of the running agent.</summary>
    private BatchOutbox? Outbox
    {
        get
        {
            object? parts = typeof(Agent).GetField("_parts", BindingFlags.NonPublic | BindingFlags.Instance)!.GetValue(_life.Agent);
            return parts?.GetType().GetProperty("Outbox")!.GetValue(parts) as BatchOutbox;
        }
    }

    /// <summary>A loop that is silent for longer than it says would have the watchdog end an agent that is well.</summary>
    private void CheckPulses()
    {
        foreach (var pulse in _life.Agent.Pulses)
        {
            if (!_pulses.TryGetValue(pulse, out var seen) || seen.Beats != pulse.Beats) _pulses[pulse] = (pulse.Beats, _life.Age);
            else Promise.That(_life.Age - seen.At <= pulse.LongestSilence, $"the {pulse.Name} loop was silent for {_life.Age - seen.At}");
        }
    }

    private void Observe()
    {
        var status = _life.Agent.Status;
        Promise.That(status.Outbox.MemoryBytes <= MostMemory, $"the outbox holds {status.Outbox.MemoryBytes} bytes in memory");
        CheckPulses();
        LookAtDisk();
        LookAtAssignment();
        CheckPurges();
        _safe.Pass(_agenda.Now);
        if (!status.BrokerIsConnected || _broker.IsSpoiled || Disk.IsFull) _states.Interrupt();
        _states.Pass(_agenda.Now);
        if (Outbox is not { } outbox || outbox.LedgerVersion == _ledgerVersion) return;
        _ledgerVersion = outbox.LedgerVersion;
        foreach (var tenant in _cloud.Tenants)
        {
            foreach (var entry in outbox.Ledgers(tenant.Id)) _safe.Note(entry, _agenda.Now);
        }
    }

    private void LookAtDisk()
    {
        if (!Disk.IsFull && Disk.ReadErrors == 0 && Disk.FailedReads == _failedReads) return;
        _failedReads = Disk.FailedReads;
        _diskIsWellFrom = _agenda.Now + PurgedAfterTrouble;
        NoteDiskTrouble();
    }

    private void NoteDiskTrouble()
    {
        _safe.Delay(_agenda.Now + SafeAfterTrouble);
        _commands.DiskWasWell = false;
    }

    private void NoteBroken()
    {
        _safe.Forget();
        _states.Interrupt();
        _ledgerVersion = -1;
    }

    private void NoteStopped()
    {
        var counts = _life.Agent.Status.Outbox;
        Observe();
        if (counts is { MemorySamples: 0, MemoryMessages: 0 }) _safe.NoteAll();
        NoteBroken();
    }

    private void Leave(Publication publication)
    {
        if (publication.Topic.EndsWith("/state", StringComparison.Ordinal))
        {
            using var state = JsonDocument.Parse(publication.Payload);
            _states.Check(state.RootElement, _cloud, _agenda.Now);
            return;
        }
        if (publication.Retain) return;
        var stamp = PayloadDecoder.Decode(publication.ContentType, publication.Payload).Stamp;
        _assignments.CheckLeaving(stamp.Tenant, stamp.Epoch.Value);
    }

    private void Arrive(Publication publication)
    {
        if (!publication.Retain) _records.Take(publication);
        else Promise.That(IsOwnReport(publication), $"a report under {publication.Topic} says {System.Text.Encoding.UTF8.GetString(publication.Payload.Span)}");
    }

    private bool IsOwnReport(Publication report)
    {
        if (report.Topic == Topics.Status(_cloud.Device)) return true;
        using var json = JsonDocument.Parse(report.Payload);
        string? tenant = json.RootElement.GetProperty("tenant").GetString();
        return json.RootElement.GetProperty("device").GetString() == _cloud.Device.ToString() && report.Topic.StartsWith($"tenants/{tenant}/devices/{_cloud.Device}/", StringComparison.Ordinal);
    }

    private void TakeMessage(StreamName stream, string path, ReadOnlyMemory<byte> message)
    {
        Totals.Messages++;
        _commands.Take(stream, path, message);
    }

    private void Offer(IncomingMessage message)
    {
        if (message.Topic != Topics.Assignment(_cloud.Device) || _cloud.AssignmentIn(message.Payload) is not { } issued) return;
        _assignments.Offer(issued.Epoch, _agenda.Now);
        NoteKey();
    }

    private void NoteKey()
    {
        if (_assignments.Tenant is { } tenant && Disk.TryPeek($"tenants/{tenant}/key") is { } key && key.Any(b => b != 0)) _keyOfLeaving = (tenant, key);
    }

    private void NoteDealtWith(IncomingMessage message)
    {
        if (message.Topic == Topics.Assignment(_cloud.Device) && _cloud.AssignmentIn(message.Payload) is { } issued) NoteAdopted(issued);
        if (message.Topic == Topics.PlatformKeys[..^1] + "1") _cloud.FirstRotationIsKnown = true;
        if (_life.Agent.Status.Assignment is { Tenant: var tenant } && Topics.Commands(tenant, _cloud.Device)[..^1] is var commands && message.Topic.StartsWith(commands, StringComparison.Ordinal))
            NoteTaken(message.Topic[commands.Length..], tenant);
    }

    /// <summary>What the disk cannot note has an answer in memory alone.</summary>
    private void NoteTaken(string id, TenantId tenant)
    {
        if (!_safe.IsDelayed(_agenda.Now)) _commands.NoteTaken(id, tenant);
    }

    /// <summary>What was adopted when the life before ended may show only now.</summary>
    private void NoteAdoptedAtStart()
    {
        if (!_life.Starting.IsCompletedSuccessfully || _life.Agent.Status.Assignment is not { } now) return;
        NoteAdopted(_cloud.Assignments[now.Epoch.Value]);
    }

    /// <summary>What could not be checked when it came is adopted later, when the key that it needs has come.</summary>
    private void LookAtAssignment()
    {
        var now = _life.Agent.Status.Assignment;
        if (now?.Tenant == _assignments.Tenant || !_life.Starting.IsCompletedSuccessfully) return;
        if (now is not null) NoteAdopted(_cloud.Assignments[now.Epoch.Value]);
        // Which of several it was does not show: at least what all of them say.
        else if (_cloud.Assignments.Values.Where(issued => issued.Epoch > _assignments.Epoch && issued.Tenant is null && _assignments.WasOffered(issued.Epoch)).MinBy(issued => issued.Handover) is { } nobody) NoteAdopted(nobody);
    }

    private void NoteAdopted(IssuedAssignment issued)
    {
        var now = _life.Agent.Status.Assignment;
        bool isInForce = issued.Tenant is null ? now is null : now?.Epoch.Value == issued.Epoch;
        if (issued.Epoch <= _assignments.Epoch || !isInForce) return;
        Totals.Assignments++;
        _states.Interrupt();
        if (_assignments.Adopt(issued, _agenda.Now) is not { } purged) return;
        Trace.Add($"{_agenda.Now} purged {purged}");
        _purged.Add((purged, _keyOfLeaving is { } left && left.Tenant == purged ? left.Key : null, issued.Epoch));
        _keyOfLeaving = null;
        CheckPurges();
    }

    /// <summary>Without the key nothing of a tenant can be read; and what it encrypted is gone too. While the disk fails that has to wait.</summary>
    private void CheckPurges()
    {
        if (_purged.Count == 0) return;
        LookAtDisk();
        if (_agenda.Now < _diskIsWellFrom) return;
        foreach (var (tenant, key, epoch) in _purged)
        {
            Promise.That(key is null || !Disk.Holds(key), $"the key of {tenant} is still on the disk after the purge");
            // After a power cut files may be there again whose removal was not synced; without the key they are of no use.
            Promise.That(_hadPowerCut || _assignments.HasComeBack(tenant, epoch) || !Disk.List().Any(path => path.StartsWith($"tenants/{tenant}/outbox/", StringComparison.Ordinal)), $"segments of {tenant} are still on the disk after the purge");
        }
        _purged.Clear();
        _hadPowerCut = false;
    }
}
