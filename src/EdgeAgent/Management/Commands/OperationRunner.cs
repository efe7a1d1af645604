using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeAgent.Capture;
using EdgeAgent.Outbox;
using EdgeAgent.Tenancy;
using EdgeAgent.Tenancy.Access;
using EdgeAgent.Tenancy.Documents;
using Microsoft.Extensions.Logging;

namespace EdgeAgent.Management.Commands;

/// <summary>
/// Does what principals ask for, if the policy permits it, within a time limit, and leaves an audit entry for each that is executed and
/// each that is refused: in the journal, and in the tenant's own stream. Any thread; of each operation one at a time.
/// </summary>
/// <param name="operations">What this device can do.</param>
/// <param name="policy">Who may do what.</param>
/// <param name="records">The tenant's stream; null while the device belongs to nobody.</param>
/// <param name="workers">Where operations run, which may take long.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">The journal.</param>
internal sealed class OperationRunner(IEnumerable<IOperation> operations, AccessPolicy policy, IRecordSink? records, IWorkers workers, TimeProvider time, ILogger logger)
{
    public static readonly TimeSpan DefaultLimit = TimeSpan.FromSeconds(60);

    /// <summary>Codes of refusals.</summary>
    public const string UnknownOperation = "unknown-operation", NotPermitted = "not-permitted", NotAvailable = "not-available";

    /// <summary>The code of what was done and cannot be told.</summary>
    public const string TooLarge = "too-large";

    /// <summary>The largest result: with what is around it, it has to fit into one record.</summary>
    public const int MaxResultBytes = BatchBuilder.MaxBytes - 2048;

    /// <summary>The largest result for a local user, who needs no record.</summary>
    public const int MaxLocalResultBytes = 16 * 1024 * 1024;

    private static readonly Channel Audit = Channel.Event("agent/audit");

    private readonly Dictionary<Operation, Slot> _slots = operations.ToDictionary(operation => operation.Name, operation => new Slot(operation));
    private readonly RepeatedLooks _looks = new(time);
    private volatile AccessPolicy _policy = policy;

    /// <summary>Counts from the next decision on.</summary>
    public AccessPolicy Policy
    {
        get => _policy;
        set => _policy = value;
    }

    /// <summary>For a user of the device.</summary>
    /// <param name="principal">Who, as the kernel says.</param>
    /// <param name="operation">Its name.</param>
    /// <param name="arguments">An object; strict JSON.</param>
    /// <param name="stop">He does not wait any longer, or the agent stops.</param>
    public async Task<OperationOutcome> ExecuteLocalAsync(Principal principal, string operation, JsonElement arguments, CancellationToken stop)
    {
        if (Refuse(principal, operation, command: null) is { } refused) return refused;
        var outcome = await ExecuteAsync(principal, operation, arguments, command: null, stop);
        Answered(operation, outcome);
        return outcome;
    }

    /// <summary>For a user of the device who looks on: decided and audited as one execution of the operation.</summary>
    /// <param name="principal">Who, as the kernel says.</param>
    /// <param name="operation">What he may do who may see this.</param>
    /// <param name="watch">Shows it until it is told to stop; returns as well when the first argument says that he may no longer see it.</param>
    /// <param name="stop">He has gone, or the agent stops.</param>
    /// <returns>When it is over, or the refusal.</returns>
    public async Task<OperationOutcome> WatchLocalAsync(Principal principal, Operation operation, Func<Func<bool>, CancellationToken, Task> watch, CancellationToken stop)
    {
        if (Refuse(principal, operation.Name, command: null) is { } refused) return refused;
        AuditExecution(principal, operation, command: null);
        try
        {
            await watch(() => _policy.Decide(principal, operation).IsPermitted, stop);
            return OperationOutcome.Done([]);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return OperationOutcome.Interrupted("the agent stopped, or belongs to somebody else");
        }
    }

