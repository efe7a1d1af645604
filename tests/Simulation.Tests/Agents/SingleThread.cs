namespace EdgeAgent.Simulation.Tests.Agents;

/// <summary>
/// The one thread of a simulation: what awaits comes back here and runs when <see cref="Pump"/> says so, in order, together with what would
/// go to the thread pool. Whoever gets here from another thread breaks the order, and the simulation with it.
/// </summary>
internal sealed class SingleThread
{
    /// <summary>More pieces of work without time passing are a loop that does not end.</summary>
    private const int MostAtOnce = 1_000_000;

    private readonly Queue<(SendOrPostCallback Callback, object? State)> _work = new();
    private readonly OwnThreadPool _pool = OwnThreadPool.Current;
    private readonly int _thread = Environment.CurrentManagedThreadId;
    private Context _context;
    private volatile string? _stray;

    public SingleThread() => _context = new Context(this);

    /// <summary>Pieces of work that were done.</summary>
    public long Done { get; private set; }

    /// <summary>Of them, those that were meant for the thread pool.</summary>
    public long DoneForPool { get; private set; }

    /// <summary>Runs something as if it had been posted.</summary>
    public void Run(Action action)
    {
        var before = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(_context);
        try
        {
            action();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(before);
        }
    }

    /// <summary>Until nothing is left to do without time passing.</summary>
    public void Pump()
    {
        AssertHere();
        var before = SynchronizationContext.Current;
        try
        {
            for (int i = 0; ; i++)
            {
                if (i == MostAtOnce) throw new InvalidOperationException("The agent is busy for ever without time passing.");
                if (_work.TryDequeue(out var next))
                {
                    SynchronizationContext.SetSynchronizationContext(_context);
                    next.Callback(next.State);
                    Done++;
                }
                else
                {
                    SynchronizationContext.SetSynchronizationContext(null);
                    if (!_pool.TryRun()) break;
                    DoneForPool++;
                }
            }
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(before);
        }
        if (_stray is { } stack) throw new InvalidOperationException($"Something came back from another thread:{Environment.NewLine}{stack}");
    }

    /// <summary>To be called wherever the product reaches the simulated world.</summary>
    public void AssertHere()
    {
        if (Environment.CurrentManagedThreadId != _thread) throw new InvalidOperationException($"Something runs on another thread:{Environment.NewLine}{Environment.StackTrace}");
    }

    /// <summary>The end of a life: what was still to be done never happens.</summary>
    public void Abandon()
    {
        _context.IsOver = true;
        _context = new Context(this);
        _work.Clear();
        _pool.Clear();
    }

    /// <summary>Where one life's work comes back to.</summary>
    private sealed class Context(SingleThread owner) : SynchronizationContext
    {
        private volatile bool _isOver;

        public bool IsOver
        {
            set => _isOver = value;
        }

        public override void Post(SendOrPostCallback d, object? state)
        {
            // Finalizers end the timers of a life that is over.
            if (_isOver) return;
            if (Environment.CurrentManagedThreadId == owner._thread) owner._work.Enqueue((d, state));
            else owner._stray ??= Environment.StackTrace;
        }

        public override void Send(SendOrPostCallback d, object? state)
        {
            owner.AssertHere();
            d(state);
        }

        public override SynchronizationContext CreateCopy() => this;
    }
}
