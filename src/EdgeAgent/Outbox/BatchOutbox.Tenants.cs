using EdgeAgent.Tenancy;

namespace EdgeAgent.Outbox;

internal sealed partial class BatchOutbox
{
    /// <summary>Grows with each change of any ledger: a report that was made of an older one is out of date.</summary>
    public long LedgerVersion => _ledgers.Version;

    /// <summary>The ledger of an assignment that is about to record.</summary>
    /// <exception cref="NumbersUnknownException">It cannot, since numbers could repeat.</exception>
    public Ledger OpenLedger(Assignment assignment) => _ledgers.Open(assignment);

    /// <summary>What became of every record of a tenant, by epoch and stream; for <see cref="LedgerJson.WriteReport"/>.</summary>
    public IReadOnlyList<LedgerEntry> Ledgers(TenantId tenant) => _ledgers.Report(tenant);

    /// <summary>The tenants of which anything is known.</summary>
    public IReadOnlyList<TenantId> LedgerTenants => [.. _ledgers.All.Select(ledger => ledger.Assignment.Tenant).Distinct()];

    /// <summary>True while anything of the tenant waits that can be published, or is under way.</summary>
    public bool Holds(TenantId tenant)
    {
        using var hold = HoldStore();
        lock (_gate)
        {
            int parked = _parked.Values.Count(owner => owner == tenant);
            if (_store.Holds(tenant, besides: parked > 0 ? parked + AcknowledgedOf(tenant) : 0)) return true;
            return _memory.SelectMany(lane => lane).Concat(_taken.Values).Any(delivery => delivery.Batch.Stamp.Tenant == tenant && !delivery.IsParked);
        }
    }

    /// <summary>How things stand with one tenant.</summary>
    public TenantCounts CountsOf(TenantId tenant)
    {
        long samples = 0, messages = 0, delivered = 0, deliveredSamples = 0, memory = 0, evicted = 0, corrupt = 0, unconfirmed = 0;
        foreach (var entry in _ledgers.Report(tenant))
        {
            foreach (var range in entry.Ranges)
            {
                switch (range.Outcome)
                {
                    case LedgerOutcome.Buffered when entry.Stream == RecordStream.Telemetry: samples += range.Count; break;
                    case LedgerOutcome.Buffered: messages += range.Count; break;
                    case LedgerOutcome.Delivered:
                        delivered += range.Count;
                        if (entry.Stream == RecordStream.Telemetry) deliveredSamples += range.Count;
                        break;
                    case LedgerOutcome.Evicted: evicted += range.Count; break;
                    case LedgerOutcome.Lost when range.Reason == LedgerReason.Corrupt: corrupt += range.Count; break;
                    case LedgerOutcome.Unconfirmed: unconfirmed += range.Count; break;
                }
            }
        }
        using var hold = HoldStore();
        long? oldest = _store.OldestNs(tenant);
        long stored = _store.CountOf(tenant);
        lock (_gate)
        {
            stored -= AcknowledgedOf(tenant);
            foreach (var delivery in _memory.SelectMany(lane => lane).Where(delivery => delivery.Batch.Stamp.Tenant == tenant))
            {
                memory += delivery.Batch.Payload.Length;
                oldest = Math.Min(oldest ?? long.MaxValue, delivery.Batch.FirstTimeNs + delivery.Batch.ClockAtSeal.OffsetNs);
            }
        }
        TimeSpan? age = oldest is { } then ? _time.GetUtcNow() - DateTimeOffset.UnixEpoch - TimeSpan.FromTicks(then / 100) : null;
        return new TenantCounts(samples, messages, stored, _store.BytesOf(tenant), age < TimeSpan.Zero ? TimeSpan.Zero : age, delivered, evicted, corrupt, unconfirmed)
        {
            DeliveredSamples = deliveredSamples,
            MemoryBytes = memory,
        };
    }

    /// <summary>How many of the tenant's batches are on the disk only because others of their segments wait.</summary>
    private int AcknowledgedOf(TenantId tenant) => _acknowledged.Count(id => _store.OwnerOf(id.Segment) == tenant);

    /// <summary>
    /// Destroys the tenant's key, then all that waits of it; the ledger says purged, and unconfirmed of what is under way, whose acknowledgement
    /// is of no interest any more. Nothing of the tenant may be recorded meanwhile. If it fails or is cut off it is to be called again, at the next start too.
    /// </summary>
    /// <exception cref="IOException">Something may still be there.</exception>
    public void Purge(TenantId tenant) => Destroy(tenant, LedgerOutcome.Purged, LedgerReason.Purge);

