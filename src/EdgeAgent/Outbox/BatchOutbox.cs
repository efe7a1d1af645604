using EdgeAgent.Tenancy;
using Microsoft.Extensions.Logging;

namespace EdgeAgent.Outbox;

/// <summary>
/// Keeps every sealed batch until the broker has acknowledged it or the ledger says what became of it. A batch is in memory for a few seconds at most,
/// which spares the flash, then on the disk; one of high priority is there at once. Thread-safe.
/// </summary>
/// <remarks>
/// <code>
///                 ┌──────────── in memory ────────────┐
///   Append ──────▶│ waiting ── TryTake ──▶ in flight  │── Acknowledge ──▶ gone
///                 └────┬──────────────────────┬───────┘
///                      └── Flush (too old, with it what is younger if the broker is away; too much; stop; of high priority: at once)
///                                 ▼
///                 on disk: waiting ── TryTake ──▶ in flight ── Acknowledge, Lose ──▶ deleted with all of its segment
///                                                     └── Park ──▶ stays there until the next run
/// </code>
/// Two locks: <c>_gate</c> for memory, held for moments; <c>_storeGate</c> for the disk, held while it works and never taken inside the other.
/// Whoever captures or publishes never waits for the second: what is read ahead of the publisher is in memory, and while the disk is at work for
/// somebody else there is just nothing more to take from it. The ledgers have locks of their own, inside these.
/// </remarks>
internal sealed partial class BatchOutbox : IDisposable
{
    private static readonly Priority[] HighestFirst = [Priority.High, Priority.Normal, Priority.Low];

    private readonly Lock _gate = new();
    private readonly SegmentStore _store;
    private readonly TenantKeys _keys;
    private readonly Ledgers _ledgers;
    private readonly IDisk _disk;
    private readonly OutboxOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly LinkedList<Delivery>[] _memory = [new(), new(), new()];
    private readonly HashSet<StoredId> _acknowledged = [];
    private readonly Dictionary<StoredId, Delivery> _taken = [];
    private readonly Dictionary<TenantId, Pause> _refused = [];
    private readonly HashSet<TenantId> _doomed = [];
    private Pause _storing;
    private Pause _deleting;
    private Pause _reading;
    private TaskCompletionSource _arrival = NewSignal();
    private bool _brokerIsThere;

    /// <summary>Set when something on the disk was passed over that may go later.</summary>
    private bool _passedOver;

    public BatchOutbox(IDisk disk, OutboxOptions options, TimeProvider time, ILogger logger)
    {
        _disk = disk;
        _options = options;
        _time = time;
        _logger = logger;
        _keys = new TenantKeys(disk, logger);
        _ledgers = new Ledgers(disk, logger);
        _store = new SegmentStore(disk, _keys, logger);
        TakeStockAtStart();
        CountStored();
        if (Counts.StoredBatches > 0) OutboxLog.Backlog(logger, Counts.StoredBatches);
    }

    /// <summary>A moment's picture.</summary>
    public OutboxCounts Counts { get; private set; } = new();

    /// <summary>Why what should be on the disk is not; null if it is. Any thread.</summary>
    public string? StoringTrouble { get; private set; }

    /// <summary>False when memory is full because the disk cannot be written: then samples stay in the ring, which counts what it must refuse.</summary>
    public bool HasRoom
    {
        get
        {
            lock (_gate) return Counts.MemoryBytes < _options.MemoryBytes;
        }
    }

    /// <summary>True while anything waits that can be published.</summary>
    public bool HasWork
    {
        get
        {
            lock (_gate) return _memory.Any(lane => lane.Any(delivery => !delivery.IsParked)) || _taken.Count > 0 || Counts.StoredBatches > _parked.Count;
        }
    }

    /// <summary>
    /// Accepts a batch. Of samples: never waits for the disk. Of a message of high priority: it is on the disk when this returns, unless the disk
    /// cannot be written, which is reported and tried again.
    /// </summary>
    public void Append(Batch batch)
    {
        var delivery = new Delivery(batch, _time.GetTimestamp()) { IsHeld = batch.Channel.Priority == Priority.High };
        var ledger = _ledgers.Of(batch.Stamp.Assignment);
        lock (_gate)
        {
            ledger.Use(batch.Channel.Stream, batch.LastSequence + 1);
            if (batch.Channel.Stream == RecordStream.Telemetry) Counts = Counts with { SealedSamples = Counts.SealedSamples + batch.Count };
            else if (Counts.MemoryBytes >= MemoryFor(batch.Channel.Priority))
            {
                // Samples wait in the ring for room; a message has nowhere to wait.
                OutboxLog.MessageLost(_logger, batch.Stamp.Tenant, batch.Channel);
                ledger.Set(RecordStream.Messages, new LedgerRange(batch.FirstSequence, batch.LastSequence, LedgerOutcome.Lost, LedgerReason.DiskFull));
                return;
            }
            Remember(delivery);
            if (!delivery.IsHeld) _arrival.TrySetResult();
        }
        if (delivery.IsHeld) StoreBeforeAllElse(delivery);
    }

    /// <summary>Tells whether the broker can be reached; decides where batches wait.</summary>
    public void SetBrokerIsThere(bool isThere)
    {
        lock (_gate) _brokerIsThere = isThere;
    }

