using System.Diagnostics.CodeAnalysis;

namespace EdgeAgent.Can.Dbc;

/// <summary>A signal of a message (<c>SG_</c>): where its bits lie and what they mean. Immutable.</summary>
public sealed class DbcSignal
{
    // 64-bit raw values times this, plus 2^125, fit into 128 bits.
    private static readonly Int128 LargestExactScale = Int128.One << 61;

    private Dictionary<Int128, string>? _texts;

    internal DbcSignal()
    {
    }

    /// <summary>The name, the long one if the file gives it (<c>SystemSignalLongSymbol</c>).</summary>
    public required string Name { get; init; }

    /// <summary>
    /// The start bit as the file numbers it: bit <c>n % 8</c> of byte <c>n / 8</c>, bit 0 being the least significant.
    /// It is the least significant bit of a little-endian signal and the most significant one of a big-endian signal.
    /// </summary>
    public required int StartBit { get; init; }

    /// <summary>The length in bits, at least 1. Signals of more than 64 bits are listed but never decoded.</summary>
    public required int Length { get; init; }

    /// <summary>The byte order.</summary>
    public required ByteOrder ByteOrder { get; init; }

    /// <summary>True for two's complement.</summary>
    public required bool IsSigned { get; init; }

    /// <summary>True for IEEE 754 floating point of 16, 32 or 64 bits (<c>SIG_VALTYPE_</c>).</summary>
    public required bool IsFloat { get; init; }

    /// <summary>What the raw value is multiplied by.</summary>
    public double Scale => ScaleNumber.Value;

    /// <summary>What is added after that.</summary>
    public double Offset => OffsetNumber.Value;

    /// <summary>True if every physical value is an integer: the signal is no float, and scale and offset are whole numbers.</summary>
    public bool IsInteger => HasExactScale && OffsetNumber.Whole is not null;

    /// <summary>The least physical value, or null if the file gives the range as <c>[0|0]</c>.</summary>
    public double? Minimum => MinimumNumber?.Value;

    /// <summary>The greatest physical value, or null if the file gives the range as <c>[0|0]</c>.</summary>
    public double? Maximum => MaximumNumber?.Value;

    /// <summary>The unit, or null if the file leaves it empty.</summary>
    public required string? Unit { get; init; }

    /// <summary>True if the signal's value selects others.</summary>
    public required bool IsMultiplexer { get; init; }

    /// <summary>When the signal is present, or null if it always is.</summary>
    public required DbcMultiplexing? Multiplexing { get; init; }

    /// <summary>The value table in the file's order; empty if there is none.</summary>
    public required IReadOnlyList<DbcLabel> Labels { get; init; }

    /// <summary>The comment, or null.</summary>
    public required string? Comment { get; init; }

    /// <summary>The nodes that receive the signal; empty if the file names only <c>Vector__XXX</c>.</summary>
    public required IReadOnlyList<string> Receivers { get; init; }

    /// <summary>The suspect parameter number of SAE J1939 (attribute <c>SPN</c>), or null.</summary>
    public required int? SuspectParameterNumber { get; init; }

    /// <summary>The raw value at start (attribute <c>GenSigStartValue</c>), or null.</summary>
    public required double? Initial { get; init; }

    /// <summary>The attributes of its own.</summary>
    public required IReadOnlyList<DbcAttribute> Attributes { get; init; }

    /// <summary><see cref="Scale"/> as the file writes it.</summary>
    public required DbcNumber ScaleNumber { get; init; }

    /// <summary><see cref="Offset"/> as the file writes it.</summary>
    public required DbcNumber OffsetNumber { get; init; }

    /// <summary><see cref="Minimum"/> as the file writes it.</summary>
    public required DbcNumber? MinimumNumber { get; init; }

    /// <summary><see cref="Maximum"/> as the file writes it.</summary>
    public required DbcNumber? MaximumNumber { get; init; }

    /// <summary>The text of the value table for a raw value (before scale and offset; negative for signed signals).</summary>
    public bool TryGetLabel(Int128 raw, [NotNullWhen(true)] out string? text)
    {
        text = null;
        if (Labels.Count == 0) return false;
        return (_texts ??= Index(Labels)).TryGetValue(raw, out text);
    }

    /// <summary>The text of the value table for a decoded value of this signal. A float is cut to its whole part.</summary>
    public bool TryGetLabel(SignalValue value, [NotNullWhen(true)] out string? text)
    {
        text = null;
        if (Labels.Count == 0) return false;
        if (!IsFloat) return TryGetLabel(RawInteger(value), out text);
        var number = RawFloat(value.Raw);
        return Math.Abs(number) < 1e38 && TryGetLabel((Int128)number, out text);
    }

    /// <summary>The exact physical value if <see cref="IsInteger"/>; beyond 2^53 <see cref="SignalValue.Value"/> is rounded.</summary>
    public bool TryGetExactInteger(SignalValue value, out Int128 exact)
    {
        exact = IsInteger ? ExactProduct(value) + OffsetNumber.Whole!.Value : 0;
        return IsInteger;
    }

    /// <summary>The raw values that the bits of a whole number of at most 64 bits can hold.</summary>
    internal (Int128 Least, Int128 Most) RawRange =>
        IsSigned ? (-(Int128.One << (Length - 1)), (Int128.One << (Length - 1)) - 1) : (0, (Int128.One << Length) - 1);

    /// <summary>True if raw · scale is a whole number that <see cref="ExactProduct"/> gives.</summary>
    internal bool HasExactScale => !IsFloat && ScaleNumber.Whole is { } scale && Int128.Abs(scale) <= LargestExactScale;

    internal Int128 ExactProduct(SignalValue value) => RawInteger(value) * ScaleNumber.Whole!.Value;

    internal double RawFloat(ulong raw) => Length switch
    {
        16 => (double)BitConverter.UInt16BitsToHalf((ushort)raw),
        32 => BitConverter.UInt32BitsToSingle((uint)raw),
        _ => BitConverter.UInt64BitsToDouble(raw),
    };

    private Int128 RawInteger(SignalValue value) => IsSigned ? (long)value.Raw : value.Raw;

    private static Dictionary<Int128, string> Index(IReadOnlyList<DbcLabel> labels)
    {
        var texts = new Dictionary<Int128, string>(labels.Count);
        foreach (var label in labels) texts[label.Raw] = label.Text;
        return texts;
    }
}
