using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeAgent.Can;
using EdgeAgent.Can.SocketCan;
using EdgeAgent.Capture;
using EdgeAgent.Management.Commands;
using EdgeAgent.Management.Configuration;
using EdgeAgent.Management.Control;
using EdgeAgent.Management.Updates;
using EdgeAgent.Outbox;
using EdgeAgent.Publishing;
using EdgeAgent.Tenancy;
using EdgeAgent.Tenancy.Access;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EdgeAgent.Management;

/// <summary>
/// The agent as a service: makes its parts, owns every background loop, starts them in the order in which data flows and stops them in the
/// same order, so that each hands on what it has before the next one ends.
/// </summary>
internal sealed class Agent(AgentInputs inputs, IHostApplicationLifetime lifetime, ILoggerFactory loggers) : IHostedService, IAsyncDisposable
{
    /// <summary>EX_TEMPFAIL of sysexits.h: it wants to be started again.</summary>
    public const int RestartExitCode = 75;

    /// <summary>How often the outbox is asked to move or delete what is due.</summary>
    private static readonly TimeSpan FlushInterval = TimeSpan.FromMilliseconds(250);

    /// <summary>A flash that is worn, or full, takes its time; one that takes longer hangs.</summary>
    private static readonly TimeSpan LongestFlush = TimeSpan.FromMinutes(1);

    /// <summary>A switch of pipelines takes seconds at most, the purge of a tenant some more.</summary>
    private static readonly TimeSpan LongestControl = TimeSpan.FromMinutes(1);

    private static readonly OperationOutcome Starting = OperationOutcome.Interrupted("the agent starts; try again");

    private readonly ILogger _logger = loggers.CreateLogger("edge-agent");
    private readonly DeviceConfiguration _device = inputs.Configuration.Device;
    private readonly TimeProvider _time = inputs.Time;
    private readonly CancellationTokenSource _stopSealing = new(), _stopFlushing = new(), _stopPublishing = new();
    private readonly Pulse _sealingPulse = new("sealing", TimeSpan.FromSeconds(30)), _flushingPulse = new("outbox", LongestFlush), _controllingPulse = new("control", LongestControl);
    private Parts? _parts;
    private volatile bool _isUp;
    private Task _sealing = Task.CompletedTask, _flushing = Task.CompletedTask, _publishing = Task.CompletedTask, _controlling = Task.CompletedTask;

    public AgentStatus Status => _parts is { } parts
        ? new AgentStatus(_device.Device, parts.Controller.Assignment, parts.Capture.Pipeline, parts.Outbox.Counts, parts.Publisher.IsConnected)
        {
            Configuration = inputs.Configuration.Tenant is null ? parts.Controller.ConfigurationStatus : ConfigurationStatus.Fixed with { Trouble = parts.Controller.ConfigurationStatus.Trouble },
            Broker = _device.Broker.Name,
            Tenant = parts.Controller.Assignment is { } assignment ? parts.Outbox.CountsOf(assignment.Tenant) : null,
            Connects = parts.Publisher.Connects,
            BrokerReport = parts.Publisher.History.Read(parts.Controller.Assignment?.Tenant),
            RefusedSubscriptions = parts.Publisher.RefusedSubscriptions,
            StateDirectory = _device.StateDirectory,
            StoringTrouble = parts.Outbox.StoringTrouble,
            HealthEvery = parts.Controller.Configuration.HealthEvery,
            Clock = parts.Clock.Read(),
        }
        : new AgentStatus(_device.Device, null, null, new OutboxCounts(), false);

    /// <summary>Whose the device is. Any thread.</summary>
    public (DeviceId Device, Assignment? Assignment) Owner => (_device.Device, _parts?.Controller.Assignment);

    /// <summary>The loops that have to go on now: none while it starts or stops, for which there are other limits. Any thread.</summary>
    public IEnumerable<Pulse> Pulses => _isUp && _parts is { } parts
        ? [_sealingPulse, _flushingPulse, _controllingPulse, parts.Publisher.Pulse, .. parts.Capture.Pipeline?.Pulses ?? []]
        : [];

