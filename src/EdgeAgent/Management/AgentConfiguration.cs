using EdgeAgent.Capture;
using EdgeAgent.Outbox;
using EdgeAgent.Publishing;
using EdgeAgent.Tenancy;
using Microsoft.Extensions.Logging;

namespace EdgeAgent.Management;

/// <summary>A configuration that was checked as a whole. Immutable; paths are absolute.</summary>
internal sealed record AgentConfiguration
{
    public const string DefaultPath = "/etc/edge-agent/agent.json";

    public required DeviceId Device { get; init; }

    /// <summary>Null while the device is assigned to nobody: then it captures nothing.</summary>
    public required Assignment? Assignment { get; init; }

    public required BrokerOptions Broker { get; init; }

    public required IReadOnlyList<SourceConfiguration> Sources { get; init; }

    public required string OutboxDirectory { get; init; }

    public required OutboxOptions Outbox { get; init; }

    /// <summary>How old a batch may become before it is sealed.</summary>
    public required TimeSpan SealAfter { get; init; }

    /// <summary>How long a stop goes on publishing; what is left then stays in the outbox.</summary>
    public required TimeSpan Drain { get; init; }

    public required LogLevel LogLevel { get; init; }
}

/// <summary>A source: an interface, or a log that is replayed.</summary>
internal sealed record SourceConfiguration
{
    public required BusName Bus { get; init; }

    /// <summary>Null for a log.</summary>
    public required string? Interface { get; init; }

    public required int ReceiveBufferBytes { get; init; }

    /// <summary>Null for an interface.</summary>
    public required string? LogPath { get; init; }

    /// <summary>Whose frames of the log to replay; null for all.</summary>
    public required string? LogBus { get; init; }

    /// <summary>1 for the recorded speed, 0 for as fast as possible.</summary>
    public required double Speed { get; init; }

    public required IReadOnlyList<string> DbcPaths { get; init; }

    /// <summary>Null for every signal.</summary>
    public required IReadOnlyList<SignalSelector>? Signals { get; init; }
}

/// <summary><c>Message/Signal</c> or <c>Message/*</c>.</summary>
internal readonly record struct SignalSelector(string Message, string Signal)
{
    public bool Matches(string message, string signal) => Message == message && (Signal == "*" || Signal == signal);

    public override string ToString() => $"{Message}/{Signal}";
}
