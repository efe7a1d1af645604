using Microsoft.Extensions.Logging;

namespace EdgeAgent.Capture;

/// <summary>
/// Everything between the sources and the ring, for one configuration. Immutable: another configuration is another pipeline beside it, and
/// the two divide the frames of live sources at one moment.
/// </summary>
internal sealed class Pipeline : IDisposable
{
    /// <summary>How long a reader may need for what was received before the end: an open socket is read empty in much less.</summary>
    private static readonly TimeSpan FinishWithin = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _closing = new(), _stop = new();
    private readonly CaptureWindow _window = new();
    private readonly TimeProvider _time;
    private readonly SourceReader[] _readers;
    private readonly ObdPoller[] _pollers;
    private readonly IWorkers _workers;
    private Task _running = Task.CompletedTask;

    /// <param name="ring">Where samples go, and so whose they are.</param>
    /// <param name="catalog">The catalog of the ring's signals.</param>
    /// <param name="sources">Where frames come from.</param>
    /// <param name="clock">The device's clock.</param>
    /// <param name="time">The same, for waits.</param>
    /// <param name="workers">Where sources are read.</param>
    /// <param name="logger">The journal.</param>
    public Pipeline(SampleRing ring, SignalCatalog catalog, IReadOnlyList<CaptureSource> sources, WallClock clock, TimeProvider time, IWorkers workers, ILogger logger)
    {
        _time = time;
        _workers = workers;
        _readers = [.. sources.Select(source =>
        {
            int[] signals = catalog.Add(source.Signals);
            Signals.Add(source, signals);
            return new SourceReader(source, ring, signals, _window, clock, time, workers, logger);
        })];
        _pollers = [.. _readers.Where(reader => reader.Source.Obd is not null).Select(reader =>
        {
            var (bus, plan) = (reader.Source.Bus, reader.Source.Obd!);
            int[] signals = catalog.Add(plan.SignalsOf(bus));
            Signals.Add(bus, plan, signals);
            return new ObdPoller(bus, plan, signals, () => reader.State == SourceState.Open ? reader.Counters.Openings : null, ring, _window, clock, time, logger);
        })];
    }

    /// <summary>What is captured.</summary>
    public CapturedSignals Signals { get; } = new();

    public IReadOnlyList<SourceReader> Readers => _readers;

    /// <summary>Of the sources whose ECUs are asked.</summary>
    public IReadOnlyList<ObdPoller> Pollers => _pollers;

    /// <summary>Who asks the ECUs of a source; null if nobody does.</summary>
    public ObdPoller? PollerOf(SourceReader reader)
    {
        foreach (var poller in _pollers)
        {
            if (poller.Bus == reader.Source.Bus) return poller;
        }
        return null;
    }

    /// <summary>Of the loops that have to go on now.</summary>
    public IEnumerable<Pulse> Pulses => [.. _readers.Where(reader => reader.HasToMove).Select(reader => reader.Pulse), .. _pollers.Select(poller => poller.Pulse)];

    /// <summary>Opens the sources. Nothing is captured or asked for before <see cref="BeginAt"/>.</summary>
    /// <param name="own">Told of each reader's loop by name; returns what completes when the loop has ended, however.</param>
    public void Start(Func<string, Task, Task> own) =>
        _running = Task.WhenAll(
        [
            .. _readers.Select(reader => own($"capture of {reader.Source.Bus}", reader.RunAsync(_closing.Token, _stop.Token))),
            .. _pollers.Select(poller => own($"OBD of {poller.Bus}", _workers.StartLoop(() => poller.RunAsync(_closing.Token)))),
        ]);

    /// <summary>Completes when every source is open or being retried.</summary>
    public Task TriedAsync(CancellationToken stop) => Task.WhenAll(_readers.Select(reader => reader.Tried)).WaitAsync(stop);

    /// <summary>Frames of live sources belong to it from this moment on; logs begin now.</summary>
    public void BeginAt(long timeNs) => _window.FromNs = timeNs;

    /// <summary>Frames of live sources belong to it until this moment; logs end now.</summary>
    /// <returns>Completes when all that belongs to it is in the ring.</returns>
    public async Task EndAtAsync(long timeNs)
    {
        _window.UntilNs = timeNs;
        _closing.Cancel();
        using var late = new CancellationTokenSource(FinishWithin, _time);
        using var stopping = late.Token.Register(_stop.Cancel);
        await _running;
    }

    public void Dispose()
    {
        _closing.Dispose();
        _stop.Dispose();
    }
}
