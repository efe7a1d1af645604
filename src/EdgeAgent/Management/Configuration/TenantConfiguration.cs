using EdgeAgent.Capture;
using EdgeAgent.Obd;
using EdgeAgent.Obd.Elm;
using EdgeAgent.Outbox;
using EdgeAgent.Publishing;
using EdgeAgent.Tenancy;
using EdgeAgent.Tenancy.Access;
using Microsoft.Extensions.Logging;

namespace EdgeAgent.Management.Configuration;

/// <summary>What a tenant decides: what is captured, how it is published and kept, and who may do what. Checked as a whole, immutable.</summary>
internal sealed record TenantConfiguration
{
    /// <summary>What is in force before a tenant has said anything: nothing is captured.</summary>
    public static readonly TenantConfiguration Default = new();

    public IReadOnlyList<SourceConfiguration> Sources { get; init; } = [];

    public PublishingOptions Publishing { get; init; } = PublishingOptions.Default;

    /// <summary>How old a batch may become before it is sealed.</summary>
    public TimeSpan SealAfter { get; init; } = TimeSpan.FromSeconds(1);

    public TimeSpan HealthEvery { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The most bytes that the tenant's records may take on the disk; the device's own limit if that is less.</summary>
    public long QuotaBytes { get; init; } = OutboxOptions.DefaultMaxStoreBytes;

    /// <summary>How long a batch may be in memory alone.</summary>
    public TimeSpan FlushAfter { get; init; } = TimeSpan.FromSeconds(5);

    public AccessRules Access { get; init; } = AccessRules.None;

    public LogLevel LogLevel { get; init; } = LogLevel.Information;

    /// <summary>How long a configuration from outside is watched before it counts as good.</summary>
    public TimeSpan Trial { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The artifacts that it needs, each once.</summary>
    public IReadOnlyList<Sha256Digest> Artifacts => [.. Sources.SelectMany(source => source.Files).Where(file => file.Artifact is not null).Select(file => file.Artifact!.Value).Distinct()];
}

/// <summary>A source: an interface, an adapter on a serial port, or a log that is replayed.</summary>
internal sealed record SourceConfiguration
{
    public required BusName Bus { get; init; }

    /// <summary>Null for a log or a serial adapter.</summary>
    public required string? Interface { get; init; }

    /// <summary>An adapter with an ELM327 or STN chip; null for an interface or a log.</summary>
    public SerialConfiguration? Serial { get; init; }

    public required int ReceiveBufferBytes { get; init; }

    /// <summary>What is to be done about the bus.</summary>
    public BusPolicy Policy { get; init; } = BusPolicy.Default;

    /// <summary>Null for an interface or a serial adapter.</summary>
    public required FileReference? Log { get; init; }

    /// <summary>Whose frames of the log to replay; null for all.</summary>
    public required string? LogBus { get; init; }

    /// <summary>1 for the recorded speed, 0 for as fast as possible.</summary>
    public required double Speed { get; init; }

    public required IReadOnlyList<FileReference> Dbc { get; init; }

    /// <summary>Null for every signal.</summary>
    public required IReadOnlyList<SignalSelector>? Signals { get; init; }

    /// <summary>What the vehicle's ECUs are asked; null for nothing.</summary>
    public ObdConfiguration? Obd { get; init; }

    public IEnumerable<FileReference> Files => [.. Dbc, .. Obd?.Signalsets ?? [], .. Log is { } log ? [log] : Array.Empty<FileReference>()];
}

/// <summary>Where an adapter is, and how it is used.</summary>
/// <param name="Port">Below /dev.</param>
/// <param name="Options">Baud rate and protocol.</param>
internal sealed record SerialConfiguration(string Port, ElmOptions Options);

/// <summary>How the ECUs on a bus are asked.</summary>
/// <param name="Addressing">With 11 or 29 bits.</param>
/// <param name="Polls">What they are asked again and again; none if they are asked on command alone.</param>
internal sealed record ObdConfiguration(ObdAddressing Addressing, IReadOnlyList<ObdPoll> Polls)
{
    /// <summary>How much asking is decent.</summary>
    public ObdManners Manners { get; init; } = new();

    /// <summary>OBDb's signalsets of the vehicle.</summary>
    public IReadOnlyList<FileReference> Signalsets { get; init; } = [];

    /// <summary>Which of their signals are polled; null for all that are for users.</summary>
    public IReadOnlyList<ObdSignal>? Signals { get; init; }

    /// <summary>The vehicle's model year; null if it is not known: then all commands count.</summary>
    public int? ModelYear { get; init; }

    /// <summary>True to read the vehicle's identification number once a trip, if anything is asked without a command.</summary>
    public bool ReadsVin { get; init; } = true;

    /// <summary>True if anything is asked without a command.</summary>
    public bool Asks => Polls.Count > 0 || Signalsets.Count > 0;
}

/// <summary>A signal of a signalset that is polled.</summary>
/// <param name="Signal">Its id, or <see cref="EverySignal"/>.</param>
/// <param name="Every">How often; null for what the signalset says.</param>
internal sealed record ObdSignal(string Signal, TimeSpan? Every)
{
    /// <summary>Stands for each signal that is for users.</summary>
    public const string EverySignal = "*";
}

/// <summary><c>Message/Signal</c> or <c>Message/*</c>.</summary>
internal readonly record struct SignalSelector(string Message, string Signal)
{
    /// <summary>Stands for each signal of a message.</summary>
    public const string Every = "*";

    public override string ToString() => $"{Message}/{Signal}";
}
