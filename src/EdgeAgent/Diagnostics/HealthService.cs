using EdgeAgent.Can;
using EdgeAgent.Can.Errors;
using EdgeAgent.Can.SocketCan;
using EdgeAgent.Capture;
using EdgeAgent.Management;
using EdgeAgent.Tenancy;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EdgeAgent.Diagnostics;

/// <summary>Records the device's health for the tenant that it belongs to; while it belongs to nobody there is nobody to tell.</summary>
internal sealed class HealthService(Agent agent, AgentInputs inputs, ILoggerFactory loggers) : BackgroundService
{
    private readonly BusTraffic _traffic = new();

    protected override Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var metrics = new SystemMetrics(inputs.Configuration.Device.StateDirectory);
        var reporter = new HealthReporter(Read, metrics.Read, agent.Record, () => agent.Status.HealthEvery, inputs.Time);
        return HostedLoop.RunAsync("health", () => reporter.RunAsync(stoppingToken), loggers.CreateLogger("edge-agent"));
    }

    private HealthInputs Read()
    {
        var status = agent.Status;
        return Of(status, [.. (status.Pipeline?.Readers ?? []).Select(Read)]);
    }

    /// <summary>What is told to the tenant of the moment, which has nothing of what waits for another.</summary>
    internal static HealthInputs Of(AgentStatus status, IReadOnlyList<BusInputs> buses)
    {
        var readers = status.Pipeline?.Readers ?? [];
        var tenant = status.Tenant;
        return new HealthInputs(
            AgentVersion.Text,
            new LinkHealth(status.BrokerIsConnected, status.Connects, status.BrokerTrouble),
            buses,
            new OutboxHealth(
                tenant?.BufferedSamples ?? 0, tenant?.StoredBatches ?? 0, tenant?.StoredBytes ?? 0, tenant?.MemoryBytes ?? 0, tenant?.Oldest?.TotalSeconds,
                tenant?.DeliveredSamples ?? 0, (tenant?.Evicted ?? 0) + (tenant?.Corrupt ?? 0)),
            new DropHealth(readers.Sum(reader => reader.Counters.DroppedByKernel), readers.Sum(reader => reader.Counters.RefusedSamples), tenant?.Evicted ?? 0, tenant?.Corrupt ?? 0));
    }

    private BusInputs Read(SourceReader reader)
    {
        var counters = reader.Counters;
        var link = LinkOf(reader.Source.Interface);
        var health = new BusHealth(
            reader.Source.Bus.ToString(), reader.State.ToString().ToLowerInvariant(), link?.State is { } state ? CanErrorText.NameOf(state) : null, link?.BitTiming?.BitRate, Load: null,
            counters.Frames, counters.Samples, counters.ErrorFrames, counters.Openings);
        return new BusInputs(health, reader.Source.Interface is { } name ? _traffic.Bits(name) : null);
    }

    /// <summary>Null for a log, and for an interface that is not there.</summary>
    private static CanLinkInfo? LinkOf(string? interfaceName)
    {
        try
        {
            return interfaceName is null ? null : CanLinkInfo.Read(interfaceName);
        }
        catch (CanSourceException)
        {
            return null; // its reader says what is wrong with it
        }
    }
}