    /// <summary>Null if this may be done here by this principal now; otherwise the refusal, which has been audited.</summary>
    public OperationOutcome? Refuse(Principal principal, string name, string? command)
    {
        if (!Operation.TryParse(name, out var operation)) return Refused(principal, name, role: null, UnknownOperation, $"{Quoted.Of(name)} is no operation; expected one of: {string.Join(", ", Operation.All)}", command);
        var decision = _policy.Decide(principal, operation);
        if (!decision.IsPermitted) return Refused(principal, name, decision.Role, NotPermitted, decision.Reason, command);
        return _slots.ContainsKey(operation) ? null : Refused(principal, name, decision.Role, NotAvailable, $"{operation} is for a device that belongs to a tenant", command);
    }

    /// <summary>Audits and does what <see cref="Refuse"/> has let pass.</summary>
    public async Task<OperationOutcome> ExecuteAsync(Principal principal, string name, JsonElement arguments, string? command, CancellationToken stop)
    {
        _ = Operation.TryParse(name, out var operation);
        var slot = _slots[operation];
        AuditExecution(principal, operation, command);
        using var limit = new CancellationTokenSource(slot.Operation.Limit, time);
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stop);
        var end = ends.Token;
        try
        {
            await slot.Gate.WaitAsync(end);
            // On a thread that may block, and left alone if it does not heed its time.
            var result = await RunAsync(slot, arguments, end).WaitAsync(end);
            int bytes = Encoding.UTF8.GetByteCount(result.ToJsonString());
            int most = command is null ? MaxLocalResultBytes : MaxResultBytes;
            return bytes <= most ? OperationOutcome.Done(result) : OperationOutcome.Failed(TooLarge, $"a result of {bytes} bytes; at most {most} can be told");
        }
        catch (OperationException e)
        {
            return OperationOutcome.Failed(e.Code, e.Message);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return OperationOutcome.Interrupted("the agent stopped meanwhile");
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            return OperationOutcome.Failed("timeout", $"not done within {slot.Operation.Limit.TotalSeconds} seconds");
        }
        catch (Exception e)
        {
            CommandsLog.OperationBroke(logger, name, e);
            return OperationOutcome.Failed("internal", Quoted.Line(e.Message));
        }
    }

    /// <summary>To be called when the outcome is stored.</summary>
    public void Answered(string name, OperationOutcome outcome)
    {
        if (outcome.Status == OperationStatus.Done && Operation.TryParse(name, out var operation)) _slots[operation].Operation.Answered();
    }

    /// <summary>Audits a refusal.</summary>
    public OperationOutcome Refused(Principal? principal, string operation, Role? role, string code, string message, string? command)
    {
        WriteAudit(principal, operation, role, message, command);
        return OperationOutcome.Refused(code, message);
    }

    /// <summary>An entry for what is executed, or with a reason for what is refused.</summary>
    public void WriteAudit(Principal? principal, string operation, Role? role, string? reason, string? command)
    {
        string who = principal?.ToString() ?? "unknown", what = role is { } known ? Roles.Name(known) : "none";
        if (reason is null) CommandsLog.Executed(logger, operation, who, what, command ?? "-");
        else CommandsLog.Refused(logger, operation, who, what, reason, command ?? "-");
        if (records is null) return;
        var entry = new JsonObject { ["operation"] = Quoted.Line(operation), ["principal"] = who, ["role"] = what, ["decision"] = reason is null ? "executed" : "refused" };
        if (reason is not null) entry["reason"] = Quoted.Line(reason);
        if (command is not null) entry["command"] = command;
        records.Append(Audit, JsonMembers.Of(entry));
    }

    private void AuditExecution(Principal principal, Operation operation, string? command)
    {
        if (command is null && _slots[operation].Operation.IsLook && !_looks.IsNew(principal.ToString(), operation.Name)) return;
        WriteAudit(principal, operation.Name, _policy.Decide(principal, operation).Role, reason: null, command);
    }

    private async Task<JsonObject> RunAsync(Slot slot, JsonElement arguments, CancellationToken stop)
    {
        try
        {
            return await await workers.RunAsync(() =>
            {
                stop.ThrowIfCancellationRequested(); // its time may have passed while it waited for a thread
                return slot.Operation.RunAsync(new OperationArguments(arguments), stop);
            });
        }
        finally
        {
            slot.Gate.Release();
        }
    }

    private sealed record Slot(IOperation Operation)
    {
        public SemaphoreSlim Gate { get; } = new(1);
    }
}
