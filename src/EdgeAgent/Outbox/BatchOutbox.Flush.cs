using EdgeAgent.Tenancy;

namespace EdgeAgent.Outbox;

internal sealed partial class BatchOutbox
{
    /// <summary>What was acknowledged of a segment that is not deleted yet is made durable in the ledger so often: as much comes twice after a power cut.</summary>
    private static readonly TimeSpan SettleAfter = TimeSpan.FromSeconds(5);

    /// <summary>Set when something on the disk was acknowledged, until that is in the ledger on the disk.</summary>
    private bool _hasSettledStored;

    private long _settledAt;

    /// <summary>
    /// Moves to the disk what has to be there: everything if <paramref name="all"/> is set, else what has waited too long, and while the broker is
    /// away what is younger with it, so that the flash is written seldom. Deletes segments of which all is acknowledged. To be called regularly; a disk
    /// that cannot be written is reported and tried again later.
    /// </summary>
    /// <returns>False if something that has to be on the disk is not.</returns>
    public bool Flush(bool all = false)
    {
        bool mayWrite = all || !_storing.IsOn(_time);
        bool stored = mayWrite ? Store(all) : Due(all).Count == 0;
        using var hold = HoldStore();
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

    /// <summary>Nothing happens to this one before it is on the disk or the disk has refused it.</summary>
    private void StoreBeforeAllElse(Delivery delivery)
    {
        Store(all: false);
        lock (_gate)
        {
            delivery.IsHeld = false;
            _arrival.TrySetResult();
        }
    }

    /// <summary>One transaction after the other; who waits for the disk gets it in between.</summary>
    private bool Store(bool all)
    {
        while (true)
        {
            using var hold = HoldStore();
            var due = Due(all);
            if (due.Count == 0) return true;
            StoredId first;
            List<Parcel> parcels;
            try
            {
                var tenant = due[0].Batch.Stamp.Tenant;
                if (!MakeRoom(tenant, due[0].Batch.Channel.Priority, NeededFor(due)))
                {
                    if (GiveUp(due)) continue;
                    LetGo(due);
                    return false;
                }
                parcels = BatchJoiner.Join(Parcels(due));
                first = _store.Append([.. parcels.Select(parcel => parcel.Batch)], SegmentBytesOf(tenant));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                if (_storing.Length == TimeSpan.Zero) OutboxLog.CannotStore(_logger, e.Message);
                _storing = _storing.Longer(_time);
                StoringTrouble = e.Message;
                LetGo(due);
                return false;
            }
            if (_storing.Length > TimeSpan.Zero) OutboxLog.StoresAgain(_logger);
            _storing = default;
            StoringTrouble = null;
            NoteStored(parcels, first);
        }
    }

    /// <summary>Samples that follow each other are stored as one batch, unless they are under way. None of them leaves meanwhile.</summary>
    private List<List<Delivery>> Parcels(List<Delivery> due)
    {
        List<List<Delivery>> parcels = [];
        lock (_gate)
        {
            foreach (var delivery in due)
            {
                if (parcels is [.., var last] && IsAtHand(last[^1]) && IsAtHand(delivery) && BatchJoiner.Fits(last, delivery)) last.Add(delivery);
                else parcels.Add([delivery]);
            }
            foreach (var delivery in parcels.Where(parcel => parcel.Count > 1).SelectMany(parcel => parcel)) delivery.IsHeld = true;
        }
        return parcels;

        static bool IsAtHand(Delivery delivery) => !delivery.InFlight && !delivery.IsParked && delivery.Node is not null;
    }

    private void NoteStored(List<Parcel> parcels, StoredId first)
    {
        lock (_gate)
        {
            for (int i = 0; i < parcels.Count; i++)
            {
                var id = first.Plus(i);
                if (parcels[i].Of is [var single]) NoteStored(single, id);
                else foreach (var delivery in parcels[i].Of) Forget(delivery); // nobody has taken any of them, since they were held
            }
            _arrival.TrySetResult();
        }
    }

    private void NoteStored(Delivery delivery, StoredId id)
    {
        if (delivery.Node is null) // acknowledged meanwhile
        {
            _acknowledged.Add(id);
            return;
        }
        delivery.StoredAs = id;
        if (delivery.IsParked)
        {
            ForgetParked(delivery, id);
            return;
        }
        // Of high priority a copy stays in memory while the broker is there, since it will be taken next.
        if (delivery.InFlight || delivery.Batch.Channel.Priority == Priority.High && _brokerIsThere) _taken.Add(id, delivery);
        else
        {
            Forget(delivery);
            _highOnDisk |= delivery.Batch.Channel.Priority == Priority.High;
        }
    }

    /// <summary>The disk has refused these: they may be taken again.</summary>
    private void LetGo(List<Delivery> due)
    {
        lock (_gate)
        {
            foreach (var delivery in due.Where(delivery => delivery.Batch.Channel.Priority != Priority.High)) delivery.IsHeld = false;
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

    /// <summary>
    /// The oldest batches in memory that have to be on the disk and are not, all of one tenant and priority, the highest first. While the broker is away what
    /// is younger goes along: one sync does for all.
    /// </summary>
    private List<Delivery> Due(bool all)
    {
        List<Delivery> due = [];
        lock (_gate)
        {
            bool everything = all || Counts.MemoryBytes > _options.MemoryBytes / 2;
            foreach (var priority in HighestFirst)
            {
                if (_memory[(int)priority].FirstOrDefault(delivery => everything && delivery.StoredAs is null || HasToBeStored(delivery)) is not { } first) continue;
                long bytes = 0;
                foreach (var delivery in _memory[(int)priority])
                {
                    if (delivery.StoredAs is not null || delivery.Batch.Stamp.Tenant != first.Batch.Stamp.Tenant) continue;
                    if (!everything && _brokerIsThere && !HasToBeStored(delivery)) continue;
                    due.Add(delivery);
                    if (due.Count == OutboxOptions.StoreTogether || (bytes += delivery.Batch.Payload.Length) >= OutboxOptions.StoreTogetherBytes) break;
                }
                if (due.Count > 0) return due;
            }
        }
        return due;
    }

    private bool HasToBeStored(Delivery delivery) =>
        delivery.StoredAs is null
        && (delivery.Batch.Channel.Priority == Priority.High || delivery.IsParked || _time.GetElapsedTime(delivery.Since) >= OptionsOf(delivery.Batch.Stamp.Tenant).FlushAfter);

    /// <summary>Nothing on the disk needs this one any more.</summary>
    /// <returns>False if that was known.</returns>
    private bool NoteSettled(StoredId id)
    {
        _taken.Remove(id);
        _hasSettledStored = true;
        return _acknowledged.Add(id);
    }

    private void DeleteAcknowledged(bool all)
    {
        StoredId[] ids;
        bool isSettlingDue;
        lock (_gate)
        {
            ids = [.. _acknowledged];
            isSettlingDue = _hasSettledStored && (all || _time.GetElapsedTime(_settledAt) >= SettleAfter);
        }
        var over = _store.AllSettled(ids);
        if (over.Count == 0 && !isSettlingDue) return;
        // What is deleted can be told from what is lost only by the ledger.
        bool saved = TrySaveLedgers();
        var gone = saved ? _store.Drop(over) : [];
        _deleting = saved && gone.Count == over.Count ? default : _deleting.Longer(_time);
        lock (_gate)
        {
            _acknowledged.RemoveWhere(id => gone.Contains(id.Segment));
            ForgetAhead(next => gone.Contains(next.Id.Segment));
        }
    }

    private bool TrySaveLedgers()
    {
        bool saved = true;
        lock (_gate) (_hasSettledStored, _settledAt) = (false, _time.GetTimestamp());
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
                lock (_gate) _hasSettledStored = true;
            }
        }
        return saved;
    }
}
