using EdgeAgent.Tenancy;

namespace EdgeAgent.Outbox;

/// <summary>The end of what the broker will never get, or not in this run: neither memory nor whoever waits for the outbox to empty may depend on it.</summary>
internal sealed partial class BatchOutbox
{
    /// <summary>What lies on the disk and is not taken again in this run.</summary>
    private readonly Dictionary<StoredId, TenantId> _parked = [];

    /// <summary>No broker will take it: the ledger says lost and why, and it is deleted.</summary>
    public void Lose(Delivery delivery, LedgerReason reason)
    {
        var batch = delivery.Batch;
        lock (_gate)
        {
            delivery.InFlight = false;
            if (delivery.IsOver) return;
            if (delivery.StoredAs is { } id) NoteSettled(id);
            _ledgers.Of(batch.Stamp.Assignment).Fill(batch.Channel.Stream, new LedgerRange(batch.FirstSequence, batch.LastSequence, LedgerOutcome.Lost, reason));
            Forget(delivery);
        }
    }

    /// <summary>This version cannot publish it and a later one may: it stays on the disk alone, and nothing waits for it.</summary>
    public void Park(Delivery delivery)
    {
        lock (_gate)
        {
            delivery.InFlight = false;
            if (delivery.IsOver) return;
            delivery.IsParked = true;
            if (delivery.StoredAs is { } id) ForgetParked(delivery, id);
        }
    }

    private void ForgetParked(Delivery delivery, StoredId id)
    {
        _taken.Remove(id);
        _parked[id] = delivery.Batch.Stamp.Tenant;
        Forget(delivery);
    }

    /// <summary>What was given up, purged or set aside is parked no more.</summary>
    private void ForgetParkedThatIsGone()
    {
        foreach (var id in _parked.Keys.Where(id => !_store.HasSegment(id.Segment)).ToArray()) _parked.Remove(id);
    }
}
