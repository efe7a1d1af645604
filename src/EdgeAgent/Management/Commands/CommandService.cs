using EdgeAgent.Capture;
using EdgeAgent.Outbox;
using EdgeAgent.Tenancy;
using EdgeAgent.Tenancy.Access;
using Microsoft.Extensions.Logging;

namespace EdgeAgent.Management.Commands;

/// <summary>Has an executor for the assignment of the moment. Changed by the controller alone.</summary>
/// <param name="operations">What this device can do, recording into the given sink.</param>
/// <param name="disk">Where journals of commands are.</param>
/// <param name="workers">Where commands are executed.</param>
/// <param name="own">Owns the executor's loop.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">The journal.</param>
internal sealed class CommandService(
    Func<IRecordSink, IReadOnlyList<IOperation>> operations, IDisk disk, IWorkers workers, Func<string, Task, Task> own, TimeProvider time, ILogger logger) : IDisposable
{
    private CancellationTokenSource _stop = new();
    private CommandExecutor? _executor;
    private Task _running = Task.CompletedTask;

    /// <summary>Does what local users ask for; null while nobody's commands are taken.</summary>
    public OperationRunner? Runner { get; private set; }

    /// <summary>Takes commands for this assignment from now on. What the last run left unanswered is answered.</summary>
    /// <exception cref="IOException">The journal of commands cannot be read.</exception>
    public void Serve(Assignment assignment, IRecordSink records, AccessPolicy policy)
    {
        Runner = new OperationRunner(operations(records), policy, records, workers, time, logger);
        var executor = _executor = CommandExecutor.Open(assignment, Runner, disk, records, time, logger);
        _stop = new CancellationTokenSource();
        var stop = _stop.Token;
        _running = own("commands", workers.StartLoop(() => executor.RunAsync(stop)));
    }

    /// <summary>Who may do what from now on.</summary>
    public void SetPolicy(AccessPolicy policy)
    {
        if (Runner is not null) Runner.Policy = policy;
    }

    /// <summary>See <see cref="CommandExecutor.Submit"/>. Without an assignment nobody may command anything.</summary>
    public void Submit(string id, ReadOnlySpan<byte> document) => _executor?.Submit(id, document);

    /// <summary>Takes no more; what waits is answered as interrupted. Returns when the last answer is recorded.</summary>
    public async Task StopAsync()
    {
        _stop.Cancel();
        await _running;
        _executor = null;
        Runner = null;
    }

    public void Dispose() => _stop.Dispose();
}
