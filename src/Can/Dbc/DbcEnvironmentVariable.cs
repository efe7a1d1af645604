namespace EdgeAgent.Can.Dbc;

/// <summary>What an environment variable holds.</summary>
public enum DbcEnvironmentVariableType
{
    /// <summary>A whole number (type 0).</summary>
    WholeNumber,

    /// <summary>A floating point number (type 1).</summary>
    RealNumber,

    /// <summary>A text (type 2, or an access type of 0x8000 and above).</summary>
    Text,

    /// <summary>Bytes, as many as <c>ENVVAR_DATA_</c> says.</summary>
    Data,
}

/// <summary>A variable of the nodes' environment (<c>EV_</c>), of which no frame tells. Immutable.</summary>
public sealed class DbcEnvironmentVariable
{
    internal DbcEnvironmentVariable()
    {
    }

    /// <summary>The name, the long one if the file gives it (<c>SystemEnvVarLongSymbol</c>).</summary>
    public required string Name { get; init; }

    /// <summary>What it holds.</summary>
    public required DbcEnvironmentVariableType Type { get; init; }

    /// <summary>The least value.</summary>
    public required double Minimum { get; init; }

    /// <summary>The greatest value.</summary>
    public required double Maximum { get; init; }

    /// <summary>The unit, or null if the file leaves it empty.</summary>
    public required string? Unit { get; init; }

    /// <summary>The value at start.</summary>
    public required double Initial { get; init; }

    /// <summary>The number that the file gives it; of no meaning today.</summary>
    public required uint Id { get; init; }

    /// <summary>Who may do what, as the file writes it: <c>DUMMY_NODE_VECTOR0</c> unrestricted, 1 read, 2 write, 3 read and write.</summary>
    public required string AccessType { get; init; }

    /// <summary>The nodes that have access; empty if the only one is <c>Vector__XXX</c>.</summary>
    public required IReadOnlyList<string> AccessNodes { get; init; }

    /// <summary>The length in bytes of one that holds <see cref="DbcEnvironmentVariableType.Data"/>, else null.</summary>
    public required int? DataLength { get; init; }

    /// <summary>The value table in the file's order; empty if there is none.</summary>
    public required IReadOnlyList<DbcLabel> Labels { get; init; }

    /// <summary>The comment, or null.</summary>
    public required string? Comment { get; init; }

    /// <summary>The attributes of its own.</summary>
    public required IReadOnlyList<DbcAttribute> Attributes { get; init; }
}