    /// <summary>The same at the end of the time in which an earlier tenant's records are still delivered; the ledger says evicted, and why.</summary>
    /// <exception cref="IOException">Something may still be there.</exception>
    public void Expire(TenantId tenant, LedgerReason reason) => Destroy(tenant, LedgerOutcome.Evicted, reason);

    private void Destroy(TenantId tenant, LedgerOutcome outcome, LedgerReason reason)
    {
        using var hold = HoldStore();
        // Until this is done nothing of the tenant leaves.
        lock (_gate) _doomed.Add(tenant);
        _keys.Destroy(tenant);
        lock (_gate)
        {
            foreach (var delivery in _memory.SelectMany(lane => lane).Concat(_taken.Values).Where(delivery => delivery.Batch.Stamp.Tenant == tenant).Distinct().ToArray())
                Destroy(delivery, reason);
            ForgetAhead(next => next.Batch.Stamp.Tenant == tenant);
            foreach (var ledger in _ledgers.Of(tenant)) ledger.FillAll(outcome, reason);
            _refused.Remove(tenant);
        }
        foreach (var ledger in _ledgers.Of(tenant)) ledger.Save();
        _store.DropAll(tenant);
        lock (_gate)
        {
            _doomed.Remove(tenant);
            CountStored();
        }
        OutboxLog.TenantDropped(_logger, tenant, LedgerWords.Of(outcome));
    }

    private void Destroy(Delivery delivery, LedgerReason reason)
    {
        var batch = delivery.Batch;
        if (delivery.StoredAs is { } id) _taken.Remove(id);
        if (delivery.InFlight) _ledgers.Of(batch.Stamp.Assignment).Fill(batch.Channel.Stream, new LedgerRange(batch.FirstSequence, batch.LastSequence, LedgerOutcome.Unconfirmed, reason));
        delivery.IsOver = true;
        Forget(delivery);
    }

    private void TakeStockAtStart()
    {
        _store.Scan(null, (id, head) =>
        {
            // Delivered or given up before its deletion reached the disk.
            if (!Find(head)) _acknowledged.Add(id);
        });
        _store.DropEmpty();
        _ = _store.TakeDamaged();
        foreach (var ledger in _ledgers.All)
        {
            if (ledger.TakeStock(atStart: true) == 0) continue;
            OutboxLog.NumbersSkipped(_logger, ledger.Assignment.Tenant, ledger.Assignment.Epoch, ledger.First(RecordStream.Telemetry), ledger.First(RecordStream.Messages));
        }
        // Now rather than later: a copy that was found damaged is replaced.
        TrySaveLedgers();
    }

    /// <summary>What the disk could not read may be readable again.</summary>
    private void LookAtUnread()
    {
        _store.ScanUnread((id, head) =>
        {
            if (Find(head)) return;
            lock (_gate) _acknowledged.Add(id);
        });
        _reading = _store.HasUnread ? _reading.Longer(_time) : default;
        lock (_gate)
        {
            _highOnDisk = true;
            _arrival.TrySetResult();
        }
    }

    /// <summary>When something stored turns out to be broken, whatever should wait and is nowhere is lost.</summary>
    private void AccountForDamage()
    {
        foreach (var tenant in _store.TakeDamaged())
        {
            foreach (var ledger in _ledgers.Of(tenant)) ledger.BeginStock();
            _store.Scan(tenant, (_, head) => Find(head));
            lock (_gate)
            {
                foreach (var delivery in _memory.SelectMany(lane => lane).Where(delivery => delivery.Batch.Stamp.Tenant == tenant)) Find(delivery.Batch);
                long missing = _ledgers.Of(tenant).Sum(ledger => ledger.TakeStock(atStart: false));
                if (missing > 0) OutboxLog.Missing(_logger, tenant, missing);
            }
        }
    }

    /// <returns>False if the ledger has settled it for good.</returns>
    private bool Find(Batch head)
    {
        var ledger = _ledgers.Of(head.Stamp.Assignment);
        if (ledger.IsOver(head.Channel.Stream, head.FirstSequence, head.LastSequence)) return false;
        ledger.Found(head.Channel.Stream, head.FirstSequence, head.LastSequence);
        return true;
    }
}
