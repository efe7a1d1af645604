namespace EdgeAgent.Publishing;

/// <summary>
/// How much may be under way in one connection. It begins with one publication at a time and allows one more with each that is acknowledged,
/// so that a slow link is not filled with more than it can carry before the first answer. It shrinks when an answer takes longer than the quickest
/// by more than half a second, because what is ahead is what new data has to wait for, and grows slowly from then on. The last place is never
/// taken by the backlog.
/// </summary>
internal sealed class Window(int receiveMaximum, TimeProvider time, Wakeup wakeup)
{
    private static readonly TimeSpan MostQueueing = TimeSpan.FromSeconds(0.5);

    private readonly Lock _gate = new();
    private readonly List<Task> _underWay = [];
    private TimeSpan _quickest = TimeSpan.MaxValue;
    private long _shrunkAt = time.GetTimestamp();
    private int _allowed = 1;
    private int _quickAnswers;
    private bool _hasShrunk;
    private int _inside;

    public long Delivered { get; private set; }

    /// <summary>What ended the connection from this side.</summary>
    public BrokerException? Trouble { get; private set; }

    public bool HasRoom
    {
        get
        {
            lock (_gate) return _inside < _allowed;
        }
    }

    public bool HasRoomForBacklog
    {
        get
        {
            lock (_gate) return _inside < Math.Max(1, _allowed - 1);
        }
    }

    /// <summary>Takes a place; the task ends with <see cref="Leave"/>.</summary>
    public void Begin(Func<Task> publication)
    {
        lock (_gate) _inside++;
        var task = publication();
        lock (_gate)
        {
            _underWay.RemoveAll(earlier => earlier.IsCompleted);
            _underWay.Add(task);
        }
    }

    public void Leave()
    {
        lock (_gate) _inside--;
        wakeup.Set();
    }

    /// <param name="begun">When it was sent.</param>
    public void AddDelivered(long begun)
    {
        var took = time.GetElapsedTime(begun);
        lock (_gate)
        {
            Delivered++;
            if (took < _quickest) _quickest = took;
            var queueing = took - _quickest;
            if (queueing <= MostQueueing / 2)
            {
                if (_hasShrunk && ++_quickAnswers < _allowed) return;
                _quickAnswers = 0;
                _allowed = Math.Min(receiveMaximum, _allowed + 1);
            }
            else if (queueing > MostQueueing && begun >= _shrunkAt) // what was sent before says the same again
            {
                _allowed = Math.Max(1, _allowed * 3 / 4);
                (_hasShrunk, _quickAnswers, _shrunkAt) = (true, 0, time.GetTimestamp());
            }
        }
    }

    public void Fail(BrokerException trouble)
    {
        lock (_gate) Trouble ??= trouble;
        wakeup.Set();
    }

    public Task WhenSettledAsync()
    {
        lock (_gate) return Task.WhenAll(_underWay);
    }
}
