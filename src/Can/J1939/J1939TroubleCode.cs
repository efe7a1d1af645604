using System.Globalization;

namespace EdgeAgent.Can.J1939;

/// <summary>How the bits of a suspect parameter number lie in the four bytes of a trouble code (SAE J1939-73 §5.7.1.7).</summary>
public enum SpnConversion : byte
{
    /// <summary>The oldest: most significant bits first.</summary>
    Version1 = 1,

    /// <summary>The two upper bytes least significant first, the three lowest bits with the failure mode.</summary>
    Version2 = 2,

    /// <summary>As version 4, under the mark of the older ones.</summary>
    Version3 = 3,

    /// <summary>Today's: least significant byte first, the three highest bits with the failure mode.</summary>
    Version4 = 4,
}

/// <summary>A diagnostic trouble code (SAE J1939-73 §5.7.1).</summary>
/// <remarks>
/// <code>
///  byte        0             1             2                     3
///  version 1   SPN 18…11     SPN 10…3      SPN 2…0  │ FMI 4…0    1 │ count
///  version 2   SPN 10…3      SPN 18…11     SPN 2…0  │ FMI 4…0    1 │ count
///  version 3   SPN 7…0       SPN 15…8      SPN 18…16│ FMI 4…0    1 │ count
///  version 4   SPN 7…0       SPN 15…8      SPN 18…16│ FMI 4…0    0 │ count
/// </code>
/// The mark in the last byte tells version 4 from the others, which cannot be told from each other.
/// </remarks>
/// <param name="SuspectParameterNumber">SPN, 0–524287: what is faulty.</param>
/// <param name="FailureModeIdentifier">FMI, 0–31: in which way.</param>
/// <param name="OccurrenceCount">How often it became active, 0–126; 127 if that is not known.</param>
/// <param name="Conversion">How it is written, or was taken to be.</param>
public readonly record struct J1939TroubleCode(int SuspectParameterNumber, int FailureModeIdentifier, int OccurrenceCount, SpnConversion Conversion = SpnConversion.Version4)
{
    /// <summary>The bytes of a code.</summary>
    public const int Bytes = 4;

    /// <summary>The largest number: 19 bits.</summary>
    public const int MaxSuspectParameterNumber = 0x7_FFFF;

    /// <summary>The count of whoever does not count.</summary>
    public const int UnknownCount = 127;

    private const byte OlderMark = 0x80;

    /// <summary>The count; null if it is not known.</summary>
    public int? KnownCount => OccurrenceCount == UnknownCount ? null : OccurrenceCount;

    /// <summary>True for the place of a code in a message that has none: all zeros, or all ones in older ones.</summary>
    public bool IsEmpty => (SuspectParameterNumber == 0 && FailureModeIdentifier == 0) || (SuspectParameterNumber == MaxSuspectParameterNumber && FailureModeIdentifier == 31);

    /// <summary>Reads four bytes.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="older">How the sender writes if the bytes bear the mark of versions 1–3.</param>
    public static J1939TroubleCode Read(ReadOnlySpan<byte> bytes, SpnConversion older = SpnConversion.Version3)
    {
        var conversion = (bytes[3] & OlderMark) == 0 ? SpnConversion.Version4 : older;
        int number = conversion switch
        {
            SpnConversion.Version1 => bytes[0] << 11 | bytes[1] << 3 | bytes[2] >> 5,
            SpnConversion.Version2 => bytes[1] << 11 | bytes[0] << 3 | bytes[2] >> 5,
            _ => bytes[0] | bytes[1] << 8 | (bytes[2] & 0xE0) << 11,
        };
        return new J1939TroubleCode(number, bytes[2] & 0x1F, bytes[3] & ~OlderMark, conversion);
    }

    /// <summary>Writes four bytes, in the way of <see cref="Conversion"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A number is outside its range.</exception>
    public void Write(Span<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)SuspectParameterNumber, (uint)MaxSuspectParameterNumber, nameof(SuspectParameterNumber));
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)FailureModeIdentifier, 31u, nameof(FailureModeIdentifier));
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)OccurrenceCount, (uint)UnknownCount, nameof(OccurrenceCount));
        bool isBitwise = Conversion is SpnConversion.Version1 or SpnConversion.Version2;
        int high = isBitwise ? SuspectParameterNumber >> 11 : SuspectParameterNumber >> 8;
        int low = isBitwise ? SuspectParameterNumber >> 3 : SuspectParameterNumber;
        (bytes[0], bytes[1]) = Conversion == SpnConversion.Version1 ? ((byte)high, (byte)low) : ((byte)low, (byte)high);
        bytes[2] = (byte)((isBitwise ? SuspectParameterNumber & 7 : SuspectParameterNumber >> 16) << 5 | FailureModeIdentifier);
        bytes[3] = (byte)(OccurrenceCount | (Conversion == SpnConversion.Version4 ? 0 : OlderMark));
    }

    /// <summary>As technicians write it: <c>SPN 110 FMI 3</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"SPN {SuspectParameterNumber} FMI {FailureModeIdentifier}");
}
