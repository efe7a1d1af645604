using EdgeAgent.Capture;
using EdgeAgent.Outbox;
using EdgeAgent.Publishing;
using EdgeAgent.Tenancy;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EdgeAgent.Management;

/// <summary>
/// The agent as a service: owns every background loop, starts them in the order in which data flows and stops them in the same order,
/// so that each hands on what it has before the next one ends.
/// </summary>
internal sealed class Agent(AgentInputs inputs, IHostApplicationLifetime lifetime, ILoggerFactory loggers) : IHostedService, IAsyncDisposable
{
    /// <summary>How often the outbox is asked to move or delete what is due.</summary>
    private static readonly TimeSpan FlushInterval = TimeSpan.FromMilliseconds(250);

    private readonly ILogger _logger = loggers.CreateLogger("edge-agent");
    private readonly AgentConfiguration _configuration = inputs.Configuration;
    private readonly TimeProvider _time = inputs.Time;
    private readonly CancellationTokenSource _stopSealing = new(), _stopFlushing = new(), _stopPublishing = new();
    private readonly WallClock _clock = new(inputs.Time);
    private DirectoryDisk? _disk;
    private Pipeline? _pipeline;
    private BatchSealer? _sealer;
    private BatchOutbox? _outbox;
    private Publisher? _publisher;
    private IBrokerLink? _link;
    private Task _sealing = Task.CompletedTask, _flushing = Task.CompletedTask, _publishing = Task.CompletedTask;

    public AgentStatus Status => new(_configuration.Assignment, _pipeline, _outbox?.Counts ?? new OutboxCounts(), _publisher?.IsConnected ?? false);

    /// <summary>Returns when the outbox is open and each source is open or being retried: the service is then ready.</summary>
    /// <exception cref="IOException">The outbox cannot be opened.</exception>
    /// <exception cref="InvalidDataException">The outbox holds something that must not be guessed at.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var disk = _disk = DirectoryDisk.OpenRoot(_configuration.OutboxDirectory);
        var boot = BootId.OfThisBoot();
        _outbox = new BatchOutbox(disk, _configuration.Outbox, _time, _logger);
        _link = inputs.Link(_configuration.Broker);
        _publisher = new Publisher(_link, _outbox, boot, _clock, _time, Random.Shared, _logger);

        if (_configuration.Assignment is { } assignment)
        {
            var numbers = SequenceNumbers.Open(disk, assignment, _logger);
            var ring = new SampleRing(new RecordStamp(assignment, boot), numbers.First);
            var catalog = new SignalCatalog([]);
            _pipeline = new Pipeline(ring, catalog, inputs.Sources, _clock, _time, ThreadWorkers.Instance, _logger);
            _sealer = new BatchSealer(ring, catalog, numbers, _outbox, _configuration.SealAfter, _clock, _time, _logger);
            _pipeline.Start(Own);
            _pipeline.BeginAt(_clock.NowNs());
            _sealing = Own("sealing", Task.Run(() => _sealer.RunAsync(_stopSealing.Token), CancellationToken.None));
        }
        else
        {
            ManagementLog.Unassigned(_logger, _configuration.Device);
        }
        _flushing = Own("outbox", Task.Run(() => Periodic.RunAsync(FlushInterval, _time, () => _outbox.Flush(), _stopFlushing.Token), CancellationToken.None));
        _publishing = Own("publishing", Task.Run(() => _publisher.RunAsync(_stopPublishing.Token), CancellationToken.None));
        try
        {
            if (_pipeline is not null) await _pipeline.TriedAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // Told to stop before every source was tried: the host would not ask for it again, and some may have captured already.
            await StopAsync(CancellationToken.None);
            throw;
        }
        ManagementLog.Started(_logger, _configuration.Device, _configuration.Assignment?.Tenant.ToString() ?? "nobody");
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_pipeline is not null) await _pipeline.EndAtAsync(_clock.NowNs());
        await _stopSealing.CancelAsync();
        await _sealing;
        long unsealed = FinishSealing();
        if (_outbox is null) return;

        // First to the disk, since nobody knows how long the power lasts; then to the broker what there is time for.
        _outbox.Flush(all: true);
        if (_publisher!.IsConnected) await DrainAsync(cancellationToken);
        await _stopPublishing.CancelAsync();
        await _publishing;
        await _stopFlushing.CancelAsync();
        await _flushing;
        bool stored = _outbox.Flush(all: true);

        var counts = _outbox.Counts;
        long lost = unsealed + (stored ? 0 : counts.MemorySamples);
        if (lost == 0)
        {
            _sealer?.AccountFor();
        }
        else
        {
            ManagementLog.StoppedWithLoss(_logger, lost);
            Environment.ExitCode = 1;
        }
        ManagementLog.Stopped(_logger, counts.SealedSamples + unsealed, counts.DeliveredSamples, counts.BufferedSamples + unsealed - lost, counts.DeliveredOfEarlierRuns);
    }

    /// <summary>Seals what the ring still holds; what memory has no room for goes to the disk.</summary>
    /// <returns>The samples for which there is room on neither.</returns>
    private long FinishSealing()
    {
        long unsealed = _sealer?.Finish() ?? 0, before;
        do
        {
            before = unsealed;
            if (unsealed > 0 && _outbox!.Flush(all: true)) unsealed = _sealer!.Finish();
        }
        while (unsealed > 0 && unsealed < before);
        return unsealed;
    }

    public async ValueTask DisposeAsync()
    {
        if (_link is not null) await _link.DisposeAsync();
        _outbox?.Dispose();
        _disk?.Dispose();
        _pipeline?.Dispose();
        _stopSealing.Dispose();
        _stopFlushing.Dispose();
        _stopPublishing.Dispose();
    }

    /// <summary>Lets the publisher go on for a while; it alone empties the outbox.</summary>
    private async Task DrainAsync(CancellationToken hurry)
    {
        long begun = _time.GetTimestamp();
        while (_publisher!.IsConnected && _outbox!.HasWork && _time.GetElapsedTime(begun) < _configuration.Drain && !hurry.IsCancellationRequested)
            await Task.Delay(BatchSealer.Interval, _time, CancellationToken.None);
    }

    /// <summary>A loop that dies takes the service with it: systemd starts it anew, while a crippled one would look alive.</summary>
    private Task Own(string name, Task loop) =>
        loop.ContinueWith(
            ended =>
            {
                if (!ended.IsFaulted) return;
                ManagementLog.LoopDied(_logger, name, ended.Exception!.GetBaseException());
                Environment.ExitCode = 1;
                lifetime.StopApplication();
            },
            CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
}

/// <summary>What an agent is made of.</summary>
/// <param name="Configuration">Checked.</param>
/// <param name="Sources">Compiled from it.</param>
/// <param name="DbcWarnings">How many doubtful places there are in which DBC files.</param>
/// <param name="Time">The clock.</param>
/// <param name="Link">Makes the connection to a broker.</param>
internal sealed record AgentInputs(
    AgentConfiguration Configuration,
    IReadOnlyList<CaptureSource> Sources,
    IReadOnlyList<(string File, int Count)> DbcWarnings,
    TimeProvider Time,
    Func<BrokerOptions, IBrokerLink> Link);

/// <summary>A picture of the running agent.</summary>
internal sealed record AgentStatus(Assignment? Assignment, Pipeline? Pipeline, OutboxCounts Outbox, bool BrokerIsConnected);
