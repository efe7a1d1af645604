using System.Diagnostics.CodeAnalysis;

namespace EdgeAgent.Can.Dbc;

/// <summary>A DBC file that cannot be read. The message names place and problem: <c>vehicle.dbc:12:34: expected …, found …</c>.</summary>
[SuppressMessage("Design", "CA1032", Justification = "Without a place in a file the exception says nothing.")]
public sealed class DbcException : FormatException
{
    /// <summary>Tells what is wrong and where.</summary>
    /// <param name="fileName">The file, or null for a text without one.</param>
    /// <param name="line">The line, counted from 1.</param>
    /// <param name="column">The column, counted from 1 in UTF-16 units.</param>
    /// <param name="problem">What is wrong, without the place.</param>
    public DbcException(string? fileName, int line, int column, string problem)
        : base($"{fileName ?? "DBC"}:{line}:{column}: {problem}")
    {
        FileName = fileName;
        Line = line;
        Column = column;
        Problem = problem;
    }

    /// <summary>The file, or null for a text without one.</summary>
    public string? FileName { get; }

    /// <summary>The line, counted from 1.</summary>
    public int Line { get; }

    /// <summary>The column, counted from 1 in UTF-16 units.</summary>
    public int Column { get; }

    /// <summary>What is wrong, without the place.</summary>
    public string Problem { get; }
}