    /// <summary>Does what a user of the device asks for, if he may; see <see cref="CommandService.ExecuteLocalAsync"/>. Any thread.</summary>
    public Task<OperationOutcome> ExecuteLocalAsync(Principal principal, string operation, JsonElement arguments, CancellationToken stop) => _parts is { } parts
        ? parts.Commands.ExecuteLocalAsync(principal, operation, arguments, stop)
        : Task.FromResult(Starting);

    /// <summary>For a user of the device who looks on; see <see cref="CommandService.WatchLocalAsync"/>. Any thread.</summary>
    public Task<OperationOutcome> WatchLocalAsync(Principal principal, Operation operation, Func<Func<bool>, CancellationToken, Task> watch, CancellationToken stop) => _parts is { } parts
        ? parts.Commands.WatchLocalAsync(principal, operation, watch, stop)
        : Task.FromResult(Starting);

    /// <summary>A look at the signals of the assignment of the moment; null while nothing is recorded. To be taken only by who is permitted to. Any thread.</summary>
    public SignalView? View(SignalFilter filter) => _parts is { Capture.Recorder: { } recorder } parts ? new SignalView(recorder, () => parts.Capture.Pipeline, parts.Clock, filter) : null;

    /// <summary>Where the agent keeps what it has to know after a restart; null before its start.</summary>
    public IDisk? Disk => _parts?.Disk;

    /// <summary>Records a message for the tenant of the moment; without one it goes nowhere. Any thread.</summary>
    public void Record(Channel channel, ReadOnlyMemory<byte> members) => _parts?.Capture.Recorder?.Append(channel, members);

