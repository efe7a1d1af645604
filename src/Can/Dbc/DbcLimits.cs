namespace EdgeAgent.Can.Dbc;

/// <summary>What a DBC file may hold at most.</summary>
public static class DbcLimits
{
    /// <summary>The largest file, 64 MiB.</summary>
    public const int FileBytes = 64 * 1024 * 1024;

    /// <summary>The longest message in bytes: what a J1939 transport session carries (SAE J1939-21 §5.10.2).</summary>
    public const int MessageBytes = 1785;

    /// <summary>The longest signal that is decoded, in bits.</summary>
    public const int DecodedSignalBits = 64;

    /// <summary>The most messages.</summary>
    public const int Messages = 100_000;

    /// <summary>The most signals of one message.</summary>
    public const int SignalsPerMessage = 16_384;

    /// <summary>The most warnings that are kept; further ones are dropped.</summary>
    public const int Warnings = 1_000;

    /// <summary>How deep multiplexers may be nested. A signal under more of them is never decoded.</summary>
    public const int MultiplexerDepth = 16;

    /// <summary>
    /// How many comparisons the search for overlapping signals takes in one file before it gives up: it compares each signal of a message
    /// with each.
    /// </summary>
    internal const int OverlapComparisons = 20_000_000;
}
