using System.Text;
using System.Text.Json;
using EdgeAgent.Outbox;
using EdgeAgent.Tenancy;

namespace EdgeAgent.Simulation.Tests.Agents;

/// <summary>What the device says of commands: each is executed once at most and answered, always in the same way; nothing forged is executed.</summary>
internal sealed class CommandRecords(SimulatedCloud cloud)
{
    /// <summary>False once the device's clock was wrong: then it cannot tell what has expired.</summary>
    public bool ClockWasRight { get; set; } = true;

    /// <summary>False once the device's disk did not let it note something: then it may refuse a command again, and for another reason.</summary>
    public bool DiskWasWell { get; set; } = true;

    private const string Response = "responses/", Audit = "events/agent/audit";

    /// <summary>After these the command may be sent again, for nothing was noted of it. They may also arrive after the final answer: what is new goes before what waits.</summary>
    private static readonly string[] Provisional = ["busy", "storage", "clock"];

    private readonly Dictionary<string, string> _answers = [];
    private readonly HashSet<string> _answered = [];
    private readonly HashSet<string> _refused = [];
    private readonly HashSet<string> _executed = [];
    private readonly HashSet<string> _unknown = [];
    private readonly Dictionary<string, TenantId> _taken = [];

    public int Executed => _executed.Count;

    public int Answered => _answers.Count;

    /// <summary>The device has acknowledged a command of the tenant that it belongs to.</summary>
    public void NoteTaken(string id, TenantId tenant)
    {
        if (cloud.Commands.TryGetValue(id, out var command) && command.Tenant == tenant) _taken.TryAdd(id, tenant);
    }

    public void Take(StreamName stream, string path, ReadOnlyMemory<byte> message)
    {
        if (path == Audit) TakeAudit(stream, message);
        else if (path.StartsWith(Response, StringComparison.Ordinal)) TakeAnswer(stream, path[Response.Length..], message);
    }

    /// <summary>In the end every command is answered that a trusted key has signed, unless its answer was given up together with other messages.</summary>
    public void CheckAllAnswered(IReadOnlyDictionary<StreamName, LedgerEntry> ledgers)
    {
        foreach (var (id, tenant) in _taken)
        {
            if (_answered.Contains(id) || _unknown.Contains(id)) continue;
            bool isExcused = ledgers.Any(ledger => ledger.Key.Tenant == tenant && ledger.Key.Stream == RecordStream.Messages && ledger.Value.Ranges.Any(IsGivenUp));
            Promise.That(isExcused, $"command {cloud.Commands[id]} was acknowledged and never answered");
        }
    }

    private static bool IsGivenUp(LedgerRange range) => range.Outcome is LedgerOutcome.Evicted or LedgerOutcome.Purged || range.Reason is LedgerReason.Purge or LedgerReason.HandOver;

    private void TakeAudit(StreamName stream, ReadOnlyMemory<byte> message)
    {
        using var json = JsonDocument.Parse(message);
        // Whom the device does not know it does not answer.
        if (json.RootElement.GetProperty("operation").GetString() == "unknown" && json.RootElement.TryGetProperty("command", out var refused)) _unknown.Add(refused.GetString()!);
        if (json.RootElement.GetProperty("decision").GetString() != "executed" || !json.RootElement.TryGetProperty("command", out var command)) return;
        string id = command.GetString()!;
        Promise.That(cloud.Commands.TryGetValue(id, out var issued) && issued.Tenant == stream.Tenant && !(issued.IsExpired && ClockWasRight), $"{stream}: command {id} was executed: {issued}");
        Promise.That(_executed.Add(id), $"{stream}: command {id} was executed again");
    }

    private void TakeAnswer(StreamName stream, string id, ReadOnlyMemory<byte> message)
    {
        using var json = JsonDocument.Parse(message);
        string status = json.RootElement.GetProperty("status").GetString()!;
        string? code = json.RootElement.TryGetProperty("error", out var error) ? error.GetProperty("code").GetString() : null;
        bool isUnverified = json.RootElement.GetProperty("operation").GetString() == "unknown";
        string text = Encoding.UTF8.GetString(message.Span);
        if (isUnverified)
        {
            Promise.That(status == "refused", $"{stream}: command {id}, of which nothing is known, is answered: {text}");
            _answered.Add(id);
            return;
        }
        Promise.That(cloud.Commands.TryGetValue(id, out var command), $"{stream}: command {id}, which nobody gave, is answered: {text}");
        Promise.That(command.Tenant == stream.Tenant, $"{stream}: command {command} is answered to another tenant: {text}");
        Promise.That(!(command.IsExpired && ClockWasRight) || status is "expired" or "refused" or "interrupted", $"{stream}: command {command} is answered: {text}");
        Promise.That(command.Operation != "no.such" || status is "refused" or "expired" or "interrupted", $"{stream}: command {command} is answered: {text}");
        _answered.Add(id);
        if (Provisional.Contains(code)) return;
        string content = text[text.IndexOf("\"command\"", StringComparison.Ordinal)..];
        bool isRefusal = status is "refused" or "expired";
        if (_answers.TryAdd(id, content))
        {
            if (isRefusal) _refused.Add(id);
            return;
        }
        bool isRefusedAnew = !DiskWasWell && isRefusal && _refused.Contains(id);
        Promise.That(isRefusedAnew || _answers[id] == content, $"{stream}: command {id} is answered with {content} after {_answers[id]}");
    }
}
