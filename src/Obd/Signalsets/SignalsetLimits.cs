namespace EdgeAgent.Obd.Signalsets;

/// <summary>What a signalset and a captured answer may hold at most.</summary>
public static class SignalsetLimits
{
    /// <summary>The largest file, 16 MiB.</summary>
    public const int FileBytes = 16 * 1024 * 1024;

    /// <summary>How deep its JSON may be nested: a value of a map is at depth 8.</summary>
    public const int Depth = 16;

    /// <summary>The most commands.</summary>
    public const int Commands = 10_000;

    /// <summary>The most signals of one command.</summary>
    public const int SignalsPerCommand = 4_096;

    /// <summary>The most signals of a set.</summary>
    public const int Signals = 100_000;

    /// <summary>The most entries of a map.</summary>
    public const int MapEntries = 65_536;

    /// <summary>The most groups, and the most synthetic signals.</summary>
    public const int Groups = 1_000;

    /// <summary>The longest text, in characters.</summary>
    public const int TextLength = 8_192;

    /// <summary>The longest pattern of a group, in characters.</summary>
    public const int PatternLength = 512;

    /// <summary>The last bit of a signal, counted from the first of the data: that of the longest message of ISO 15765-2 with 12 bits of length.</summary>
    public const int LastBit = 4095 * 8;

    /// <summary>The most model years that a filter lists.</summary>
    public const int FilterYears = 256;

    /// <summary>The most mistakes, and the most warnings, that are kept.</summary>
    public const int Mistakes = 100;

    /// <summary>The longest captured answer, in characters.</summary>
    public const int AnswerLength = 1024 * 1024;

    /// <summary>How long matching the pattern of a group with one id may take.</summary>
    public static readonly TimeSpan PatternTime = TimeSpan.FromMilliseconds(100);
}
