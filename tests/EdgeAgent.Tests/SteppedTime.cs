using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.Time.Testing;

namespace EdgeAgent.Tests;

/// <summary>A fake clock that knows what is being waited for, so that a test can step from wait to wait whatever threads do meanwhile.</summary>
internal class SteppedTime : FakeTimeProvider
{
    private readonly ConcurrentQueue<TimeSpan> _waits = new();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        if (dueTime > TimeSpan.Zero) _waits.Enqueue(dueTime);
        return timer;
    }

    /// <summary>Waits until somebody waits, lets that time pass, and returns it.</summary>
    public async Task<TimeSpan> StepAsync()
    {
        TimeSpan wait = default;
        await Eventually.TrueAsync(() => _waits.TryDequeue(out wait));
        Advance(wait);
        return wait;
    }

    /// <summary>Waits until somebody waits, without letting any time pass.</summary>
    public Task SettledAsync() => Eventually.TrueAsync(() => !_waits.IsEmpty);
}

/// <summary>Waits for what other threads are about to do.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    public static Task TrueAsync(Func<bool> condition, Action? meanwhile = null) => TrueAsync(() => Task.FromResult(condition()), meanwhile);

    public static async Task TrueAsync(Func<Task<bool>> condition, Action? meanwhile = null)
    {
        var begun = Stopwatch.StartNew();
        while (!await condition())
        {
            Assert.True(begun.Elapsed < Patience, "the condition did not come true");
            meanwhile?.Invoke();
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System);
        }
    }
}