    /// <summary>Returns when the outbox is open and each source is open or being retried: the service is then ready.</summary>
    /// <exception cref="IOException">The outbox cannot be opened.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var parts = _parts = Make();
        _sealing = Loop("sealing", () => Periodic.RunAsync(BatchSealer.Interval, _time, Beating(_sealingPulse, parts.Capture.Step), _stopSealing.Token));
        _flushing = Loop("outbox", () => Periodic.RunAsync(FlushInterval, _time, Beating(_flushingPulse, () => parts.Outbox.Flush()), _stopFlushing.Token));
        if (inputs.Configuration.Tenant is { } configuration)
        {
            await parts.Controller.StartFixedAsync(inputs.Configuration.Assignment, configuration, inputs.FixedSources);
        }
        else
        {
            await parts.Controller.StartAsync();
        }
        _controlling = Loop("control", () => Periodic.RunAsync(Controller.TickInterval, _time, BeatingAsync(_controllingPulse, parts.Controller.TickAsync), _stopSealing.Token));
        _publishing = Loop("publishing", () => parts.Publisher.RunAsync(_stopPublishing.Token));
        _isUp = true;
        ManagementLog.Started(_logger, _device.Device, parts.Controller.Assignment?.Tenant.ToString() ?? "nobody");
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_parts is not { } parts) return;
        _isUp = false;
        _stopSealing.Cancel();
        await Task.WhenAll(_controlling, _sealing);
        long unsealed = await parts.Controller.StopAsync();

        // First to the disk, since nobody knows how long the power lasts; then to the broker what there is time for.
        parts.Outbox.Flush(all: true);
        if (parts.Publisher.IsConnected) await DrainAsync(parts, cancellationToken);
        parts.Controller.ReportLedgers(atOnce: true);
        _stopPublishing.Cancel();
        await _publishing;
        _stopFlushing.Cancel();
        await _flushing;
        bool stored = parts.Outbox.Flush(all: true);

        var counts = parts.Outbox.Counts;
        long lost = unsealed + (stored ? 0 : counts.MemorySamples);
        if (lost == 0)
        {
            parts.Capture.Recorder?.AccountFor();
        }
        else
        {
            ManagementLog.StoppedWithLoss(_logger, lost);
            Environment.ExitCode = 1;
        }
        ManagementLog.Stopped(_logger, counts.SealedSamples + unsealed, counts.DeliveredSamples, counts.BufferedSamples + unsealed - lost, counts.DeliveredOfEarlierRuns);
    }

    public async ValueTask DisposeAsync()
    {
        if (_parts is { } parts)
        {
            await parts.Link.DisposeAsync();
            parts.Controller.Dispose();
            parts.Commands.Dispose();
            parts.Links.Dispose();
            parts.Outbox.Dispose();
            (parts.Disk as IDisposable)?.Dispose();
        }
        _stopSealing.Dispose();
        _stopFlushing.Dispose();
        _stopPublishing.Dispose();
    }

    private Parts Make()
    {
        var boot = inputs.Boot;
        var clock = new WallClock(_time);
        var disk = inputs.OpenDisk(_device.StateDirectory);
        var outbox = new BatchOutbox(disk, _device.Outbox, _time, _logger);
        var link = inputs.Link(_device.Broker);
        Controller? controller = null;
        CaptureControl? capture = null;
        Publisher? publisher = null;
        var links = new ObdLinks(_time);
        var commands = new CommandService(records => OperationsOf(records, outbox, links, () => controller!), disk, inputs.Workers, Own, _time, _logger);
        publisher = new Publisher(link, outbox, new DeviceStatus(_device.Device, AgentVersion.Text, boot, clock), message => controller!.HandleAsync(message), clock, _time, inputs.Random, _logger);
        capture = new CaptureControl(new CaptureParts(
            boot, stamp => Recorder.Open(stamp, outbox, TenantConfiguration.Default.SealAfter, clock, _time, _logger), outbox, clock, _time, inputs.Workers, Own, _logger));
        var environment = new SourceEnvironment(_ => throw new IOException("no artifacts here"), inputs.OpenInterface, links, _time);
        controller = new Controller(new ControllerParts(_device, disk, outbox, publisher, commands, inputs.LogLevel, inputs.RecentLog, environment, boot, clock, _time, _logger) { UpdateDirectory = inputs.UpdateDirectory }, capture);
        return new Parts(disk, outbox, link, publisher, capture, controller, commands, links, clock);
    }

    /// <summary>What this device can be told to do; what records for a tenant only if there is one.</summary>
    private IReadOnlyList<IOperation> OperationsOf(IRecordSink? records, BatchOutbox outbox, ObdLinks links, Func<Controller> controller) =>
    [
        new PingOperation(_time),
        new ViewOperation(Operation.Status, () => StatusJson.Of(Status)),
        new ViewOperation(Operation.ReadConfiguration, () => ConfigurationJson.Of(inputs.Configuration, controller())),
        new LogLevelOperation(inputs.LogLevel),
        new FlushOutboxOperation(() => FlushJson(outbox, controller().Assignment)),
        new RestartAgentOperation(Restart),
        new UpdateAgentOperation((arguments, stop) => controller().UpdateAsync(arguments, stop)),
        .. records is null ? [] : (IOperation[])
        [
            new RecordCanOperation(name => inputs.OpenInterface(name, new CanSocketOptions()), records, _time),
            new SignalsOperation(View),
            new ViewOperation(Operation.ReadLedger, () => controller().LedgerOfTenant()?.AsObject() ?? []),
        ],
        new SupportBundleOperation(
            new SupportBundleParts(AgentVersion.Text, () => StatusJson.Of(Status), () => controller().ConfigurationHash, () => controller().LedgerOfTenant(), inputs.RecentLog), _time),
        .. ObdOperation.All(new ObdOperations(bus => controller().LinkOf(bus, links))),
    ];

    private static JsonObject FlushJson(BatchOutbox outbox, Assignment? assignment)
    {
        bool stored = outbox.Flush(all: true);
        outbox.Reconsider();
        var counts = assignment is null ? null : outbox.CountsOf(assignment.Tenant);
        return new JsonObject { ["stored"] = stored, ["storedBatches"] = counts?.StoredBatches ?? 0, ["bufferedSamples"] = counts?.BufferedSamples ?? 0 };
    }

    /// <summary>Ends in order, with an exit code for which the service manager starts it anew.</summary>
    private void Restart()
    {
        ManagementLog.Restarting(_logger);
        Environment.ExitCode = RestartExitCode;
        lifetime.StopApplication();
    }

    /// <summary>Lets the publisher go on for a while; it alone empties the outbox.</summary>
    private async Task DrainAsync(Parts parts, CancellationToken hurry)
    {
        long begun = _time.GetTimestamp();
        while (parts.Publisher.IsConnected && parts.Outbox.HasWork && _time.GetElapsedTime(begun) < _device.Drain && !hurry.IsCancellationRequested)
            await Task.Delay(BatchSealer.Interval, _time, CancellationToken.None);
    }

    private static Action Beating(Pulse pulse, Action step) => () =>
    {
        pulse.Beat();
        step();
    };

    private static Func<Task> BeatingAsync(Pulse pulse, Func<Task> step) => () =>
    {
        pulse.Beat();
        return step();
    };

    private Task Loop(string name, Func<Task> loop) => Own(name, inputs.Workers.StartLoop(loop));

    /// <summary>A loop that dies takes the service with it: systemd starts it anew, while a crippled one would look alive.</summary>
    private async Task Own(string name, Task loop)
    {
        try
        {
            await loop;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            ManagementLog.LoopDied(_logger, name, e);
            Environment.ExitCode = 1;
            lifetime.StopApplication();
        }
    }

    private sealed record Parts(
        IDisk Disk, BatchOutbox Outbox, IBrokerLink Link, Publisher Publisher, CaptureControl Capture, Controller Controller, CommandService Commands, ObdLinks Links, WallClock Clock);
}

