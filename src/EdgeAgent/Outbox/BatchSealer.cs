using EdgeAgent.Capture;
using EdgeAgent.Tenancy;
using Microsoft.Extensions.Logging;

namespace EdgeAgent.Outbox;

/// <summary>
/// Takes samples out of the ring in order, seals them into batches when one is full or old enough, and gives them to the outbox.
/// The only consumer of the ring.
/// </summary>
internal sealed class BatchSealer(
    SampleRing ring, SignalCatalog catalog, LatestValues latest, Ledger ledger, BatchOutbox outbox, TimeSpan sealAfter, WallClock clock, TimeProvider time, ILogger logger)
{
    /// <summary>How often the ring is looked at. At this pace a full ring takes 1.3 million samples a second.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);

    private readonly BatchBuilder _builder = new(ring.Stamp, catalog);
    private long _begunAt;
    private long _sealAfterTicks = sealAfter.Ticks;
    private bool _cannotReserve;

    /// <summary>How old a batch may become before it is sealed. Any thread.</summary>
    public TimeSpan SealAfter
    {
        get => TimeSpan.FromTicks(Volatile.Read(ref _sealAfterTicks));
        set => Volatile.Write(ref _sealAfterTicks, value.Ticks);
    }

    /// <summary>See <see cref="BatchBuilder.MaxSamples"/>. Any thread.</summary>
    public int MaxSamples
    {
        set => _builder.MaxSamples = value;
    }

    /// <summary>The number behind the last sample taken.</summary>
    public long Next { get; private set; } = ring.FirstSequence;

    /// <summary>One look at the ring. What finds no room behind stays in it.</summary>
    public void Step()
    {
        while (outbox.HasRoom)
        {
            if (_builder.IsFull && !TrySeal()) return;
            if (!ring.TryTake(out var sample)) break;
            if (_builder.Count == 0) _begunAt = time.GetTimestamp();
            _builder.Add(sample);
            latest.Set(sample);
            Next = sample.Sequence + 1;
        }
        if (_builder.Count > 0 && time.GetElapsedTime(_begunAt) >= SealAfter) TrySeal();
    }

    /// <summary>The end of capture: seals what is left. To be called when no reader runs any more and <see cref="Recorder.RunAsync"/> has returned.</summary>
    /// <returns>The number of samples that could not be sealed, since memory and disk are full.</returns>
    public long Finish()
    {
        Step();
        bool sealedAll = _builder.Count == 0 || TrySeal();
        return ring.FirstSequence + ring.Accepted - (sealedAll ? Next : Next - _builder.Count);
    }

    private bool TrySeal()
    {
        try
        {
            // No number leaves before it is known on the disk that it is used.
            ledger.Reserve(RecordStream.Telemetry, Next - 1);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (!_cannotReserve) OutboxLog.CannotStore(logger, e.Message);
            _cannotReserve = true;
            return false;
        }
        _cannotReserve = false;
        outbox.Append(_builder.Seal(clock.Read()));
        return true;
    }
}
