using System.Text.Json;
using EdgeAgent.Capture;
using EdgeAgent.Outbox;
using EdgeAgent.Tenancy;
using EdgeAgent.Tenancy.Access;
using Microsoft.Extensions.Logging;

namespace EdgeAgent.Management.Commands;

/// <summary>
/// Has an executor for the commands of the assignment of the moment, and a runner for what local users ask, who are served while the device
/// belongs to nobody, too. Changed by the controller alone.
/// </summary>
/// <param name="operations">What this device can do, recording into the given sink; without one, what needs none.</param>
/// <param name="disk">Where journals of commands are.</param>
/// <param name="workers">Where commands are executed.</param>
/// <param name="own">Owns the executor's loop.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">The journal.</param>
internal sealed class CommandService(
    Func<IRecordSink?, IReadOnlyList<IOperation>> operations, IDisk disk, IWorkers workers, Func<string, Task, Task> own, TimeProvider time, ILogger logger) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly HashSet<Task> _local = [];
    private CancellationTokenSource _stop = new();
    private OperationRunner? _runner;
    private CommandExecutor? _executor;
    private Task _running = Task.CompletedTask;

    /// <summary>Takes commands for this assignment from now on. What the last run left unanswered is answered.</summary>
    /// <exception cref="IOException">The journal of commands cannot be read.</exception>
    public void Serve(Assignment assignment, IRecordSink records, AccessPolicy policy)
    {
        var runner = new OperationRunner(operations(records), policy, records, workers, time, logger);
        var executor = _executor = CommandExecutor.Open(assignment, runner, disk, records, time, logger);
        var stop = Begin(runner);
        _running = own("commands", workers.StartLoop(() => executor.RunAsync(stop)));
    }

    /// <summary>Serves local users alone from now on, as <see cref="AccessPolicy.Unassigned"/> has it.</summary>
    public void ServeNobody() => Begin(new OperationRunner(operations(null), AccessPolicy.Unassigned, records: null, workers, time, logger));

    /// <summary>Who may do what from now on.</summary>
    public void SetPolicy(AccessPolicy policy)
    {
        if (_runner is not null) _runner.Policy = policy;
    }

    /// <summary>See <see cref="CommandExecutor.Submit"/>. Without an assignment nobody may command anything.</summary>
    public void Submit(string id, ReadOnlySpan<byte> document) => _executor?.Submit(id, document);

    /// <summary>
    /// For a user of the device; see <see cref="OperationRunner.ExecuteLocalAsync"/>. Any thread. What is begun for one tenant ends with its
    /// assignment, and between two nobody may do anything.
    /// </summary>
    public Task<OperationOutcome> ExecuteLocalAsync(Principal principal, string operation, JsonElement arguments, CancellationToken stop) =>
        BeginLocal((runner, end) => runner.ExecuteLocalAsync(principal, operation, arguments, end), stop);

    /// <summary>For a user of the device who looks on; see <see cref="OperationRunner.WatchLocalAsync"/>. Any thread. Ends with the assignment, too.</summary>
    public Task<OperationOutcome> WatchLocalAsync(Principal principal, Operation operation, Func<Func<bool>, CancellationToken, Task> watch, CancellationToken stop) =>
        BeginLocal((runner, end) => runner.WatchLocalAsync(principal, operation, watch, end), stop);

    /// <summary>Takes no more; what waits is answered as interrupted. Returns when the last answer is recorded.</summary>
    public async Task StopAsync()
    {
        Task[] local;
        lock (_gate)
        {
            _runner = null;
            _stop.Cancel();
            local = [.. _local];
            _local.Clear();
        }
        await _running;
        await Task.WhenAll(local);
        _executor = null;
    }

    public void Dispose() => _stop.Dispose();

    private CancellationToken Begin(OperationRunner runner)
    {
        lock (_gate)
        {
            _stop.Dispose();
            _stop = new CancellationTokenSource();
            _runner = runner;
            return _stop.Token;
        }
    }

    private Task<OperationOutcome> BeginLocal(Func<OperationRunner, CancellationToken, Task<OperationOutcome>> begin, CancellationToken gone)
    {
        lock (_gate)
        {
            if (_runner is not { } runner) return Task.FromResult(OperationOutcome.Interrupted("the agent starts, stops or changes hands; try again"));
            var task = BeginAsync(runner, begin, gone, _stop.Token);
            _local.RemoveWhere(done => done.IsCompleted);
            _local.Add(task);
            return task;
        }
    }

    private static async Task<OperationOutcome> BeginAsync(
        OperationRunner runner, Func<OperationRunner, CancellationToken, Task<OperationOutcome>> begin, CancellationToken gone, CancellationToken end)
    {
        // Nothing of an operation runs under the gate.
        await Task.Yield();
        using var either = CancellationTokenSource.CreateLinkedTokenSource(gone, end);
        return await begin(runner, either.Token);
    }
}
