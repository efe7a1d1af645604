using System.Text.Json;
using EdgeAgent.Capture;
using EdgeAgent.Management.Commands;
using EdgeAgent.Management.Configuration;
using EdgeAgent.Outbox;
using EdgeAgent.Publishing;
using EdgeAgent.Tenancy;
using EdgeAgent.Tenancy.Access;
using EdgeAgent.Tenancy.Documents;
using Microsoft.Extensions.Logging;

namespace EdgeAgent.Management.Control;

/// <summary>
/// Takes what the platform and the tenant say and brings it about, one thing after the other: assignments, keys, configurations and the
/// artifacts that they need; commands go on to the executor. Everything is on the disk before it takes effect, and the broker gets its
/// acknowledgement when it has; what could not be stored comes again.
/// </summary>
internal sealed partial class Controller : IDisposable
{
    /// <summary>How often trials and hand-overs are looked at.</summary>
    public static readonly TimeSpan TickInterval = TimeSpan.FromMilliseconds(250);

    private const int ArtifactsAtOnce = 16;

    private readonly ControllerParts _parts;
    private readonly CaptureControl _capture;
    private readonly SemaphoreSlim _gate = new(1);
    private readonly TwinFile _file;

    /// <summary>Set when capture has ended: what still arrives has to come again in the next run.</summary>
    private bool _isStopped;

    /// <summary>Why nothing can be recorded though the device is assigned; null if it can.</summary>
    private string? _trouble;

    /// <summary>True while the disk keeps the tenant from being served.</summary>
    private bool _isUnfinished;

    private ControlState _state = new();
    private ArtifactStore? _artifacts;
    private TenantConfiguration _configuration = TenantConfiguration.Default;
    private Trial? _trial;

    public Controller(ControllerParts parts, CaptureControl capture)
    {
        _parts = parts;
        _capture = capture;
        _file = TwinFile.Open(parts.Disk, ControlState.FileName);
    }

    /// <summary>Whose the device is now.</summary>
    public Assignment? Assignment { get; private set; }

    /// <summary>What is in force now.</summary>
    public TenantConfiguration Configuration => _configuration;

    /// <summary>Who may do what now that the device is assigned.</summary>
    private AccessPolicy Policy => AccessPolicy.Of(_state.Tenant, _configuration.Access);

    private DeviceId Device => _parts.Device.Device;

    private KeyRing PlatformKeys => _state.Platform ?? KeyRing.Create(null, _parts.Device.PlatformKeys);

    /// <summary>Takes up what was in force before, or goes back to what was good if the agent did not survive a trial.</summary>
    public Task StartAsync() => ExclusivelyAsync(async () =>
    {
        _state = Load();
        FinishDepartures();
        if (_state.InTrial)
        {
            var refused = Refused.Of(_state.Newest, isRolledBack: true, [new ConfigurationMistake("", "the agent ended, or lost its power, while it tried this configuration")]);
            ControlLog.RolledBack(_parts.Logger, refused.TenantVersion, refused.DeviceVersion, refused.Mistakes[0].ToString());
            SaveIfPossible(_state with { InTrial = false, Refused = refused });
        }
        if (_state.Tenant?.Tenant is { } tenant)
        {
            Assignment = new Assignment(Device, tenant, new Epoch(_state.Epoch));
            await EnterAsync(Assignment);
        }
        else
        {
            ControlLog.Unassigned(_parts.Logger, Device);
            _parts.Commands.ServeNobody();
        }
        Subscribe();
        // What is not in force yet is looked at when the agent is up and can be told otherwise.
        _isUnsettled = Assignment is not null;
        Report();
    });

    /// <summary>A device whose own file says whose it is and what it captures; nothing is taken from outside.</summary>
    /// <exception cref="IOException">Its numbers cannot be reserved.</exception>
    public Task StartFixedAsync(Assignment? assignment, TenantConfiguration configuration, IReadOnlyList<CaptureSource> sources) => ExclusivelyAsync(async () =>
    {
        Assignment = assignment;
        if (assignment is null)
        {
            ControlLog.UnassignedByFile(_parts.Logger, Device);
            _parts.Commands.ServeNobody();
            return;
        }
        Adopt(assignment.Tenant, configuration);
        try
        {
            await _capture.AssignAsync(assignment, sources);
            _parts.Commands.Serve(assignment, _capture.Recorder!, Policy);
        }
        catch (NumbersUnknownException e)
        {
            // What is stored is published all the same.
            CannotRecord(assignment, e);
        }
    });

