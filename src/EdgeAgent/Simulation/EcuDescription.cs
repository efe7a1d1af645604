using EdgeAgent.Can;
using EdgeAgent.Obd;

namespace EdgeAgent.Simulation;

/// <summary>What an ECU is there for, and so what it knows.</summary>
internal enum EcuKind
{
    /// <summary>Everything that legislation asks of an engine.</summary>
    Engine,

    /// <summary>Speed, voltage and its own faults.</summary>
    Transmission,

    /// <summary>Of a body: temperature and voltage.</summary>
    Body,
}

/// <summary>An ECU as a scenario has it.</summary>
internal sealed record EcuDescription
{
    public required string Name { get; init; }

    public required EcuKind Kind { get; init; }

    /// <summary>The identifier of its answers; it tells the addressing, too.</summary>
    public required CanId Id { get; init; }

    public required string Vin { get; init; }

    /// <summary>The trouble codes at the beginning.</summary>
    public IReadOnlyList<DiagnosticTroubleCode> Stored { get; init; } = [];

    public IReadOnlyList<DiagnosticTroubleCode> Pending { get; init; } = [];

    public IReadOnlyList<DiagnosticTroubleCode> Permanent { get; init; } = [];

    /// <summary>What it answers to service 22 beside the standard's identifiers, which these may replace.</summary>
    public IReadOnlyDictionary<ushort, byte[]> Identifiers { get; init; } = new Dictionary<ushort, byte[]>();

    public ObdAddressing Addressing => Id.IsExtended ? ObdAddressing.Extended : ObdAddressing.Standard;
}
