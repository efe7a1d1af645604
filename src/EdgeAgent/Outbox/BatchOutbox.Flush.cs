using EdgeAgent.Tenancy;

namespace EdgeAgent.Outbox;

internal sealed partial class BatchOutbox
{
    /// <summary>Acknowledged batches are deleted from the disk so many at a time: a deletion costs several times its size in writes.</summary>
    private const int DeleteTogether = 64;

    /// <summary>
    /// Moves to the disk what has to be there: everything while the broker is away or <paramref name="all"/> is set, else what has waited too
    /// long. Deletes what was acknowledged. To be called regularly; a disk that cannot be written is reported and tried again later.
    /// </summary>
    /// <returns>False if something that has to be on the disk is not.</returns>
    public bool Flush(bool all = false)
    {
        lock (_storeGate)
        {
            bool mayWrite = all || !_storing.IsOn(_time);
            bool stored = mayWrite ? Store(all) : Due(all).Count == 0;
            if (all || !_deleting.IsOn(_time)) DeleteAcknowledged(all);
            if (all) TrySaveLedgers();
            if (_store.HasUnread && (all || !_reading.IsOn(_time))) LookAtUnread();
            AccountForDamage();
            lock (_gate)
            {
                if (!_brokerIsThere) ForgetCopies();
                CountStored();
                // Whoever waits for an arrival must also learn that a pause is over.
                foreach (var (tenant, pause) in _refused.ToArray())
                {
                    if (pause.IsOn(_time) || pause.IsAnnounced) continue;
                    _refused[tenant] = pause with { IsAnnounced = true };
                    _rewind = true;
                    _arrival.TrySetResult();
                }
            }
            return stored;
        }
    }

    /// <summary>Nothing happens to this one before it is on the disk or the disk has refused it.</summary>
    private void StoreBeforeAllElse(Delivery delivery)
    {
        lock (_storeGate)
        {
            Store(all: false);
            lock (_gate)
            {
                delivery.IsHeld = false;
                _arrival.TrySetResult();
            }
        }
    }

    private bool Store(bool all)
    {
        while (true)
        {
            var due = Due(all);
            if (due.Count == 0) return true;
            StoredId first;
            try
            {
                var tenant = due[0].Batch.Stamp.Tenant;
                if (!MakeRoom(tenant, due[0].Batch.Channel.Priority, NeededFor(due)))
                {
                    if (GiveUp(due)) continue;
                    return false;
                }
                first = _store.Append([.. due.Select(delivery => delivery.Batch)], SegmentBytesOf(tenant));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                if (_storing.Length == TimeSpan.Zero) OutboxLog.CannotStore(_logger, e.Message);
                _storing = _storing.Longer(_time);
                return false;
            }
            if (_storing.Length > TimeSpan.Zero) OutboxLog.StoresAgain(_logger);
            _storing = default;
            NoteStored(due, first);
        }
    }

    private void NoteStored(List<Delivery> due, StoredId first)
    {
        lock (_gate)
        {
            for (int i = 0; i < due.Count; i++)
            {
                var (delivery, id) = (due[i], first.Plus(i));
                if (delivery.Node is null) // acknowledged meanwhile
                {
                    _acknowledged.Add(id);
                    continue;
                }
                delivery.StoredAs = id;
                if (delivery.IsParked)
                {
                    ForgetParked(delivery, id);
                    continue;
                }
                // Of high priority a copy stays in memory while the broker is there, since it will be taken next.
                if (delivery.InFlight || delivery.Batch.Channel.Priority == Priority.High && _brokerIsThere) _taken.Add(id, delivery);
                else
                {
                    Forget(delivery);
                    _highOnDisk |= delivery.Batch.Channel.Priority == Priority.High;
                }
            }
            _arrival.TrySetResult();
        }
    }

    private void ForgetCopies()
    {
        foreach (var delivery in _memory[(int)Priority.High].Where(delivery => delivery.StoredAs is not null && !delivery.InFlight).ToArray())
        {
            _taken.Remove(delivery.StoredAs!.Value);
            Forget(delivery);
            _rewind = true;
        }
    }

    /// <summary>The oldest batches in memory that have to be on the disk and are not, all of one tenant and priority, the highest first.</summary>
    private List<Delivery> Due(bool all)
    {
        List<Delivery> due = [];
        lock (_gate)
        {
            bool everything = all || !_brokerIsThere || Counts.MemoryBytes > _options.MemoryBytes / 2;
            foreach (var priority in HighestFirst)
            {
                foreach (var delivery in _memory[(int)priority])
                {
                    if (delivery.StoredAs is not null) continue;
                    var tenant = delivery.Batch.Stamp.Tenant;
                    if (!everything && priority != Priority.High && !delivery.IsParked && _time.GetElapsedTime(delivery.Since) < OptionsOf(tenant).FlushAfter) continue;
                    if (due.Count > 0 && tenant != due[0].Batch.Stamp.Tenant) continue;
                    due.Add(delivery);
                    if (due.Count == OutboxOptions.StoreTogether) return due;
                }
                if (due.Count > 0) return due;
            }
        }
        return due;
    }

    private void DeleteAcknowledged(bool all)
    {
        StoredId[] ids;
        lock (_gate)
        {
            if (_acknowledged.Count == 0) return;
            if (!all && _brokerIsThere && _acknowledged.Count < DeleteTogether && _acknowledged.Count < _store.Count) return;
            ids = [.. _acknowledged];
        }
        // What is deleted can be told from what is lost only by the ledger.
        var gone = TrySaveLedgers() ? _store.Delete(ids) : [];
        _deleting = gone.Count < ids.Length ? _deleting.Longer(_time) : default;
        lock (_gate) _acknowledged.ExceptWith(gone);
    }

    private bool TrySaveLedgers()
    {
        bool saved = true;
        foreach (var ledger in _ledgers.All)
        {
            try
            {
                ledger.Save();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                if (_deleting.Length == TimeSpan.Zero) OutboxLog.LedgerNotSaved(_logger, e.Message);
                saved = false;
            }
        }
        return saved;
    }
}
