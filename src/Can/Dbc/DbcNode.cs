namespace EdgeAgent.Can.Dbc;

/// <summary>A node of the network (<c>BU_</c>).</summary>
/// <param name="Name">The name, the long one if the file gives it (<c>SystemNodeLongSymbol</c>).</param>
/// <param name="Comment">The node's comment, or null.</param>
public sealed record DbcNode(string Name, string? Comment)
{
    /// <summary>The attributes of its own.</summary>
    public IReadOnlyList<DbcAttribute> Attributes { get; init; } = [];
}
