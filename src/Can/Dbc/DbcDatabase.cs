using System.Diagnostics.CodeAnalysis;

namespace EdgeAgent.Can.Dbc;

/// <summary>What a DBC file says: messages, signals and nodes. Immutable, so safe from any thread.</summary>
public sealed class DbcDatabase
{
    private readonly Dictionary<CanId, DbcMessage> _byId = [];
    private readonly Dictionary<string, DbcMessage> _byName = [];

    internal DbcDatabase(IReadOnlyList<DbcMessage> messages)
    {
        Messages = messages;
        foreach (var message in messages)
        {
            _ = _byId.TryAdd(message.Id, message);
            _ = _byName.TryAdd(message.Name, message);
        }
    }

    /// <summary>The messages in the file's order, without <c>VECTOR__INDEPENDENT_SIG_MSG</c>, see <see cref="UnassignedSignals"/>.</summary>
    public IReadOnlyList<DbcMessage> Messages { get; }

    /// <summary>The nodes in the file's order.</summary>
    public required IReadOnlyList<DbcNode> Nodes { get; init; }

    /// <summary>The value tables by name, in the file's order.</summary>
    public required IReadOnlyList<DbcValueTable> ValueTables { get; init; }

    /// <summary>The environment variables in the file's order.</summary>
    public required IReadOnlyList<DbcEnvironmentVariable> EnvironmentVariables { get; init; }

    /// <summary>The signals of no message (<c>VECTOR__INDEPENDENT_SIG_MSG</c>).</summary>
    public required IReadOnlyList<DbcSignal> UnassignedSignals { get; init; }

    /// <summary>The attributes that the file defines, those of relations last.</summary>
    public required IReadOnlyList<DbcAttributeDefinition> AttributeDefinitions { get; init; }

    /// <summary>The attributes of the network as a whole.</summary>
    public required IReadOnlyList<DbcAttribute> Attributes { get; init; }

    /// <summary>The attributes of nodes together with messages, signals and environment variables.</summary>
    public required IReadOnlyList<DbcRelationAttribute> RelationAttributes { get; init; }

    /// <summary>The version text, or null if the file has no <c>VERSION</c>.</summary>
    public required string? Version { get; init; }

    /// <summary>The comment on the network as a whole, or null; several are joined.</summary>
    public required string? Comment { get; init; }

    /// <summary>The file that was read, or null for a text without one.</summary>
    public required string? FileName { get; init; }

    /// <summary>What is probably a mistake in the file, in the order of its lines; at most <see cref="DbcLimits.Warnings"/>.</summary>
    public required IReadOnlyList<DbcWarning> Warnings { get; init; }

    /// <summary>Finds a message by identifier; the first of several.</summary>
    public bool TryGetMessage(CanId id, [NotNullWhen(true)] out DbcMessage? message) => _byId.TryGetValue(id, out message);

    /// <summary>Finds a message by name; the first of several.</summary>
    public bool TryGetMessage(string name, [NotNullWhen(true)] out DbcMessage? message) => _byName.TryGetValue(name, out message);
}
