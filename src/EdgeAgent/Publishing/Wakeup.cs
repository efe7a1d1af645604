namespace EdgeAgent.Publishing;

/// <summary>
/// Wakes one loop that looks at many things, whichever of them has changed. Setting it is possible from any thread; the loop goes on where it
/// was, never within the call that woke it.
/// </summary>
internal sealed class Wakeup
{
    private TaskCompletionSource _signal = New();

    /// <summary>Completes with the next <see cref="Set"/>. To be asked for before looking, so that nothing is missed in between.</summary>
    public Task Next => Volatile.Read(ref _signal).Task;

    public void Set() => Interlocked.Exchange(ref _signal, New()).TrySetResult();

    /// <summary>Wakes the loop too when something completes. Not for a task that outlives many loops: nothing takes this back.</summary>
    public async Task SetAfterAsync(Task something)
    {
        await something;
        Set();
    }

    /// <summary>Waits for <see cref="Next"/>, at most for a while. (Of Task.WhenAny and Task.WaitAsync a part runs on other threads.)</summary>
    /// <param name="next">The task that was asked for.</param>
    /// <param name="limit">Null for no limit.</param>
    /// <param name="time">Whose while.</param>
    /// <param name="stop">Ends the waiting, which throws.</param>
    public async Task WaitAsync(Task next, TimeSpan? limit, TimeProvider time, CancellationToken stop)
    {
        using var stopping = stop.Register(static wakeup => ((Wakeup)wakeup!).Set(), this);
        using var timer = limit is { } wait ? time.CreateTimer(static wakeup => ((Wakeup)wakeup!).Set(), this, wait, Timeout.InfiniteTimeSpan) : null;
        await next;
        stop.ThrowIfCancellationRequested();
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
