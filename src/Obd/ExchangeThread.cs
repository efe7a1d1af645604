using System.Collections.Concurrent;

namespace EdgeAgent.Obd;

/// <summary>
/// The thread of a link, where exchanges that wait in system calls are one after the other, with a gap between them. It begins with the first.
/// Thread-safe.
/// </summary>
/// <param name="name">The thread's.</param>
/// <param name="gap">The least time between the end of one exchange and the next.</param>
/// <param name="time">The system's clock.</param>
internal sealed class ExchangeThread(string name, TimeSpan gap, TimeProvider time) : IDisposable
{
    private readonly long _begun = time.GetTimestamp();
    private readonly SemaphoreSlim _turn = new(1);
    private readonly BlockingCollection<Task> _work = [];
    private readonly Lock _gate = new();
    private Thread? _thread;
    private TimeSpan _free;

    /// <summary>Since the link was made.</summary>
    public TimeSpan Now => time.GetElapsedTime(_begun);

    /// <summary>Waits for its turn and runs an exchange.</summary>
    public async Task<T> RunAsync<T>(Func<T> exchange, CancellationToken cancellation)
    {
        await _turn.WaitAsync(cancellation);
        try
        {
            var wait = _free - Now;
            if (wait > TimeSpan.Zero) await Task.Delay(wait, time, cancellation);
            var task = new Task<T>(exchange, TaskCreationOptions.RunContinuationsAsynchronously);
            Begin();
            _work.Add(task, CancellationToken.None);
            return await task;
        }
        finally
        {
            _free = Now + gap;
            _turn.Release();
        }
    }

    /// <summary>Ends the thread. No exchange may be under way.</summary>
    public void Dispose()
    {
        _work.CompleteAdding();
        _thread?.Join();
        _work.Dispose();
        _turn.Dispose();
    }

    private void Begin()
    {
        lock (_gate)
        {
            if (_thread is not null) return;
            _thread = new Thread(() =>
            {
                foreach (var task in _work.GetConsumingEnumerable()) task.RunSynchronously();
            })
            { IsBackground = true, Name = name };
            _thread.Start();
        }
    }
}
