namespace EdgeAgent.Can.Dbc;

internal enum DbcTokenKind : byte
{
    End,
    Word,
    Keyword,
    Number,
    Text,
    Punctuation,
}

/// <summary>A place in the file, line and column counted from 1.</summary>
internal readonly record struct DbcPosition(int Line, int Column);

/// <summary>A piece of the file; of a <see cref="DbcTokenKind.Text"/> what stands between the quotes.</summary>
internal readonly record struct DbcToken(DbcTokenKind Kind, int Start, int Length, DbcPosition Position);
