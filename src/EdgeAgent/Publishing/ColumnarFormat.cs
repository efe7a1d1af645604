namespace EdgeAgent.Publishing;

/// <summary>What <c>packaging/schema/columnar.proto</c> leaves to the two ends: limits, and how columns are coded.</summary>
internal static class ColumnarFormat
{
    /// <summary>A Zstandard frame (RFC 8878 §7.2 registers the suffix) that holds one message of the schema.</summary>
    public const string ContentType = "application/vnd.edge-agent.columnar+zstd";

    /// <summary>Of the schema.</summary>
    public const uint Version = 1;

    /// <summary>The most samples of a message.</summary>
    public const int MaxSamples = 1 << 16;

    /// <summary>The most bytes of a message before it is compressed.</summary>
    public const int MaxUncompressedBytes = 4 * 1024 * 1024;

    /// <summary>The most bytes of all signal names together, which share beginnings.</summary>
    public const int MaxNameBytes = 4 * 1024 * 1024;

    /// <summary>How often differences of raw integers are taken at most.</summary>
    public const int MaxOrder = 2;

    /// <summary>How a Zstandard frame begins.</summary>
    public static ReadOnlySpan<byte> Magic => [0x28, 0xB5, 0x2F, 0xFD];

    /// <summary>Each entry becomes its difference from the one before; the first stays. Modulo 2^64.</summary>
    public static void TakeDifferences(Span<long> column)
    {
        for (int i = column.Length - 1; i > 0; i--) column[i] = unchecked(column[i] - column[i - 1]);
    }

    /// <summary>Undoes <see cref="TakeDifferences"/>.</summary>
    public static void TakeRunningSum(Span<long> column)
    {
        for (int i = 1; i < column.Length; i++) column[i] = unchecked(column[i] + column[i - 1]);
    }

    /// <summary>Each entry becomes what differs from the bits of the one before; the first stays.</summary>
    public static void TakeChangedBits(Span<long> column)
    {
        for (int i = column.Length - 1; i > 0; i--) column[i] ^= column[i - 1];
    }

    /// <summary>Undoes <see cref="TakeChangedBits"/>.</summary>
    public static void RestoreBits(Span<long> column)
    {
        for (int i = 1; i < column.Length; i++) column[i] ^= column[i - 1];
    }
}
