namespace EdgeAgent.Tests;

/// <summary>
/// A thread on which everything happens in order: the test's own. What awaits comes back here, when the test says <see cref="Run"/>. Whoever
/// hands something in from another thread breaks that order, and the test with it.
/// </summary>
internal sealed class SingleThread : SynchronizationContext, IDisposable
{
    private readonly Queue<(SendOrPostCallback Callback, object? State)> _work = new();
    private readonly SynchronizationContext? _before = Current;
    private readonly int _thread = Environment.CurrentManagedThreadId;
    private bool _wasLeft;

    public SingleThread() => SetSynchronizationContext(this);

    public override void Post(SendOrPostCallback d, object? state)
    {
        if (Environment.CurrentManagedThreadId != _thread) _wasLeft = true;
        lock (_work) _work.Enqueue((d, state));
    }

    public override void Send(SendOrPostCallback d, object? state) => throw new NotSupportedException();

    public override SynchronizationContext CreateCopy() => this;

    /// <summary>Until nothing is left to do without time passing.</summary>
    public void Run()
    {
        AssertHere();
        while (true)
        {
            (SendOrPostCallback Callback, object? State) next;
            lock (_work)
            {
                if (!_work.TryDequeue(out next)) break;
            }
            next.Callback(next.State);
        }
        Assert.False(_wasLeft, "something came back from another thread");
    }

    public void AssertHere()
    {
        Assert.Equal(_thread, Environment.CurrentManagedThreadId);
        Assert.Same(this, Current);
    }

    public void Dispose() => SetSynchronizationContext(_before);
}
