using System.Globalization;

namespace EdgeAgent.Obd;

/// <summary>
/// A diagnostic trouble code as SAE J2012 (ISO 15031-6) writes it: system, digit 0–3 and three hexadecimal digits, such as <c>P0301</c>;
/// with the failure type byte of the three-byte form of ISO 14229-1 behind a colon, such as <c>U0100:87</c>.
/// </summary>
/// <param name="Code">The two bytes of the code, high byte first: bits 15–14 system (P, C, B, U), 13–12 first digit, 11–0 the rest.</param>
/// <param name="FailureType">The failure type byte (SAE J2012-DA), or null in the two-byte form.</param>
public readonly record struct DiagnosticTroubleCode(ushort Code, byte? FailureType = null)
{
    private const string Systems = "PCBU";

    /// <summary>The two-byte form of SAE J1979 services 03, 07 and 0A.</summary>
    /// <param name="bytes">Two bytes.</param>
    /// <exception cref="ArgumentException">Not two bytes.</exception>
    public static DiagnosticTroubleCode FromJ1979(ReadOnlySpan<byte> bytes) =>
        bytes.Length == 2 ? new((ushort)(bytes[0] << 8 | bytes[1])) : throw new ArgumentException("A code of SAE J1979 has two bytes.", nameof(bytes));

    /// <summary>The three-byte form of ISO 14229-1 service 19.</summary>
    /// <param name="bytes">Three bytes.</param>
    /// <exception cref="ArgumentException">Not three bytes.</exception>
    public static DiagnosticTroubleCode FromUds(ReadOnlySpan<byte> bytes) =>
        bytes.Length == 3 ? new((ushort)(bytes[0] << 8 | bytes[1]), bytes[2]) : throw new ArgumentException("A code of ISO 14229-1 has three bytes.", nameof(bytes));

    /// <summary>Reads <c>P0301</c> or <c>U0100:87</c>, in upper or lower case.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out DiagnosticTroubleCode code)
    {
        code = default;
        if (text.Length is not (5 or 8)) return false;
        int system = Systems.IndexOf(char.ToUpperInvariant(text[0]), StringComparison.Ordinal);
        int digit = text[1] - '0';
        if (system < 0 || digit is < 0 or > 3 || !ushort.TryParse(text[2..5], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ushort rest)) return false;
        byte? failureType = null;
        if (text.Length == 8)
        {
            if (text[5] != ':' || !byte.TryParse(text[6..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out byte value)) return false;
            failureType = value;
        }
        code = new((ushort)(system << 14 | digit << 12 | rest), failureType);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString()
    {
        string text = string.Create(CultureInfo.InvariantCulture, $"{Systems[Code >> 14]}{(Code >> 12) & 3}{Code & 0xFFF:X3}");
        return FailureType is { } failure ? string.Create(CultureInfo.InvariantCulture, $"{text}:{failure:X2}") : text;
    }
}
