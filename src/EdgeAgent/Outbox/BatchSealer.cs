using EdgeAgent.Capture;
using Microsoft.Extensions.Logging;

namespace EdgeAgent.Outbox;

/// <summary>
/// Takes samples out of the ring in order, seals them into batches when one is full or old enough, and gives them to the outbox.
/// The only consumer of the ring.
/// </summary>
internal sealed class BatchSealer(
    SampleRing ring, SignalCatalog catalog, SequenceNumbers numbers, BatchOutbox outbox, TimeSpan sealAfter, WallClock clock, TimeProvider time, ILogger logger)
{
    /// <summary>How often the ring is looked at. At this pace a full ring takes 1.3 million samples a second.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);

    private readonly BatchBuilder _builder = new(ring.Stamp, catalog);
    private long _begunAt;
    private long _next = numbers.First;
    private bool _cannotReserve;

    public Task RunAsync(CancellationToken stop) => Periodic.RunAsync(Interval, time, Step, stop);

    /// <summary>One look at the ring. What finds no room behind stays in it.</summary>
    public void Step()
    {
        while (outbox.HasRoom)
        {
            if (_builder.IsFull && !TrySeal()) return;
            if (!ring.TryTake(out var sample)) break;
            if (_builder.Count == 0) _begunAt = time.GetTimestamp();
            _builder.Add(sample);
            _next = sample.Sequence + 1;
        }
        if (_builder.Count > 0 && time.GetElapsedTime(_begunAt) >= sealAfter) TrySeal();
    }

    /// <summary>The end of capture: seals what is left. To be called when no reader runs any more and <see cref="RunAsync"/> has returned.</summary>
    /// <returns>The number of samples that could not be sealed, since memory and disk are full.</returns>
    public long Finish()
    {
        Step();
        bool sealedAll = _builder.Count == 0 || TrySeal();
        return ring.FirstSequence + ring.Accepted - (sealedAll ? _next : _next - _builder.Count);
    }

    /// <summary>Everything sealed is delivered or on the disk: the next run goes on with the next number and has nothing to excuse.</summary>
    public void AccountFor()
    {
        try
        {
            numbers.Stop(_next);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The next run will skip the rest of the block and say so.
            OutboxLog.CannotStore(logger, e.Message);
        }
    }

    private bool TrySeal()
    {
        try
        {
            // No number leaves before it is known on the disk that it is used.
            numbers.Reserve(_next - 1);
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