    /// <summary>Something came from the broker. Returns when it has been dealt with, which includes that it was refused.</summary>
    /// <exception cref="IOException">It could not be stored: it has to come again.</exception>
    public Task HandleAsync(IncomingMessage message) => ExclusivelyAsync(() => HandleOneAsync(message));

    private async Task HandleOneAsync(IncomingMessage message)
    {
        if (_isStopped) throw new IOException("the agent stops");
        try
        {
            await DispatchAsync(message);
        }
        catch (DocumentException e) when (e.Code == Refusal.Stale)
        {
            // The broker sends what it retains with every subscription: most of it is known.
            ControlLog.Known(_parts.Logger, message.Topic, e.Message);
        }
        catch (DocumentException e)
        {
            ControlLog.DocumentRefused(_parts.Logger, message.Topic, e.CodeName, e.Message);
            Event("agent/document-refused", json =>
            {
                json.WriteString("topic"u8, message.Topic);
                json.WriteString("code"u8, e.CodeName);
                json.WriteString("message"u8, e.Message);
            });
        }
    }

    /// <summary>Looks at what time brings about: the end of trials and of hand-overs, and reports.</summary>
    public Task TickAsync() => ExclusivelyAsync(async () =>
    {
        try
        {
            if (_isUnfinished && Assignment is { } assignment) await EnterAsync(assignment);
            LookAtDepartures();
            await LookAtTrialAsync();
            if (_isUnsettled)
            {
                await ReconsiderAsync();
                Report();
            }
            LookAtUpdate();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            ControlLog.CannotStore(_parts.Logger, e.Message);
        }
        ReportLedgers();
    });

    /// <summary>The end of capture. A trial that is stopped in order goes on with the next start.</summary>
    /// <returns>The samples for which there is room neither in memory nor on the disk.</returns>
    public async Task<long> StopAsync()
    {
        long unsealed = 0;
        await ExclusivelyAsync(async () =>
        {
            _isStopped = true;
            await _parts.Commands.StopAsync();
            unsealed = await _capture.EndAsync();
            if (_state.InTrial) SaveIfPossible(_state with { InTrial = false });
        });
        return unsealed;
    }

    public void Dispose()
    {
        _capture.Dispose();
        _gate.Dispose();
    }

    private Task DispatchAsync(IncomingMessage message)
    {
        string topic = message.Topic;
        if (topic == Topics.Assignment(Device)) return TakeAssignmentAsync(message.Payload);
        if (topic.StartsWith(Topics.PlatformKeys[..^1], StringComparison.Ordinal)) return TakePlatformKeys(message.Payload);
        if (Assignment is not { Tenant: var tenant }) return Task.CompletedTask;
        if (topic.StartsWith(Topics.TenantKeys(tenant)[..^1], StringComparison.Ordinal)) return TakeTenantKeys(message.Payload);
        if (topic == Topics.TenantConfiguration(tenant)) return TakeConfigurationAsync(message.Payload, overlay: null);
        if (topic == Topics.DeviceConfiguration(tenant, Device)) return TakeConfigurationAsync(message.Payload, overlay: Device);
        if (Topics.TryParseArtifact(topic, tenant, out var artifact)) return TakeArtifactAsync(artifact, message.Payload);
        string commands = Topics.Commands(tenant, Device)[..^1];
        if (topic.StartsWith(commands, StringComparison.Ordinal) && _isUnfinished) throw new IOException("the disk does not let commands be taken");
        if (topic.StartsWith(commands, StringComparison.Ordinal)) _parts.Commands.Submit(topic[commands.Length..], message.Payload.Span);
        // Of a tenant that the device belonged to a moment ago, while the broker still sends.
        return Task.CompletedTask;
    }

