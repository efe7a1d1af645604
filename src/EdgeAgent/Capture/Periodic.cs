namespace EdgeAgent.Capture;

/// <summary>The shape of every loop that looks at something now and then.</summary>
internal static class Periodic
{
    /// <summary>Takes a step each interval until it is told to stop, which is no error; what a step throws ends the loop.</summary>
    public static Task RunAsync(TimeSpan interval, TimeProvider time, Action step, CancellationToken stop) =>
        RunAsync(
            interval, time,
            () =>
            {
                step();
                return Task.CompletedTask;
            },
            stop);

    /// <inheritdoc cref="RunAsync(TimeSpan, TimeProvider, Action, CancellationToken)"/>
    public static async Task RunAsync(TimeSpan interval, TimeProvider time, Func<Task> step, CancellationToken stop)
    {
        using var timer = new PeriodicTimer(interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stop)) await step();
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
        }
    }
}
