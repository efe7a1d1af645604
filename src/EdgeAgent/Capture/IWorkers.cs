namespace EdgeAgent.Capture;

/// <summary>
/// Where work runs that would hold up its caller. The agent has threads for it; the simulation takes every step itself, so that one seed
/// decides the order of everything.
/// </summary>
internal interface IWorkers
{
    /// <summary>Starts a loop that waits for events and time.</summary>
    Task StartLoop(Func<Task> loop);

    /// <summary>Does something once that may take long, such as opening a file.</summary>
    Task<T> RunAsync<T>(Func<T> work);

    /// <summary>Takes steps that may wait for data, one after the other, until one returns an outcome.</summary>
    Task<T> StepAsync<T>(Func<T?> step) where T : struct;
}

/// <summary>The agent's own: loops and short work on the thread pool, reading on a thread a source.</summary>
internal sealed class ThreadWorkers : IWorkers
{
    public static readonly ThreadWorkers Instance = new();

    private ThreadWorkers()
    {
    }

    public Task StartLoop(Func<Task> loop) => Task.Run(loop);

    public Task<T> RunAsync<T>(Func<T> work) => Task.Run(work);

    public Task<T> StepAsync<T>(Func<T?> step) where T : struct =>
        Task.Factory.StartNew(
            () =>
            {
                while (true)
                {
                    if (step() is { } outcome) return outcome;
                }
            },
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
}
