using EdgeAgent.Tenancy;
using Microsoft.Extensions.Logging;

namespace EdgeAgent.Outbox;

/// <summary>
/// Keeps every sealed batch until the broker has acknowledged it. While the broker is there a batch lives in memory for a few seconds
/// at most, which spares the flash; otherwise it is on the disk. Thread-safe.
/// </summary>
/// <remarks>
/// <code>
///                 ┌──────────── in memory ────────────┐
///   Append ──────▶│ waiting ── TryTake ──▶ in flight  │── Acknowledge ──▶ gone
///                 └────┬──────────────────────┬───────┘
///                      └── Flush (broker away, too old, too much, stop)
///                                 ▼
///                 on disk: waiting ── TryTake ──▶ in flight ── Acknowledge ──▶ deleted
/// </code>
/// Two locks: <c>_gate</c> for memory, held for moments; <c>_storeGate</c> for the disk, held while it works and never taken inside the other.
/// </remarks>
internal sealed class BatchOutbox : IDisposable
{
    /// <summary>Acknowledged batches are deleted from the disk so many at a time: a deletion costs several times its size in writes.</summary>
    private const int DeleteTogether = 64;

    private readonly Lock _gate = new();
    private readonly Lock _storeGate = new();
    private readonly SegmentStore _store;
    private readonly OutboxOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly LinkedList<Delivery> _memory = new();
    private readonly HashSet<StoredId> _acknowledged = [];
    private readonly HashSet<StoredId> _inFlightFromDisk = [];
    private readonly Dictionary<TenantId, Pause> _refused = [];
    private Pause _storing;
    private Pause _purging;
    private TaskCompletionSource _arrival = NewSignal();
    private long _memoryBytes;
    private bool _brokerIsThere;
    private bool _rewind;

    public BatchOutbox(IDisk disk, OutboxOptions options, TimeProvider time, ILogger logger)
    {
        _options = options;
        _time = time;
        _logger = logger;
        _store = new SegmentStore(disk, logger);
        Counts = new OutboxCounts { StoredBatches = _store.Count };
        if (_store.Count > 0) OutboxLog.Backlog(logger, _store.Count);
    }

    /// <summary>A moment's picture.</summary>
    public OutboxCounts Counts { get; private set; }

    /// <summary>False when memory is full because the disk cannot be written: then samples stay in the ring, which counts what it must refuse.</summary>
    public bool HasRoom
    {
        get
        {
            lock (_gate) return _memoryBytes < _options.MemoryBytes;
        }
    }

    /// <summary>True while anything is neither acknowledged nor lost.</summary>
    public bool HasWork
    {
        get
        {
            lock (_gate) return _memory.Count > 0 || _inFlightFromDisk.Count > 0 || Counts.StoredBatches > 0;
        }
    }

    /// <summary>Accepts a batch. Never waits for the disk.</summary>
    public void Append(Batch batch)
    {
        lock (_gate)
        {
            _memory.AddLast(new Delivery(batch, _time.GetTimestamp()));
            _memoryBytes += batch.Payload.Length;
            Counts = Counts with { SealedSamples = Counts.SealedSamples + batch.Count, MemorySamples = Counts.MemorySamples + batch.Count };
            _arrival.TrySetResult();
        }
    }

    /// <summary>Tells whether the broker can be reached; decides where batches wait.</summary>
    public void SetBrokerIsThere(bool isThere)
    {
        lock (_gate) _brokerIsThere = isThere;
    }

    /// <summary>The next batch to publish: what is in memory first, which is the newest, then the backlog from the disk, oldest first.</summary>
    public Delivery? TryTake()
    {
        bool rewind;
        lock (_gate)
        {
            for (var node = _memory.First; node is not null; node = node.Next)
            {
                if (node.Value.InFlight || IsPaused(node.Value.Batch.Stamp.Tenant)) continue;
                node.Value.InFlight = true;
                return node.Value;
            }
            _arrival = NewSignal();
            (rewind, _rewind) = (_rewind, false);
        }
        lock (_storeGate)
        {
            if (rewind) _store.Rewind();
            while (_store.TryTake(SkipPaused, out var id, out var batch))
            {
                lock (_gate)
                {
                    if (IsPaused(batch.Stamp.Tenant) || _acknowledged.Contains(id) || !_inFlightFromDisk.Add(id)) continue;
                }
                return new Delivery(batch, _time.GetTimestamp()) { InFlight = true, InMemory = false, StoredAs = id };
            }
        }
        return null;
    }

    /// <summary>Completes when there may be something to take again.</summary>
    public Task ArrivalAsync()
    {
        lock (_gate) return _arrival.Task;
    }

