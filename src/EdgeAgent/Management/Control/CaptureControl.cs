using EdgeAgent.Capture;
using EdgeAgent.Management.Configuration;
using EdgeAgent.Outbox;
using EdgeAgent.Tenancy;
using Microsoft.Extensions.Logging;

namespace EdgeAgent.Management.Control;

/// <summary>
/// What captures now: the recorder of the assignment and the pipeline of the configuration. Both are replaced as a whole, at one moment of
/// the stream: frames before it are the old one's, frames from it on the new one's. Changed by the controller alone, looked at by anybody.
/// </summary>
internal sealed class CaptureControl(CaptureParts parts) : IDisposable
{
    /// <summary>The moment of a switch lies so far ahead that no frame from behind it has been read when both pipelines are told.</summary>
    private static readonly TimeSpan SwitchAhead = TimeSpan.FromMilliseconds(20);

    /// <summary>How long a new pipeline may open its sources before it takes over all the same.</summary>
    private static readonly TimeSpan OpenWithin = TimeSpan.FromSeconds(3);

    private readonly Lock _sealing = new();
    private TimeSpan _sealAfter = TenantConfiguration.Default.SealAfter;
    private int _maxSamples = TenantConfiguration.Default.Publishing.Encoding.MaxSamples;

    /// <summary>Null while the device belongs to nobody.</summary>
    public Recorder? Recorder { get; private set; }

    /// <summary>Null while nothing is captured.</summary>
    public Pipeline? Pipeline { get; private set; }

    /// <summary>How old a batch may become before it is sealed.</summary>
    public TimeSpan SealAfter
    {
        get => _sealAfter;
        set
        {
            _sealAfter = value;
            if (Recorder is { } recorder) recorder.SealAfter = value;
        }
    }

    /// <summary>How many samples a batch holds at most.</summary>
    public int MaxSamples
    {
        get => _maxSamples;
        set
        {
            _maxSamples = value;
            if (Recorder is { } recorder) recorder.MaxSamples = value;
        }
    }

    /// <summary>One look at the ring; to be called regularly.</summary>
    public void Step()
    {
        lock (_sealing) Recorder?.Step();
    }

    /// <summary>Another assignment, or none, with what it captures.</summary>
    /// <param name="assignment">Null for none.</param>
    /// <param name="sources">What to capture for it.</param>
    /// <returns>The samples of the old one for which there is room neither in memory nor on the disk.</returns>
    /// <exception cref="IOException">The new one's numbers cannot be reserved; nothing has changed.</exception>
    public async Task<long> AssignAsync(Assignment? assignment, IReadOnlyList<CaptureSource> sources)
    {
        var before = Recorder;
        var recorder = assignment is null ? null : parts.OpenRecorder(new RecordStamp(assignment, parts.Boot));
        if (recorder is not null) (recorder.SealAfter, recorder.MaxSamples) = (SealAfter, MaxSamples);
        await SwitchAsync(recorder, sources);
        lock (_sealing) Recorder = recorder;
        return before is null ? 0 : Finish(before);
    }

    /// <summary>False if there were more signals than a catalog holds.</summary>
    public bool HasRoomFor(IReadOnlyList<CaptureSource> sources) =>
        Recorder is null || Recorder.Catalog.Count + sources.Sum(source => source.Signals.Count) <= SignalCatalog.MaxSignals;

    /// <summary>Another configuration for the same assignment.</summary>
    public Task ConfigureAsync(IReadOnlyList<CaptureSource> sources) => SwitchAsync(Recorder, sources);

    /// <summary>The end of capture.</summary>
    /// <returns>See <see cref="AssignAsync"/>.</returns>
    public async Task<long> EndAsync()
    {
        if (Pipeline is { } pipeline) await pipeline.EndAtAsync(parts.Clock.NowNs());
        if (Recorder is not { } recorder) return 0;
        long unsealed = Seal(recorder);
        recorder.Close();
        return unsealed;
    }

    public void Dispose() => Pipeline?.Dispose();

    private async Task SwitchAsync(Recorder? recorder, IReadOnlyList<CaptureSource> sources)
    {
        var old = Pipeline;
        var young = recorder is null || sources.Count == 0 ? null
            : new Pipeline(recorder.Ring, recorder.Catalog, sources, parts.Clock, parts.Time, parts.Workers, parts.Logger);
        if (young is not null)
        {
            young.Start(parts.Own);
            await OpenAsync(young);
        }
        long moment = parts.Clock.NowNs() + (old is null ? 0 : (long)SwitchAhead.TotalNanoseconds);
        young?.BeginAt(moment);
        Pipeline = young;
        if (old is null) return;
        await old.EndAtAsync(moment);
        old.Dispose();
    }

    private async Task OpenAsync(Pipeline pipeline)
    {
        using var limit = new CancellationTokenSource(OpenWithin, parts.Time);
        try
        {
            await pipeline.TriedAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            // A source that takes so long joins when it is ready.
        }
    }

    private long Finish(Recorder recorder)
    {
        long unsealed = Seal(recorder);
        recorder.Close();
        if (parts.Outbox.Flush(all: true) && unsealed == 0) recorder.AccountFor();
        return unsealed;
    }

    /// <summary>Seals what the ring still holds; what memory has no room for goes to the disk.</summary>
    private long Seal(Recorder recorder)
    {
        lock (_sealing)
        {
            long unsealed = recorder.Finish(), before;
            do
            {
                before = unsealed;
                if (unsealed > 0 && parts.Outbox.Flush(all: true)) unsealed = recorder.Finish();
            }
            while (unsealed > 0 && unsealed < before);
            return unsealed;
        }
    }
}

/// <summary>What a <see cref="CaptureControl"/> is made of.</summary>
/// <param name="Boot">Which boot of the device this is.</param>
/// <param name="OpenRecorder">Makes a recorder, or throws <see cref="IOException"/>.</param>
/// <param name="Outbox">Where records wait.</param>
/// <param name="Clock">The device's clock.</param>
/// <param name="Time">The same, for waits.</param>
/// <param name="Workers">Where sources are read.</param>
/// <param name="Own">Owns each reader's loop, see <see cref="Pipeline.Start"/>.</param>
/// <param name="Logger">The journal.</param>
internal sealed record CaptureParts(
    BootId Boot, Func<RecordStamp, Recorder> OpenRecorder, BatchOutbox Outbox, WallClock Clock, TimeProvider Time, IWorkers Workers, Func<string, Task, Task> Own, ILogger Logger);
