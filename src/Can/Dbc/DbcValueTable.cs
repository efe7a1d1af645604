namespace EdgeAgent.Can.Dbc;

/// <summary>A value table by name (<c>VAL_TABLE_</c>). Signals do not refer to it: each has its labels of its own (<c>VAL_</c>).</summary>
/// <param name="Name">The name.</param>
/// <param name="Labels">The values and their texts, in the file's order.</param>
public sealed record DbcValueTable(string Name, IReadOnlyList<DbcLabel> Labels);
