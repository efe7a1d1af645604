using System.Globalization;

namespace EdgeAgent.Obd.Elm;

/// <summary>The protocols of an ELM327 by their numbers (ELM327 data sheet, AT SP).</summary>
public enum ElmProtocol
{
    /// <summary>The adapter finds it out, for which it speaks on every bus in turn.</summary>
    Automatic = 0,

    /// <summary>SAE J1850 PWM, 41.6 kbit/s.</summary>
    J1850Pwm = 1,

    /// <summary>SAE J1850 VPW, 10.4 kbit/s.</summary>
    J1850Vpw = 2,

    /// <summary>ISO 9141-2.</summary>
    Iso9141 = 3,

    /// <summary>ISO 14230-4 (KWP2000), initialised at 5 baud.</summary>
    KwpSlow = 4,

    /// <summary>ISO 14230-4 (KWP2000), initialised fast.</summary>
    KwpFast = 5,

    /// <summary>ISO 15765-4, 11 bits, 500 kbit/s.</summary>
    Can11At500 = 6,

    /// <summary>ISO 15765-4, 29 bits, 500 kbit/s.</summary>
    Can29At500 = 7,

    /// <summary>ISO 15765-4, 11 bits, 250 kbit/s.</summary>
    Can11At250 = 8,

    /// <summary>ISO 15765-4, 29 bits, 250 kbit/s.</summary>
    Can29At250 = 9,
}

/// <summary>What follows from a protocol.</summary>
public static class ElmProtocols
{
    /// <summary>True for ISO 15765-4.</summary>
    public static bool IsCan(this ElmProtocol protocol) => protocol is >= ElmProtocol.Can11At500 and <= ElmProtocol.Can29At250;

    /// <summary>True for identifiers of 29 bits.</summary>
    public static bool IsExtended(this ElmProtocol protocol) => protocol is ElmProtocol.Can29At500 or ElmProtocol.Can29At250;

    /// <summary>How a line of data begins.</summary>
    public static ElmHeader HeaderOf(ElmProtocol protocol) =>
        !protocol.IsCan() ? ElmHeader.ThreeBytes : protocol.IsExtended() ? ElmHeader.Can29 : ElmHeader.Can11;

    /// <summary>From what AT DPN answers: <c>6</c>, or <c>A6</c> if the adapter has found it out.</summary>
    public static bool TryParse(ReadOnlySpan<byte> number, out ElmProtocol protocol)
    {
        protocol = ElmProtocol.Automatic;
        if (number.Length == 2 && number[0] == (byte)'A') number = number[1..];
        if (number.Length != 1 || number[0] is < (byte)'1' or > (byte)'9') return false;
        protocol = (ElmProtocol)(number[0] - '0');
        return true;
    }

    /// <summary>The number in AT SP.</summary>
    internal static string Number(this ElmProtocol protocol) => ((int)protocol).ToString(CultureInfo.InvariantCulture);
}

/// <summary>What stands before the data in a line, with headers on.</summary>
public enum ElmHeader
{
    /// <summary>An identifier of 11 bits, three digits.</summary>
    Can11,

    /// <summary>An identifier of 29 bits, four bytes.</summary>
    Can29,

    /// <summary>Format or priority, target and source; behind the data there is a checksum.</summary>
    ThreeBytes,
}