    /// <summary>The broker has it. The only way in which a batch ends.</summary>
    public void Acknowledge(Delivery delivery)
    {
        lock (_gate)
        {
            delivery.InFlight = false;
            if (_refused.Remove(delivery.Batch.Stamp.Tenant))
            {
                // Its pause is over: what was passed over meanwhile comes again.
                _rewind = true;
                _arrival.TrySetResult();
            }
            bool isNew = true;
            if (delivery.StoredAs is { } id)
            {
                _inFlightFromDisk.Remove(id);
                isNew = _acknowledged.Add(id);
            }
            if (isNew)
            {
                Counts = delivery.StoredAs is { } place && place.Segment <= _store.LastSegmentOfEarlierRuns
                    ? Counts with { DeliveredOfEarlierRuns = Counts.DeliveredOfEarlierRuns + delivery.Batch.Count }
                    : Counts with { DeliveredSamples = Counts.DeliveredSamples + delivery.Batch.Count };
            }
            Forget(delivery);
        }
    }

    /// <summary>It could not be published: it waits again.</summary>
    public void Return(Delivery delivery)
    {
        lock (_gate)
        {
            delivery.InFlight = false;
            if (delivery.StoredAs is { } id)
            {
                _inFlightFromDisk.Remove(id);
                _rewind = true;
                Forget(delivery);
            }
            _arrival.TrySetResult();
        }
    }

    /// <summary>The broker refuses it, as it does with a tenant whose topics this device may not write: that tenant's batches wait, longer each
    /// time, and the others go on.</summary>
    public void Refuse(Delivery delivery)
    {
        lock (_gate)
        {
            var tenant = delivery.Batch.Stamp.Tenant;
            bool isFirst = !IsPaused(tenant); // the others of the same window say nothing new
            if (isFirst)
            {
                var pause = _refused.GetValueOrDefault(tenant).Longer(_time);
                _refused[tenant] = pause;
                OutboxLog.TenantParked(_logger, tenant, pause.Length.TotalSeconds);
            }
        }
        Return(delivery);
    }

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
            if (all || !_purging.IsOn(_time)) Purge(all);
            lock (_gate)
            {
                Counts = Counts with { StoredBatches = Math.Max(0, _store.Count - _acknowledged.Count) };
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

    public void Dispose()
    {
        lock (_storeGate) _store.Dispose();
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
                first = _store.Append([.. due.Select(delivery => delivery.Batch)]);
            }
            catch (IOException e)
            {
                if (_storing.Length == TimeSpan.Zero) OutboxLog.CannotStore(_logger, e.Message);
                _storing = _storing.Longer(_time);
                return false;
            }
            if (_storing.Length > TimeSpan.Zero) OutboxLog.StoresAgain(_logger);
            _storing = default;

            lock (_gate)
            {
                for (int i = 0; i < due.Count; i++)
                {
                    var delivery = due[i];
                    if (!delivery.InMemory) // acknowledged meanwhile
                    {
                        _acknowledged.Add(first.Plus(i));
                        continue;
                    }
                    delivery.StoredAs = first.Plus(i);
                    if (delivery.InFlight) _inFlightFromDisk.Add(first.Plus(i));
                    else Forget(delivery);
                }
                _arrival.TrySetResult();
            }
        }
    }

    /// <summary>The oldest batches in memory that have to be on the disk and are not, all of one tenant.</summary>
    private List<Delivery> Due(bool all)
    {
        List<Delivery> due = [];
        lock (_gate)
        {
            bool everything = all || !_brokerIsThere || _memoryBytes > _options.MemoryBytes / 2;
            foreach (var delivery in _memory)
            {
                if (delivery.StoredAs is not null) continue;
                if (!everything && _time.GetElapsedTime(delivery.Since) < _options.FlushAfter) break;
                if (due.Count > 0 && delivery.Batch.Stamp.Tenant != due[0].Batch.Stamp.Tenant) break;
                due.Add(delivery);
                if (due.Count == OutboxOptions.StoreTogether) break;
            }
        }
        return due;
    }

    private void Purge(bool all)
    {
        StoredId[] ids;
        lock (_gate)
        {
            if (_acknowledged.Count == 0) return;
            if (!all && _brokerIsThere && _acknowledged.Count < DeleteTogether && _acknowledged.Count < _store.Count) return;
            ids = [.. _acknowledged];
        }
        var gone = _store.Delete(ids);
        _purging = gone.Count < ids.Length ? _purging.Longer(_time) : default;
        lock (_gate) _acknowledged.ExceptWith(gone);
    }

    private bool IsPaused(TenantId tenant) => _refused.TryGetValue(tenant, out var pause) && pause.IsOn(_time);

    private bool SkipPaused(SegmentName segment)
    {
        lock (_gate) return IsPaused(segment.Tenant);
    }

    private void Forget(Delivery delivery)
    {
        if (!delivery.InMemory || !_memory.Remove(delivery)) return;
        delivery.InMemory = false;
        _memoryBytes -= delivery.Batch.Payload.Length;
        Counts = Counts with { MemorySamples = Counts.MemorySamples - delivery.Batch.Count };
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