    /// <summary>What there is to hear: changes with the assignment and with what is missing.</summary>
    private void Subscribe(bool anew = false)
    {
        List<string> filters = [Topics.Assignment(Device), Topics.PlatformKeys];
        if (Assignment is { Tenant: var tenant })
        {
            filters.AddRange([Topics.TenantKeys(tenant), Topics.TenantConfiguration(tenant), Topics.DeviceConfiguration(tenant, Device), Topics.Commands(tenant, Device)]);
            // A broker sends what it retains at once, and the device has room for so many messages that wait.
            filters.AddRange(_missing.Union(_missingOfUpdate).Take(ArtifactsAtOnce).Select(artifact => Topics.Artifact(tenant, artifact)));
        }
        _parts.Publisher.SetSubscriptions(filters, anew);
    }

    /// <summary>The tenant's options wherever they matter.</summary>
    private void Adopt(TenantId tenant, TenantConfiguration configuration)
    {
        _configuration = configuration;
        _parts.Publisher.Configure(tenant, configuration.Publishing);
        _parts.Outbox.Configure(tenant, new TenantOutboxOptions(configuration.QuotaBytes, configuration.FlushAfter));
        _parts.LogLevel.Configured = configuration.LogLevel;
        _parts.Commands.SetPolicy(Policy);
        _capture.SealAfter = configuration.SealAfter;
        _capture.MaxSamples = configuration.Publishing.Encoding.MaxSamples;
    }

    /// <summary>An event of the agent's own, for the tenant.</summary>
    private void Event(string name, Action<Utf8JsonWriter> members) => _capture.Recorder?.Append(Channel.Event(name), JsonMembers.Of(members));

    private ControlState Load()
    {
        if (_file.Damaged > 0) ControlLog.StateDamaged(_parts.Logger, _file.Damaged);
        if (_file.Content is not { } content) return new ControlState();
        try
        {
            return ControlState.FromUtf8(content);
        }
        catch (Exception e) when (e is DocumentException or JsonException)
        {
            ControlLog.StateUnreadable(_parts.Logger, e.Message);
            return new ControlState();
        }
    }

    /// <exception cref="IOException">It is not stored; the state is what it was.</exception>
    private void Save(ControlState state)
    {
        try
        {
            _file.Write(state.ToUtf8());
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException(e.Message, e);
        }
        _state = state;
    }

    /// <summary>For what has happened anyway: the state counts now, and is written with the next change if it cannot be now.</summary>
    private void SaveIfPossible(ControlState state)
    {
        try
        {
            Save(state);
        }
        catch (IOException e)
        {
            ControlLog.CannotStore(_parts.Logger, e.Message);
            _state = state;
        }
    }

    private async Task ExclusivelyAsync(Func<Task> work)
    {
        await _gate.WaitAsync();
        try
        {
            await work();
        }
        finally
        {
            _gate.Release();
        }
    }
}

/// <summary>What a <see cref="Controller"/> works with.</summary>
/// <param name="Device">The device's own configuration.</param>
/// <param name="Disk">Where its state lies.</param>
/// <param name="Outbox">Where records wait.</param>
/// <param name="Publisher">Subscriptions and reports.</param>
/// <param name="Commands">Executes what is commanded.</param>
/// <param name="LogLevel">How much is logged.</param>
/// <param name="RecentLog">What was logged last.</param>
/// <param name="Sources">Where files and interfaces are.</param>
/// <param name="Boot">Which boot of the device this is.</param>
/// <param name="Clock">The device's clock.</param>
/// <param name="Time">The same, for waits.</param>
/// <param name="Logger">The journal.</param>
internal sealed record ControllerParts(
    DeviceConfiguration Device,
    IDisk Disk,
    BatchOutbox Outbox,
    Publisher Publisher,
    CommandService Commands,
    LogLevelSwitch LogLevel,
    RecentLog RecentLog,
    SourceEnvironment Sources,
    BootId Boot,
    WallClock Clock,
    TimeProvider Time,
    ILogger Logger)
{
    /// <summary>Where whoever installs updates leaves what came of them.</summary>
    public required string UpdateDirectory { get; init; }
}
