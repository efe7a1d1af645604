using EdgeAgent.Can;

namespace EdgeAgent.Obd;

/// <summary>
/// Who may ask when: requests to several ECUs at once, one to each, and a request to all by itself. In the order of arrival, as far as nobody has
/// to wait for another; nobody overtakes a request to all. Thread-safe.
/// </summary>
/// <param name="most">So many may be under way.</param>
internal sealed class ObdTurns(int most)
{
    private readonly Lock _gate = new();
    private readonly List<CanId?> _underWay = [];
    private readonly List<Waiter> _waiting = [];

    /// <summary>Waits for a turn, which has to be given back.</summary>
    /// <param name="ecu">Whom to ask; null for all.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task TakeAsync(CanId? ecu, CancellationToken cancellation)
    {
        var waiter = new Waiter(ecu);
        lock (_gate)
        {
            _waiting.Add(waiter);
            Grant();
        }
        try
        {
            await waiter.Granted.Task.WaitAsync(cancellation);
        }
        catch (OperationCanceledException)
        {
            lock (_gate)
            {
                // It may have been granted at the same moment.
                if (!_waiting.Remove(waiter)) _underWay.Remove(ecu);
                Grant();
            }
            throw;
        }
    }

    /// <summary>A turn is over.</summary>
    public void Return(CanId? ecu)
    {
        lock (_gate)
        {
            _underWay.Remove(ecu);
            Grant();
        }
    }

    private void Grant()
    {
        for (int i = 0; i < _waiting.Count;)
        {
            var waiter = _waiting[i];
            if (MayBegin(waiter.Ecu))
            {
                _waiting.RemoveAt(i);
                _underWay.Add(waiter.Ecu);
                waiter.Granted.SetResult();
            }
            else if (waiter.Ecu is null || _underWay.Count >= most) return;
            else i++;
        }
    }

    private bool MayBegin(CanId? ecu) => ecu is null ? _underWay.Count == 0 : _underWay.Count < most && !_underWay.Contains(null) && !_underWay.Contains(ecu);

    private sealed class Waiter(CanId? ecu)
    {
        public CanId? Ecu { get; } = ecu;

        public TaskCompletionSource Granted { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
