using System.Text.Json.Nodes;
using System.Threading.Channels;
using EdgeAgent.Outbox;
using EdgeAgent.Tenancy;
using EdgeAgent.Tenancy.Access;
using EdgeAgent.Tenancy.Documents;
using Microsoft.Extensions.Logging;
using Channel = EdgeAgent.Tenancy.Channel;

namespace EdgeAgent.Management.Commands;

/// <summary>
/// Takes the commands of one assignment: checks them, executes each at most once, one after the other, and records one answer for each,
/// across restarts and power cuts. One object an assignment.
/// </summary>
internal sealed class CommandExecutor
{
    /// <summary>The most commands that wait; another one is refused as <c>busy</c>.</summary>
    public const int QueueLength = 16;

    /// <summary>Of so many commands it is remembered that they came too early by the clock.</summary>
    private const int MaxEarly = 64;

    /// <summary>What a command asks for whose signature is not right is nobody's business.</summary>
    private const string Unknown = "unknown";

    private readonly Lock _gate = new();
    private readonly Assignment _assignment;
    private readonly OperationRunner _runner;
    private readonly CommandJournal _journal;
    private readonly IRecordSink _records;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly RefusalLimiter _refusals;
    private readonly Channel<CommandDocument> _queue = System.Threading.Channels.Channel.CreateBounded<CommandDocument>(QueueLength);
    private readonly HashSet<string> _early = [];
    private bool _stopped;

    private CommandExecutor(Assignment assignment, OperationRunner runner, CommandJournal journal, IRecordSink records, TimeProvider time, ILogger logger)
    {
        _assignment = assignment;
        _runner = runner;
        _journal = journal;
        _records = records;
        _time = time;
        _logger = logger;
        _refusals = new RefusalLimiter(time);
    }

    /// <summary>Reads which commands were dealt with, and answers those that the end of the last run has cut off.</summary>
    /// <param name="assignment">Whose the device is.</param>
    /// <param name="runner">Does what is permitted. Its policy says whose commands are looked at.</param>
    /// <param name="disk">Where the journal of commands is.</param>
    /// <param name="records">Where answers go.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">The journal of the system.</param>
    /// <exception cref="IOException">The disk cannot be read.</exception>
    public static CommandExecutor Open(Assignment assignment, OperationRunner runner, IDisk disk, IRecordSink records, TimeProvider time, ILogger logger)
    {
        var executor = new CommandExecutor(assignment, runner, CommandJournal.Load(disk, assignment.Tenant, time.GetUtcNow(), logger), records, time, logger);
        foreach (var entry in executor._journal.Open)
        {
            executor.Record(entry.Id, entry.Answer ?? Message(entry.Id, entry.Operation, OperationOutcome.Interrupted("the agent ended before it was answered; it may have been done, in part or not at all")));
        }
        return executor;
    }

    /// <summary>
    /// Takes a message of a command topic. When it returns, the command is noted on the disk (or refused, or known already), so that the broker
    /// may forget it. What no trusted key has signed for this device and this id is not answered: anybody can send it, as often as he likes. Any thread.
    /// </summary>
    /// <param name="id">The last level of the topic.</param>
    /// <param name="document">What arrived; nothing about it is known yet. Empty is what a broker sends of a topic that was cleared.</param>
    public void Submit(string id, ReadOnlySpan<byte> document)
    {
        if (document.IsEmpty) return;
        if (!Identifier.IsValid(id))
        {
            PassOver(command: null, $"a command under the topic of {Quoted.Of(id)}, which is no id");
            return;
        }
        lock (_gate)
        {
            if (_journal.Knows(id))
            {
                CommandsLog.Duplicate(_logger, id);
                return;
            }
            CommandDocument command;
            try
            {
                command = CommandDocument.Open(document, _runner.Policy.CommandKeys, _assignment.Tenant, _assignment.Device, id);
            }
            catch (DocumentException e)
            {
                // Nobody knows who sent it, so it takes no room in the journal either.
                PassOver(id, $"{e.CodeName}: {e.Message}");
                return;
            }
            Accept(command);
        }
    }

    /// <summary>Executes what was taken, until it is told to stop; what waits then is answered as interrupted.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        try
        {
            // ReadAllAsync would go on where it was woken.
            while (await _queue.Reader.WaitToReadAsync(stop))
            {
                stop.ThrowIfCancellationRequested();
                if (_queue.Reader.TryRead(out var command)) await ExecuteAsync(command, stop);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
        }
        lock (_gate)
        {
            _stopped = true;
            while (_queue.Reader.TryRead(out var command)) Complete(command, OperationOutcome.Interrupted("the agent stopped before it was begun"));
        }
    }

