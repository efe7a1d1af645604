using EdgeAgent.Tenancy;

namespace EdgeAgent.Outbox;

/// <summary>What the publisher takes from the disk, and who may use the disk when.</summary>
internal sealed partial class BatchOutbox
{
    /// <summary>Whoever holds it works on the disk.</summary>
    private readonly Lock _storeGate = new();

    /// <summary>What was read and not yet taken, by priority.</summary>
    private readonly Queue<(StoredId Id, Batch Batch)>[] _ahead = [new(), new(), new()];

    /// <summary>Set when reading has to start over: something that was taken or passed over comes again.</summary>
    private bool _rewind;

    /// <summary>Set while there may be something of high priority on the disk alone.</summary>
    private bool _highOnDisk = true;

    /// <summary>Set when somebody wanted to read and found the disk at work: who works there tells when it is free.</summary>
    private bool _isReaderWaiting;

    private Delivery? TakeFromDisk(Priority priority, MayTake? mayTake)
    {
        var ahead = _ahead[(int)priority];
        while (true)
        {
            lock (_gate)
            {
                while (!_rewind && ahead.TryDequeue(out var next))
                {
                    if (Skip(next.Batch.Stamp.Tenant, priority, mayTake) || _acknowledged.Contains(next.Id) || _parked.ContainsKey(next.Id)) continue;
                    var delivery = new Delivery(next.Batch, _time.GetTimestamp()) { InFlight = true, StoredAs = next.Id };
                    if (_taken.TryAdd(next.Id, delivery)) return delivery;
                }
            }
            if (!TryReadAhead(priority, mayTake)) return null;
        }
    }

    /// <returns>False if there is nothing more to read, or not while the disk is at work.</returns>
    private bool TryReadAhead(Priority priority, MayTake? mayTake)
    {
        // Said before, so that whoever is about to leave sees it.
        lock (_gate) _isReaderWaiting = true;
        if (!_storeGate.TryEnter()) return false;
        using var hold = new StoreHold(this);
        lock (_gate)
        {
            _isReaderWaiting = false;
            if (_rewind)
            {
                _store.Rewind();
                foreach (var queue in _ahead) queue.Clear();
                (_rewind, _highOnDisk) = (false, true);
            }
        }
        var read = _store.Read(priority, segment => Skip(segment.Tenant, priority, mayTake));
        AccountForDamage();
        lock (_gate)
        {
            foreach (var next in read) _ahead[(int)priority].Enqueue(next);
            if (read.Count == 0 && priority == Priority.High && !_rewind) _highOnDisk = false;
            return read.Count > 0;
        }
    }

    private bool Skip(TenantId tenant, Priority priority, MayTake? mayTake)
    {
        bool isPassedOver = mayTake?.Invoke(tenant, priority, isBacklog: true) == false;
        lock (_gate)
        {
            _passedOver |= isPassedOver;
            return isPassedOver || IsPaused(tenant);
        }
    }

    /// <summary>What was read of a segment that is given up is not taken any more.</summary>
    private void ForgetAhead(Func<(StoredId Id, Batch Batch), bool> which)
    {
        foreach (var queue in _ahead)
        {
            for (int i = queue.Count; i > 0; i--)
            {
                var next = queue.Dequeue();
                if (!which(next)) queue.Enqueue(next);
            }
        }
    }

    /// <summary>Waits for the disk, which is this caller's until what is returned is disposed of.</summary>
    private StoreHold HoldStore()
    {
        _storeGate.Enter();
        return new StoreHold(this);
    }

    /// <summary>The right to work on the disk, taken already.</summary>
    private readonly ref struct StoreHold(BatchOutbox outbox)
    {
        public void Dispose()
        {
            outbox._storeGate.Exit();
            lock (outbox._gate)
            {
                if (!outbox._isReaderWaiting) return;
                outbox._isReaderWaiting = false;
                outbox._arrival.TrySetResult();
            }
        }
    }
}
