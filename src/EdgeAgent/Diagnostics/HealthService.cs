using EdgeAgent.Can;
using EdgeAgent.Can.Errors;
using EdgeAgent.Can.SocketCan;
using EdgeAgent.Capture;
using EdgeAgent.Management;
using EdgeAgent.Tenancy;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EdgeAgent.Diagnostics;

/// <summary>Watches the buses, and records the device's health for the tenant that it belongs to; while it belongs to nobody there is nobody to tell.</summary>
internal sealed class HealthService(Agent agent, AgentInputs inputs, ILoggerFactory loggers) : BackgroundService
{
    private readonly SystemMetrics _system = new(inputs.Configuration.Device.StateDirectory);
    private readonly Lock _gate = new();
    private readonly ILogger _logger = loggers.CreateLogger("edge-agent");
    private (HealthInputs Inputs, long At)? _before, _latest;
    private Assignment? _watchedFor;
    private BusWatch? _watch;
    private ObdWatch? _obdWatch;
    private VinWatch? _vinWatch;

    protected override Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var metrics = new SystemMetrics(inputs.Configuration.Device.StateDirectory);
        var reporter = new HealthReporter(Read, metrics.Read, agent.Record, () => agent.Status.HealthEvery, inputs.Time);
        return HostedLoop.RunAsync("health", () => reporter.RunAsync(stoppingToken), _logger);
    }

    private HealthInputs Read()
    {
        var status = agent.Status;
        var readers = status.Pipeline?.Readers ?? [];
        // Whoever gets the device is told anew how its buses are.
        if (_watch is null || status.Assignment != _watchedFor)
        {
            (_watchedFor, _watch) = (status.Assignment, new BusWatch(agent.Record, CanLinkControl.Restart, inputs.Time, _logger));
            _obdWatch = new ObdWatch(agent.Record);
            _vinWatch = status.Assignment is { } assignment && agent.Disk is { } disk ? new VinWatch(disk, assignment.Tenant, agent.Record, _logger) : null;
        }
        Watch(_watch, [.. readers.Where(reader => reader.Source.Interface is not null)]);
        _obdWatch!.Step([.. (status.Pipeline?.Pollers ?? []).Select(poller => new ObdLook(poller.Bus, poller.TestersSeen, poller.YieldFor))]);
        _vinWatch?.Step([.. (status.Pipeline?.Pollers ?? []).Select(poller => (poller.Bus, poller.Vin))]);
        var read = Of(status, [.. readers.Select(reader => Read(reader, status.Pipeline?.PollerOf(reader)))]);
        lock (_gate) (_before, _latest) = (_latest, (read, inputs.Time.GetTimestamp()));
        return read;
    }

    /// <summary>How the device is by the last two looks, a second apart; null before the first. Loads of processors are those since this was last asked for. Any thread.</summary>
    public HealthReport? Report()
    {
        lock (_gate)
        {
            return _latest is { } latest
                ? HealthReport.Of(latest.Inputs, _system.Read(), _before?.Inputs, _before is { } before ? inputs.Time.GetElapsedTime(before.At, latest.At) : TimeSpan.Zero) : null;
        }
    }

    /// <summary>Looks at the buses, and leaves with each reader how its bus is.</summary>
    private static void Watch(BusWatch watch, IReadOnlyList<SourceReader> readers)
    {
        var readings = watch.Step([.. readers.Select(reader => new BusLook(
            reader.Source.Bus, reader.Source.Interface!, reader.State == SourceState.Open, reader.Source.Policy, LinkOf(reader.Source.Interface!), reader.Counters.Errors))]);
        for (int i = 0; i < readers.Count; i++) readers[i].Bus = readings[i];
    }

    /// <summary>What is told to the tenant of the moment, which has nothing of what waits for another.</summary>
    internal static HealthInputs Of(AgentStatus status, IReadOnlyList<BusInputs> buses)
    {
        var readers = status.Pipeline?.Readers ?? [];
        var tenant = status.Tenant;
        return new HealthInputs(
            AgentVersion.Text,
            new LinkHealth(status.BrokerIsConnected, status.Connects, status.BrokerReport.Trouble),
            buses,
            new OutboxHealth(
                tenant?.BufferedSamples ?? 0, tenant?.StoredBatches ?? 0, tenant?.StoredBytes ?? 0, tenant?.MemoryBytes ?? 0, tenant?.Oldest?.TotalSeconds,
                tenant?.DeliveredSamples ?? 0, (tenant?.Evicted ?? 0) + (tenant?.Corrupt ?? 0)),
            new DropHealth(readers.Sum(reader => reader.Counters.DroppedByKernel), readers.Sum(reader => reader.Counters.RefusedSamples), tenant?.Evicted ?? 0, tenant?.Corrupt ?? 0));
    }

    private static BusInputs Read(SourceReader reader, ObdPoller? poller)
    {
        var counters = reader.Counters;
        var link = reader.Bus?.Link;
        var health = new BusHealth(
            reader.Source.Bus.ToString(), reader.State.ToString().ToLowerInvariant(), link?.State is { } state ? CanErrorText.NameOf(state) : null, link?.BitTiming?.BitRate, Load: null,
            counters.Frames, counters.Samples, counters.ErrorFrames, counters.Openings)
        {
            DataBitRate = link?.DataBitTiming?.BitRate,
            SamplePoint = link?.BitTiming is { SamplePoint: > 0 and var point } ? point / 1000.0 : null,
            ListenOnly = link?.IsListenOnly == true || reader.Source.Policy.ListenOnly,
            SendErrorCounter = link?.SendErrorCounter,
            ReceiveErrorCounter = link?.ReceiveErrorCounter,
            SilentSeconds = reader.Bus?.Silent?.TotalSeconds,
            Errors = counters.Errors.Counts,
            Obd = poller is null ? null : new ObdHealth(poller.StateName, poller.Rates),
        };
        return new BusInputs(health, BusTraffic.Of(link));
    }

    /// <summary>Null for an interface that is not there.</summary>
    private static CanLinkInfo? LinkOf(string interfaceName)
    {
        try
        {
            return CanLinkInfo.Read(interfaceName);
        }
        catch (CanSourceException)
        {
            return null; // its reader says what is wrong with it
        }
    }
}