    private void Accept(CommandDocument command)
    {
        var principal = new Principal.Signer(command.Signer);
        var now = _time.GetUtcNow();
        if (IsEarly(command, now))
        {
            // The clock may not be set yet, so the id stays free, and the command may come again. Until it can be executed one answer is enough.
            if (_early.Count == MaxEarly) _early.Clear();
            if (_early.Add(command.Id)) Append(command.Id, Message(command.Id, command.Operation, Untimely(command, principal, now)!));
            return;
        }
        _early.Remove(command.Id);
        bool isFull = _stopped || _queue.Reader.Count >= QueueLength;
        var outcome = Untimely(command, principal, now)
            ?? (_journal.MayBeForgotten(command) ? Refuse("unaccountable", "it may have been executed before; sign it anew with another id") : null)
            ?? _runner.Refuse(principal, command.Operation, command.Id);
        if (outcome is not null)
        {
            var refusal = Told(command.Id, Message(command.Id, command.Operation, outcome));
            Record(command.Id, refusal, () => _journal.Refuse(command, refusal, now));
            return;
        }
        try
        {
            // What could not be begun now may be sent again, so it is not noted.
            if (isFull) Append(command.Id, Message(command.Id, command.Operation, Refuse("busy", $"{QueueLength} commands wait already; send it again later")));
            else if (_journal.TryBegin(command, now)) _queue.Writer.TryWrite(command);
            else Append(command.Id, Message(command.Id, command.Operation, Refuse("busy", $"{CommandJournal.Share} commands of one key, or {CommandJournal.Capacity} of all, have not expired yet; send it again later")));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            CommandsLog.CannotNote(_logger, command.Id, e.Message);
            Append(command.Id, Message(command.Id, command.Operation, Refuse("storage", "the device's disk cannot be written, and a command must be noted before it is executed")));
        }

        OperationOutcome Refuse(string code, string message) => _runner.Refused(principal, command.Operation, null, code, message, command.Id);
    }

    /// <summary>An audit entry now and then for what is not answered.</summary>
    private void PassOver(string? command, string reason)
    {
        if (!_refusals.ShouldSay(out long suppressed)) return;
        _runner.WriteAudit(principal: null, Unknown, role: null, suppressed == 0 ? reason : $"{reason}; before it {suppressed} more were passed over", command);
    }

    private async Task ExecuteAsync(CommandDocument command, CancellationToken stop)
    {
        var principal = new Principal.Signer(command.Signer);
        // It has waited: its time may be over, and its signer may have lost a role or his key.
        var outcome = Untimely(command, principal, _time.GetUtcNow()) ?? _runner.Refuse(principal, command.Operation, command.Id)
            ?? await _runner.ExecuteAsync(principal, command.Operation, command.Arguments, command.Id, stop);
        lock (_gate) Complete(command, outcome);
        _runner.Answered(command.Operation, outcome);
    }

    private static bool IsEarly(CommandDocument command, DateTimeOffset now) => now + CommandDocument.ClockTolerance < command.Issued;

    private OperationOutcome? Untimely(CommandDocument command, Principal principal, DateTimeOffset now)
    {
        try
        {
            command.CheckTime(now);
            return null;
        }
        catch (DocumentException e)
        {
            var refused = _runner.Refused(principal, command.Operation, null, e.CodeName, e.Message, command.Id);
            return e.Code == Refusal.Expired ? OperationOutcome.Expired(e.Message) : refused;
        }
    }

    private void Complete(CommandDocument command, OperationOutcome outcome) => Record(command.Id, Message(command.Id, command.Operation, outcome));

    private void Record(string id, JsonObject answer)
    {
        var told = Told(id, answer);
        Record(id, told, () => _journal.Answer(id, told));
    }

    /// <summary>First into the journal, from which a power cut cannot take it; then into the outbox; then out of the journal.</summary>
    private void Record(string id, JsonObject answer, Action note)
    {
        Note(id, note);
        Append(id, answer);
        Note(id, () => _journal.Forget(id));
    }

    /// <summary>What cannot be recorded must not get into the journal either, from which it would be recorded at each start.</summary>
    private JsonObject Told(string id, JsonObject answer)
    {
        if (JsonMembers.Of(answer).Length is not (> BatchBuilder.MaxBytes and var bytes)) return answer;
        CommandsLog.AnswerTooLarge(_logger, id, bytes);
        return Message(id, Quoted.Line(answer["operation"]!.ToString()), OperationOutcome.Failed(OperationRunner.TooLarge, $"an answer of {bytes} bytes; at most {BatchBuilder.MaxBytes} can be told"));
    }

    private void Note(string id, Action note)
    {
        try
        {
            note();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            CommandsLog.CannotNote(_logger, id, e.Message);
        }
    }

    private void Append(string id, JsonObject answer) => _records.Append(Channel.Response(id), JsonMembers.Of(answer));

    private static JsonObject Message(string id, string operation, OperationOutcome outcome)
    {
        var message = new JsonObject { ["command"] = id, ["operation"] = operation };
        outcome.WriteTo(message);
        return message;
    }
}
