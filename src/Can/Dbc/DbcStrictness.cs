namespace EdgeAgent.Can.Dbc;

/// <summary>What becomes of a file with mistakes whose meaning is clear all the same.</summary>
public enum DbcStrictness
{
    /// <summary>It is read, and each mistake is a warning.</summary>
    Lenient,

    /// <summary>
    /// It is refused: signals that overlap or leave their message, two signals of one name that can be present together, a statement that
    /// the file's end cuts short, and words that the format does not know.
    /// </summary>
    Strict,
}
