using EdgeAgent.Tenancy;

namespace EdgeAgent.Outbox;

internal sealed partial class BatchOutbox
{
    /// <summary>A segment takes at most this part of its tenant's quota, so that giving one up does not give up all. One that is open is in memory.</summary>
    private const int SegmentsOfQuota = 16;

    private const long LeastSegmentBytes = 128 * 1024, MostSegmentBytes = 2 * 1024 * 1024;

    /// <summary>What a transaction takes beside its payloads: LiteDB's pages, written whole.</summary>
    private const long TransactionBytes = 6 * PageLogStream.PageSize, DocumentBytes = 512;

    private readonly Dictionary<TenantId, TenantOutboxOptions> _tenants = [];

    /// <summary>What the store had when the file system's reserve was reached; it stays at that until there is room again.</summary>
    private long? _bytesAtReserve;

    /// <summary>Sets what a tenant may use. What is over a smaller quota is given up with the next batch that is stored.</summary>
    public void Configure(TenantId tenant, TenantOutboxOptions options)
    {
        lock (_gate) _tenants[tenant] = options;
    }

    private TenantOutboxOptions OptionsOf(TenantId tenant) =>
        _tenants.GetValueOrDefault(tenant) ?? new TenantOutboxOptions(_options.MaxStoreBytes, _options.FlushAfter);

    private long QuotaOf(TenantId tenant)
    {
        lock (_gate) return Math.Min(OptionsOf(tenant).QuotaBytes, _options.MaxStoreBytes);
    }

    private long SegmentBytesOf(TenantId tenant) => Math.Clamp(QuotaOf(tenant) / SegmentsOfQuota, LeastSegmentBytes, MostSegmentBytes);

    private static long NeededFor(List<Delivery> due) => TransactionBytes + due.Sum(delivery => delivery.Batch.Payload.Length + DocumentBytes);

    /// <summary>
    /// Gives up segments until there is room: first of this tenant while it is over its quota; then, while the whole store is too large, of the
    /// tenant that has most, so that none loses anything because another has much. Never anything that matters more than what is to be stored.
    /// </summary>
    /// <returns>False if there is nothing to give up that matters less or is older.</returns>
    /// <exception cref="IOException">The ledger cannot be written, so nothing may be given up.</exception>
    private bool MakeRoom(TenantId tenant, Priority priority, long bytes)
    {
        while (_store.BytesOf(tenant) + bytes > QuotaOf(tenant))
        {
            if (_store.FirstToGo(tenant, priority) is not { } segment) return _store.BytesOf(tenant) == 0;
            Evict(segment, LedgerReason.Quota);
        }
        bool isReserveReached = _disk.FreeBytes - bytes < _options.ReserveBytes;
        _bytesAtReserve = isReserveReached ? _bytesAtReserve ?? _store.Bytes : null;
        while (_store.Bytes + bytes > Math.Min(_options.MaxStoreBytes, _bytesAtReserve ?? long.MaxValue))
        {
            if (_store.Largest is not { } largest) return !isReserveReached;
            if (_store.FirstToGo(largest, largest == tenant ? priority : Priority.High) is not { } segment) return false;
            Evict(segment, isReserveReached ? LedgerReason.DiskFull : LedgerReason.Quota);
        }
        return true;
    }

    private void Evict(SegmentName segment, LedgerReason reason)
    {
        var heads = _store.ReadHeads(segment);
        AccountForDamage();
        Settle(heads.Select(item => item.Head), new LedgerRange(1, 1, LedgerOutcome.Evicted, reason));
        // On the disk it is known what is given up before it is.
        foreach (var ledger in _ledgers.Of(segment.Tenant)) ledger.Save();
        _store.Drop(segment);
        lock (_gate)
        {
            _acknowledged.RemoveWhere(id => id.Segment == segment.Number);
            ForgetAhead(next => next.Id.Segment == segment.Number);
            foreach (var (id, copy) in _taken.Where(taken => taken.Key.Segment == segment.Number).ToArray())
            {
                // If it is under way and arrives after all, that is said in the ledger then.
                if (copy.InFlight) continue;
                _taken.Remove(id);
                Forget(copy);
            }
        }
    }

    /// <summary>There is no room for these, and nothing on the disk that could go in their place. What is under way stays.</summary>
    /// <returns>False if all of them are under way.</returns>
    /// <exception cref="IOException">The ledger cannot be written, so nothing may be given up.</exception>
    private bool GiveUp(List<Delivery> due)
    {
        lock (_gate)
        {
            due = [.. due.Where(delivery => !delivery.InFlight && delivery.Node is not null)];
            foreach (var delivery in due) delivery.IsHeld = true;
        }
        Settle(due.Select(delivery => delivery.Batch), new LedgerRange(1, 1, LedgerOutcome.Evicted, _bytesAtReserve is null ? LedgerReason.Quota : LedgerReason.DiskFull));
        try
        {
            foreach (var assignment in due.Select(delivery => delivery.Batch.Stamp.Assignment).Distinct()) _ledgers.Of(assignment).Save();
        }
        catch
        {
            lock (_gate)
            {
                foreach (var delivery in due)
                {
                    delivery.IsHeld = false;
                    _ledgers.Of(delivery.Batch.Stamp.Assignment).Found(delivery.Batch.Channel.Stream, delivery.Batch.FirstSequence, delivery.Batch.LastSequence);
                }
            }
            throw;
        }
        lock (_gate)
        {
            foreach (var delivery in due) Forget(delivery);
        }
        return due.Count > 0;
    }

    /// <summary>Says the same of each of these batches, unless something is known already.</summary>
    private void Settle(IEnumerable<Batch> batches, LedgerRange what)
    {
        foreach (var tenant in batches.GroupBy(batch => batch.Stamp.Assignment))
        {
            long records = 0;
            var ledger = _ledgers.Of(tenant.Key);
            foreach (var batch in tenant) records += ledger.Fill(batch.Channel.Stream, what with { From = batch.FirstSequence, To = batch.LastSequence });
            if (records > 0) OutboxLog.Evicted(_logger, tenant.Key.Tenant, records, LedgerWords.Of(what.Reason) ?? "");
        }
    }
}
