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
    private TaskCompletionSource _arrival = NewSignal();
    private long _memoryBytes;
    private bool _brokerIsThere;
    private bool _cannotStore;

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

    /// <summary>The next batch to publish: the newest data first served from memory, then the backlog from the disk, oldest first.</summary>
    public Delivery? TryTake()
    {
        lock (_gate)
        {
            for (var node = _memory.First; node is not null; node = node.Next)
            {
                if (node.Value.InFlight) continue;
                node.Value.InFlight = true;
                return node.Value;
            }
            _arrival = NewSignal();
        }
        lock (_storeGate)
        {
            while (_store.TryTake(out var id, out var batch))
            {
                lock (_gate)
                {
                    if (_acknowledged.Contains(id) || !_inFlightFromDisk.Add(id)) continue;
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
            Counts = delivery.StoredAs is { } place && place.Segment <= _store.LastSegmentOfEarlierRuns
                ? Counts with { DeliveredOfEarlierRuns = Counts.DeliveredOfEarlierRuns + delivery.Batch.Count }
                : Counts with { DeliveredSamples = Counts.DeliveredSamples + delivery.Batch.Count };
            if (delivery.StoredAs is { } id)
            {
                _inFlightFromDisk.Remove(id);
                _acknowledged.Add(id);
            }
            Forget(delivery);
        }
    }

    /// <summary>It could not be published: it waits again.</summary>
    public void Return(Delivery delivery)
    {
        bool isStored;
        lock (_gate)
        {
            delivery.InFlight = false;
            isStored = delivery.StoredAs is not null;
            if (delivery.StoredAs is { } id)
            {
                _inFlightFromDisk.Remove(id);
                Forget(delivery);
            }
            _arrival.TrySetResult();
        }
        if (!isStored) return;
        lock (_storeGate) _store.Rewind();
    }

    /// <summary>
    /// Moves to the disk what has to be there: everything while the broker is away or <paramref name="all"/> is set, else what has waited too
    /// long. Deletes what was acknowledged. To be called regularly; a disk that cannot be written is reported and tried again at the next call.
    /// </summary>
    /// <returns>False if something that has to be on the disk is not.</returns>
    public bool Flush(bool all = false)
    {
        lock (_storeGate)
        {
            bool stored = Store(all);
            Purge(all);
            lock (_gate) Counts = Counts with { StoredBatches = Math.Max(0, _store.Count - _acknowledged.Count) };
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
            if (due.Count == 0) return true;

            StoredId first;
            try
            {
                first = _store.Append([.. due.Select(delivery => delivery.Batch)]);
            }
            catch (IOException e)
            {
                if (!_cannotStore) OutboxLog.CannotStore(_logger, e.Message);
                _cannotStore = true;
                return false;
            }
            if (_cannotStore) OutboxLog.StoresAgain(_logger);
            _cannotStore = false;

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

    private void Purge(bool all)
    {
        StoredId[] ids;
        lock (_gate)
        {
            if (_acknowledged.Count == 0) return;
            if (!all && _brokerIsThere && _acknowledged.Count < DeleteTogether && _acknowledged.Count < _store.Count) return;
            ids = [.. _acknowledged];
        }
        _store.Delete(ids);
        lock (_gate) _acknowledged.ExceptWith(ids);
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

/// <summary>A batch on its way to the broker. Its state belongs to the outbox.</summary>
internal sealed class Delivery(Batch batch, long since)
{
    public Batch Batch { get; } = batch;

    /// <summary>When it was accepted, on the monotonic clock.</summary>
    public long Since { get; } = since;

    public bool InFlight { get; set; }

    /// <summary>Its id on the disk, if it is there.</summary>
    public StoredId? StoredAs { get; set; }

    public bool InMemory { get; set; } = true;
}

/// <summary>The outbox's limits.</summary>
/// <param name="FlushAfter">How long a batch may be in memory alone while the broker is there; as much is lost in a power cut.</param>
/// <param name="MemoryBytes">The most payload bytes in memory.</param>
internal sealed record OutboxOptions(TimeSpan FlushAfter, long MemoryBytes)
{
    /// <summary>The most batches in one transaction.</summary>
    public const int StoreTogether = 32;
}

/// <summary>Where the samples are.</summary>
internal sealed record OutboxCounts
{
    /// <summary>Samples accepted in batches since the start.</summary>
    public long SealedSamples { get; init; }

    /// <summary>Of these, samples acknowledged by the broker.</summary>
    public long DeliveredSamples { get; init; }

    /// <summary>Samples of earlier runs acknowledged by the broker in this one.</summary>
    public long DeliveredOfEarlierRuns { get; init; }

    /// <summary>Samples of this run that the broker has not acknowledged.</summary>
    public long BufferedSamples => SealedSamples - DeliveredSamples;

    /// <summary>Samples in memory.</summary>
    public long MemorySamples { get; init; }

    /// <summary>Batches on the disk.</summary>
    public long StoredBatches { get; init; }
}
