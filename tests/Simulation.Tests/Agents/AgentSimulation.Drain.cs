using System.Text.Json;
using EdgeAgent.Outbox;
using EdgeAgent.Tenancy;

namespace EdgeAgent.Simulation.Tests.Agents;

/// <summary>In the end everything is well again: then all that was promised has to be kept within limits of time.</summary>
internal sealed partial class AgentSimulation
{
    private static readonly TimeSpan DrainStep = TimeSpan.FromMilliseconds(800);

    /// <summary>Longest waits of the publisher, the subscriptions and the outbox together.</summary>
    private static readonly TimeSpan ConvergeWithin = TimeSpan.FromSeconds(400);

    public void DrainAndCheck()
    {
        Heal();
        Converge("the device starts", () => _life.Starting.IsCompleted);
        Promise.That(_life.Starting.IsCompletedSuccessfully, $"the agent does not start: {_life.Starting.Exception}");
        Converge("the device belongs to whom it was assigned", () => _life.Agent.Status.Assignment?.Tenant == _cloud.Assigned?.Id);
        if (_cloud.Assigned is { } tenant) ConfigureAndCheck(tenant);
        _framesPerSecond = 0;
        Converge("everything is delivered", () => IsDelivered());
        CheckLedgers();
        _assignments.CheckOrder();
        _commands.CheckAllAnswered(_safe.Ledger);
        Stop();
        NoteTotals();
    }

    private void Heal()
    {
        Trace.Add($"{_agenda.Now} everything is well again");
        Disk.IsFull = false;
        Disk.ReadErrors = 0;
        Disk.CutPowerAfter(int.MaxValue);
        _broker.IsAway = false;
        _broker.Latency = TimeSpan.FromMilliseconds(20);
        _broker.LosesAcknowledgements = _broker.Duplicates = _broker.RefusesSubscriptions = 0;
        _broker.Refused.Clear();
        for (int bus = 0; bus < SimulatedBus.Names.Length; bus++)
        {
            if (!_bus.IsThere(bus)) _bus.SetThere(bus, true);
        }
        _framesPerSecond = 20;
        JumpClock(TimeSpan.Zero);
        _cloud.RepeatForgotten();
    }

    /// <summary>The tenant corrects whatever it did wrong, and then sees the device capture.</summary>
    private void ConfigureAndCheck(TenantAccount tenant)
    {
        if (tenant.Wide is not null) Converge("the last configuration is dealt with", () => IsDealtWith(tenant));
        _cloud.Configure(tenant, isOverlay: true, LayerKind.Good);
        _cloud.Configure(tenant, isOverlay: false, LayerKind.Good);
        Converge("the last configuration is in force", () => IsApplied(tenant));
        long before = _records.Samples;
        Converge("samples arrive", () => _records.Samples > before);
    }

    private bool IsApplied(TenantAccount tenant) => StatusOf(tenant) is ("applied", var wide, var overlay) && wide == tenant.Wide!.Version && overlay == tenant.Overlay!.Version;

    /// <summary>It is in force, or is not for a reason. (Also a good one may be rolled back, as after a crash in its trial.)</summary>
    private bool IsDealtWith(TenantAccount tenant) =>
        StatusOf(tenant) is (var status, var wide, var overlay)
        && (status is "rolled-back" || status == (SimulatedCloud.KindOf(tenant.Wide, tenant.Overlay) switch { LayerKind.Good => "applied", LayerKind.Mistaken => "refused", _ => "rolled-back" }))
        && wide == tenant.Wide!.Version && overlay == (tenant.Overlay?.Version ?? 0);

    /// <summary>What the last report says of the newest configuration.</summary>
    private (string Status, long Wide, long Overlay)? StatusOf(TenantAccount tenant)
    {
        if (!_broker.Retained.TryGetValue(Topics.State(tenant.Id, _cloud.Device), out byte[]? report)) return null;
        using var state = JsonDocument.Parse(report);
        if (!state.RootElement.TryGetProperty("configuration", out var configuration)) return null;
        string status = configuration.GetProperty("status").GetString()!;
        var versions = status is "refused" or "rolled-back" ? configuration.GetProperty("refused") : configuration;
        return (status, Version(versions, "tenantVersion"), Version(versions, "deviceVersion"));
    }

