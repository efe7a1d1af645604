using EdgeAgent.Tenancy;
using Microsoft.Extensions.Logging;

namespace EdgeAgent.Capture;

/// <summary>
/// Everything between the sources and the ring, for one assignment and one configuration. Immutable: another assignment or configuration is
/// another pipeline beside it.
/// </summary>
internal sealed class Pipeline : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly SourceReader[] _readers;

    /// <param name="stamp">What every sample is stamped with.</param>
    /// <param name="firstSequence">The number of the first sample.</param>
    /// <param name="sources">Where frames come from.</param>
    /// <param name="clock">The device's clock.</param>
    /// <param name="time">The same, for waits.</param>
    /// <param name="logger">The journal.</param>
    public Pipeline(RecordStamp stamp, long firstSequence, IReadOnlyList<CaptureSource> sources, WallClock clock, TimeProvider time, ILogger logger)
    {
        Ring = new SampleRing(stamp, firstSequence);
        _readers = [.. sources.Select(source => new SourceReader(source, Ring, clock, time, logger))];
    }

    public SampleRing Ring { get; }

    public IReadOnlyList<SourceReader> Readers => _readers;

    /// <summary>Reads one of the sources until <see cref="Stop"/>.</summary>
    public Task RunAsync(SourceReader reader) => reader.RunAsync(_stop.Token);

    /// <summary>Completes when every source is open or being retried.</summary>
    public Task TriedAsync(CancellationToken stop) => Task.WhenAll(_readers.Select(reader => reader.Tried)).WaitAsync(stop);

    public void Stop() => _stop.Cancel();

    public void Dispose() => _stop.Dispose();
}
