using System.Text;

namespace EdgeAgent.Can.Dbc;

/// <summary><c>SG_</c>.</summary>
internal sealed class DbcSignalDeclaration
{
    public required DbcPosition Position { get; init; }
    public required string Name { get; init; }

    /// <summary>M, m0 or m0M; null if the signal is not part of multiplexing.</summary>
    public string? Indicator { get; init; }
    public DbcPosition IndicatorPosition { get; init; }
    public bool IsMultiplexer { get; init; }
    public ulong? MultiplexerValue { get; init; }
    public int StartBit { get; set; }
    public int Length { get; set; }
    public ByteOrder ByteOrder { get; set; }
    public bool IsSigned { get; set; }
    public DbcNumber Scale { get; set; }
    public DbcNumber Offset { get; set; }
    public DbcNumber? Minimum { get; set; }
    public DbcNumber? Maximum { get; set; }
    public string? Unit { get; set; }
    public List<string> Receivers { get; } = [];
}

/// <summary><c>BO_</c> with its <c>SG_</c>.</summary>
internal sealed record DbcMessageDeclaration(DbcPosition Position, uint Id, string Name, int Length, string Sender)
{
    public List<DbcSignalDeclaration> Signals { get; } = [];
}

/// <summary><c>SG_MUL_VAL_</c>.</summary>
internal sealed record DbcMultiplexedDeclaration(DbcPosition Position, string Signal, string Multiplexer, List<DbcMultiplexerRange> Ranges);

/// <summary><c>EV_</c>.</summary>
internal sealed record DbcEnvironmentVariableDeclaration(
    DbcPosition Position, string Name, uint Type, double Minimum, double Maximum, string Unit, double Initial, uint Id, string AccessType, List<string> AccessNodes);

/// <summary>A statement that speaks of something that the file should define.</summary>
internal readonly record struct DbcReference(DbcPosition Position, DbcSubject Subject);

/// <summary>What the statements of a file say. They come in any order and refer to each other by identifier and short name.</summary>
internal sealed class DbcContents(DbcWarnings warnings)
{
    public string? Version { get; set; }
    public StringBuilder? Comment { get; set; }
    public List<(string Name, DbcPosition Position)> Nodes { get; } = [];
    public List<DbcMessageDeclaration> Messages { get; } = [];
    public Dictionary<uint, List<string>> FurtherSenders { get; } = [];
    public List<DbcValueTable> ValueTables { get; } = [];
    public List<DbcEnvironmentVariableDeclaration> EnvironmentVariables { get; } = [];
    public Dictionary<string, int> DataLengths { get; } = [];
    public Dictionary<uint, List<DbcSignalGroup>> SignalGroups { get; } = [];
    public Dictionary<DbcSubject, string> Comments { get; } = [];
    public Dictionary<DbcSubject, (List<DbcLabel> Labels, DbcPosition Position)> Labels { get; } = [];
    public Dictionary<DbcSubject, (uint Type, DbcPosition Position)> ValueTypes { get; } = [];
    public Dictionary<uint, List<DbcMultiplexedDeclaration>> Multiplexed { get; } = [];
    public DbcAttributeStatements<DbcSubject> Attributes { get; } = new();
    public DbcAttributeStatements<DbcRelation> RelationAttributes { get; } = new();
    public List<DbcReference> References { get; } = [];
    public DbcWarnings Warnings => warnings;
}
