using System.Text;

namespace EdgeAgent.Can.Dbc;

/// <summary>A signal by the identifier of its message, as the file writes it, and its short name.</summary>
internal readonly record struct DbcSignalKey(uint MessageId, string Signal);

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
    public double? Minimum { get; set; }
    public double? Maximum { get; set; }
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

/// <summary>A statement that speaks of a message, or of a signal of it.</summary>
internal readonly record struct DbcReference(DbcPosition Position, uint MessageId, string? Signal);

/// <summary>What the statements of a file say. They come in any order and refer to each other by identifier and short name.</summary>
internal sealed class DbcContents
{
    public string? Version { get; set; }
    public StringBuilder? Comment { get; set; }
    public List<string> Nodes { get; } = [];
    public List<DbcMessageDeclaration> Messages { get; } = [];
    public Dictionary<uint, List<string>> FurtherSenders { get; } = [];
    public Dictionary<string, string> NodeComments { get; } = [];
    public Dictionary<uint, string> MessageComments { get; } = [];
    public Dictionary<DbcSignalKey, string> SignalComments { get; } = [];
    public Dictionary<DbcSignalKey, List<DbcLabel>> Labels { get; } = [];
    public Dictionary<DbcSignalKey, (long Type, DbcPosition Position)> ValueTypes { get; } = [];
    public Dictionary<uint, List<DbcMultiplexedDeclaration>> Multiplexed { get; } = [];
    public DbcAttributes Attributes { get; } = new();
    public DbcAttributes RelationAttributes { get; } = new();
    public List<DbcReference> References { get; } = [];
    public DbcWarnings Warnings { get; } = new();
}