/// <summary>What an agent is made of.</summary>
/// <param name="Configuration">Checked.</param>
/// <param name="FixedSources">Compiled from it, if it says what to capture.</param>
/// <param name="Boot">Which boot of the device this is.</param>
/// <param name="Time">The clock.</param>
/// <param name="Random">For the jitter of waits.</param>
/// <param name="Workers">Where work runs.</param>
/// <param name="LogLevel">How much is logged.</param>
/// <param name="RecentLog">What was logged last.</param>
/// <param name="OpenDisk">Opens the directory of the state.</param>
/// <param name="OpenInterface">Opens a CAN interface.</param>
/// <param name="Link">Makes the connection to a broker.</param>
internal sealed record AgentInputs(
    AgentConfiguration Configuration,
    IReadOnlyList<CaptureSource> FixedSources,
    BootId Boot,
    TimeProvider Time,
    Random Random,
    IWorkers Workers,
    LogLevelSwitch LogLevel,
    RecentLog RecentLog,
    Func<string, IDisk> OpenDisk,
    Func<string, CanSocketOptions, ICanSource> OpenInterface,
    Func<BrokerOptions, IBrokerLink> Link)
{
    /// <summary>Where whoever installs updates leaves what came of them.</summary>
    public string UpdateDirectory { get; init; } = UpdatePlaces.Directory;
}

/// <summary>A picture of the running agent.</summary>
/// <param name="Device">Its id.</param>
/// <param name="Assignment">Whose the device is.</param>
/// <param name="Pipeline">What is captured; null for nothing.</param>
/// <param name="Outbox">Where the records of all tenants are.</param>
/// <param name="BrokerIsConnected">Whether there is a connection.</param>
internal sealed record AgentStatus(DeviceId Device, Assignment? Assignment, Pipeline? Pipeline, OutboxCounts Outbox, bool BrokerIsConnected)
{
    public ConfigurationStatus Configuration { get; init; } = ConfigurationStatus.None;

    /// <summary>The broker's address.</summary>
    public string? Broker { get; init; }

    /// <summary>Where the records of the tenant of the moment are.</summary>
    public TenantCounts? Tenant { get; init; }

    /// <summary>Connections to the broker since the start.</summary>
    public long Connects { get; init; }

    /// <summary>What the broker said last.</summary>
    public BrokerReport BrokerReport { get; init; } = new();

    /// <summary>The subscriptions that the broker refuses now, in words.</summary>
    public IReadOnlyList<string> RefusedSubscriptions { get; init; } = [];

    /// <summary>Where everything is kept that has to outlive the agent.</summary>
    public string? StateDirectory { get; init; }

    /// <summary>Why the outbox cannot be written; null while it can.</summary>
    public string? StoringTrouble { get; init; }

    /// <summary>The device's clock.</summary>
    public WallClockReading Clock { get; init; }

    /// <summary>How often the tenant wants to hear of the device's health.</summary>
    public TimeSpan HealthEvery { get; init; } = TenantConfiguration.Default.HealthEvery;
}