    private static long Version(JsonElement json, string name) => json.TryGetProperty(name, out var version) ? version.GetInt64() : 0;

    private bool IsDelivered()
    {
        foreach (var tenant in _cloud.Tenants)
        {
            var entries = Outbox!.Ledgers(tenant.Id);
            if (entries.Count == 0) continue;
            if (entries.Any(entry => entry.Ranges.Any(range => range.Outcome == LedgerOutcome.Buffered))) return false;
            // The last word has to be at the broker too.
            if (!_broker.Retained.TryGetValue(Topics.Ledger(tenant.Id, _cloud.Device), out byte[]? report)) return false;
            using var json = JsonDocument.Parse(report);
            var reported = json.RootElement.GetProperty("streams").EnumerateArray().Select(stream => stream.GetProperty("next").GetInt64());
            if (!reported.SequenceEqual(entries.Select(entry => entry.Next))) return false;
            if (json.RootElement.GetProperty("streams").EnumerateArray().Any(stream => LedgerJson.ReadRanges(stream.GetProperty("ranges")).Any(range => range.Outcome == LedgerOutcome.Buffered))) return false;
        }
        return true;
    }

    private void CheckLedgers()
    {
        foreach (var (stream, entry) in _safe.Ledger)
        {
            long expected = 1;
            foreach (var range in entry.Ranges)
            {
                Promise.That(range.From == expected && range.To >= range.From, $"{stream}: the ledger goes on with {range.From} behind {expected - 1}");
                expected = range.To + 1;
                Check(stream, range);
                Totals.Count(range);
            }
            Promise.That(expected == entry.Next, $"{stream}: the ledger ends with {expected - 1} and the next number is {entry.Next}");
        }
        foreach (var stream in _records.Streams)
        {
            Promise.That(_safe.Ledger.TryGetValue(stream, out var entry), $"{stream}: records arrived and no ledger knows of any");
            long last = _records.Of(stream).Max();
            Promise.That(last < entry.Next, $"{stream}: {last} arrived and the ledger's next number is {entry.Next}");
        }
    }

    private void Check(StreamName stream, LedgerRange range)
    {
        switch (range.Outcome)
        {
            case LedgerOutcome.Delivered:
                for (long number = range.From; number <= range.To; number++)
                    Promise.That(_records.Has(stream, number), $"{stream}: {number} is said to be delivered and never arrived");
                return;
            case LedgerOutcome.Buffered:
                throw new ViolationException($"{stream}: {range.From}-{range.To} still waits");
        }
        Promise.That(range.Reason != LedgerReason.None, $"{stream}: {range.From}-{range.To} is {range.Outcome} without a reason");
        bool isMeant = range.Outcome is LedgerOutcome.Evicted or LedgerOutcome.Purged || range.Reason is LedgerReason.Purge or LedgerReason.HandOver;
        if (isMeant) return;
        foreach (long number in _safe.Among(stream, range.From, range.To))
            Promise.That(_records.Has(stream, number), $"{stream}: {number} was safe, is {range.Outcome} ({range.Reason}) and never arrived");
    }

    private void Converge(string what, Func<bool> isSo)
    {
        var began = _agenda.Now;
        while (!isSo())
        {
            Pass(DrainStep);
            if (_life.AsksToStop) throw new ViolationException("the agent gave up");
            Promise.That(_agenda.Now - began < ConvergeWithin, $"not within {ConvergeWithin.TotalSeconds} s: {what}");
        }
    }

    private void NoteTotals()
    {
        Totals.Seeds = 1;
        Totals.Purges = _assignments.Purges;
        Totals.Trials = _states.Trials;
        Totals.RolledBack = _states.RolledBack;
        Totals.Refused = _states.Refused;
        Totals.Commands = _cloud.Commands.Count;
        Totals.Executed = _commands.Executed;
        Totals.Answered = _commands.Answered;
        Totals.Forgeries = _cloud.Forgeries;
        Totals.Safe = _safe.Count;
        Totals.Frames = _bus.Frames.Count;
        Totals.Samples = _records.Samples;
        Totals.Repeated = _records.Repeated;
        (Totals.Turns, Totals.TurnsForPool) = (_thread.Done, _thread.DoneForPool);
        Totals.SimulatedSeconds = _agenda.Now.TotalSeconds;
    }
}
