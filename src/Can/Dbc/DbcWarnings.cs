namespace EdgeAgent.Can.Dbc;

/// <summary>Collects warnings up to the limit.</summary>
internal sealed class DbcWarnings(string? fileName, DbcStrictness strictness)
{
    private readonly List<DbcWarning> _warnings = [];

    public bool IsStrict => strictness == DbcStrictness.Strict;

    /// <summary>Notes what is probably a mistake.</summary>
    public void Add(DbcWarningKind kind, DbcPosition position, string text) => Add(new DbcWarning(kind, position.Line, position.Column, text));

    /// <summary>Notes what certainly is a mistake.</summary>
    /// <param name="kind">What it is about.</param>
    /// <param name="position">Where it is.</param>
    /// <param name="text">What is wrong.</param>
    /// <param name="remedy">What is made of it, or null.</param>
    /// <exception cref="DbcException">The file is read strictly.</exception>
    public void Tolerate(DbcWarningKind kind, DbcPosition position, string text, string? remedy = null)
    {
        if (strictness == DbcStrictness.Strict) throw new DbcException(fileName, position.Line, position.Column, text);
        Add(new DbcWarning(kind, position.Line, position.Column, remedy is null ? text : $"{text}; {remedy}") { IsMistake = true });
    }

    public IReadOnlyList<DbcWarning> InFileOrder() => [.. _warnings.OrderBy(warning => warning.Line).ThenBy(warning => warning.Column)];

    private void Add(DbcWarning warning)
    {
        if (_warnings.Count < DbcLimits.Warnings) _warnings.Add(warning);
    }
}
