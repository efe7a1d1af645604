namespace EdgeAgent.Can.Dbc;

/// <summary>Collects warnings up to the limit.</summary>
internal sealed class DbcWarnings
{
    private readonly List<DbcWarning> _warnings = [];

    public void Add(DbcWarningKind kind, DbcPosition position, string text)
    {
        if (_warnings.Count < DbcLimits.Warnings) _warnings.Add(new DbcWarning(kind, position.Line, position.Column, text));
    }

    public IReadOnlyList<DbcWarning> InFileOrder() => [.. _warnings.OrderBy(warning => warning.Line).ThenBy(warning => warning.Column)];
}