    /// <summary>
    /// The next batch to publish: what is in memory, which is the newest, before the backlog from the disk, oldest first; of each the highest
    /// priority first. A backlog of high priority goes before samples.
    /// </summary>
    /// <param name="mayTake">What may be taken now; null for all. The rest is passed over until <see cref="Reconsider"/>.</param>
    /// <param name="withBacklog">False to leave the backlog, but for that of high priority, where it is.</param>
    /// <returns>Null if there is nothing, or nothing while the disk is at work; <see cref="ArrivalAsync"/> tells when that changes. Never waits for the disk to be free.</returns>
    public Delivery? TryTake(MayTake? mayTake = null, bool withBacklog = true)
    {
        bool mayBeHighOnDisk;
        lock (_gate)
        {
            if (TakeFromMemory(Priority.High, mayTake) is { } urgent) return urgent;
            mayBeHighOnDisk = _highOnDisk || _rewind;
        }
        // If the disk is at work the rest goes on meanwhile.
        if (mayBeHighOnDisk && TakeFromDisk(Priority.High, mayTake) is { } early) return early;
        lock (_gate)
        {
            foreach (var priority in HighestFirst)
            {
                if (TakeFromMemory(priority, mayTake) is { } delivery) return delivery;
            }
            _arrival = NewSignal();
        }
        if (!withBacklog) return null;
        foreach (var priority in HighestFirst)
        {
            if (TakeFromDisk(priority, mayTake) is { } delivery) return delivery;
        }
        return null;
    }

    /// <summary>What may go has changed: what was passed over comes again.</summary>
    public void Reconsider()
    {
        lock (_gate)
        {
            if (_passedOver) (_rewind, _passedOver) = (true, false);
            _arrival.TrySetResult();
        }
    }

    /// <summary>Completes when there may be something to take again.</summary>
    public Task ArrivalAsync()
    {
        lock (_gate) return _arrival.Task;
    }

    /// <summary>The broker has it. The only way in which a batch ends well.</summary>
    public void Acknowledge(Delivery delivery)
    {
        var batch = delivery.Batch;
        lock (_gate)
        {
            delivery.InFlight = false;
            if (_refused.Remove(batch.Stamp.Tenant))
            {
                // Its pause is over: what was passed over meanwhile comes again.
                _rewind = true;
                _arrival.TrySetResult();
            }
            if (delivery.IsOver) return;
            bool isNew = true;
            if (delivery.StoredAs is { } id)
            {
                isNew = NoteSettled(id);
            }
            if (isNew)
            {
                _ledgers.Of(batch.Stamp.Assignment).Set(batch.Channel.Stream, new LedgerRange(batch.FirstSequence, batch.LastSequence, LedgerOutcome.Delivered));
                if (batch.Channel.Stream == RecordStream.Telemetry) CountDelivered(delivery);
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
            if (delivery.IsOver) return;
            if (delivery.StoredAs is { } id)
            {
                _taken.Remove(id);
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
            if (isFirst && !delivery.IsOver)
            {
                var pause = _refused.GetValueOrDefault(tenant).Longer(_time);
                _refused[tenant] = pause;
                OutboxLog.TenantParked(_logger, tenant, pause.Length.TotalSeconds);
            }
        }
        Return(delivery);
    }

    public void Dispose()
    {
        using var hold = HoldStore();
        _store.Dispose();
        _keys.Dispose();
    }

    private Delivery? TakeFromMemory(Priority priority, MayTake? mayTake)
    {
        foreach (var delivery in _memory[(int)priority])
        {
            var tenant = delivery.Batch.Stamp.Tenant;
            if (delivery.InFlight || delivery.IsHeld || delivery.IsParked || IsPaused(tenant) || mayTake?.Invoke(tenant, priority, isBacklog: false) == false) continue;
            delivery.InFlight = true;
            return delivery;
        }
        return null;
    }

    private void CountDelivered(Delivery delivery)
    {
        bool isOfEarlierRun = delivery.StoredAs is { } place && place.Segment <= _store.LastSegmentOfEarlierRuns;
        Counts = isOfEarlierRun
            ? Counts with { DeliveredOfEarlierRuns = Counts.DeliveredOfEarlierRuns + delivery.Batch.Count }
            : Counts with { DeliveredSamples = Counts.DeliveredSamples + delivery.Batch.Count };
    }

    private void CountStored()
    {
        ForgetParkedThatIsGone();
        Counts = Counts with
        {
            StoredBatches = Math.Max(0, _store.Count - _acknowledged.Count),
            StoredBytes = _store.Bytes,
            DroppedSamples = _ledgers.All.Sum(ledger => ledger.DroppedSamples),
        };
    }

    private bool IsPaused(TenantId tenant) => _doomed.Contains(tenant) || _refused.TryGetValue(tenant, out var pause) && pause.IsOn(_time);

    private long MemoryFor(Priority priority) => priority == Priority.High ? _options.MemoryBytes + _options.MemoryBytes / 4 : _options.MemoryBytes;

    private void Remember(Delivery delivery)
    {
        delivery.Node = _memory[(int)delivery.Batch.Channel.Priority].AddLast(delivery);
        CountMemory(delivery, 1);
    }

    private void Forget(Delivery delivery)
    {
        if (delivery.Node is null) return;
        delivery.Node.List!.Remove(delivery.Node);
        delivery.Node = null;
        CountMemory(delivery, -1);
    }

    private void CountMemory(Delivery delivery, int sign)
    {
        Counts = delivery.Batch.Channel.Stream == RecordStream.Telemetry
            ? Counts with { MemorySamples = Counts.MemorySamples + sign * delivery.Batch.Count, MemoryBytes = Counts.MemoryBytes + sign * delivery.Batch.Payload.Length }
            : Counts with { MemoryMessages = Counts.MemoryMessages + sign * delivery.Batch.Count, MemoryBytes = Counts.MemoryBytes + sign * delivery.Batch.Payload.Length };
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
