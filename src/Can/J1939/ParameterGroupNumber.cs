using System.Globalization;

namespace EdgeAgent.Can.J1939;

/// <summary>
/// Names a parameter group (SAE J1939-21 §5.1.2): 18 bits, extended data page, data page, PDU format and PDU specific. Groups whose format is
/// below 240 (PDU1) are sent to one destination or all; the number ends in 00 then. Of the others (PDU2) the specific byte is part of the number.
/// </summary>
public readonly record struct ParameterGroupNumber : IComparable<ParameterGroupNumber>
{
    /// <summary>The largest number: 18 bits.</summary>
    public const uint MaxValue = 0x3_FFFF;

    /// <summary>How many bytes it takes in a payload, least significant first.</summary>
    public const int Bytes = 3;

    private const int FirstPdu2Format = 240;

    private ParameterGroupNumber(uint value) => Value = value;

    /// <summary>Acknowledgment (J1939-21 §5.4.4).</summary>
    public static ParameterGroupNumber Acknowledgment { get; } = new(0xE800);

    /// <summary>Request (J1939-21 §5.4.2).</summary>
    public static ParameterGroupNumber Request { get; } = new(0xEA00);

    /// <summary>Transport protocol, data transfer (TP.DT, J1939-21 §5.10.4).</summary>
    public static ParameterGroupNumber TransportData { get; } = new(0xEB00);

    /// <summary>Transport protocol, connection management (TP.CM, J1939-21 §5.10.3).</summary>
    public static ParameterGroupNumber TransportConnection { get; } = new(0xEC00);

    /// <summary>Address claimed and cannot claim address (J1939-81 §4.2).</summary>
    public static ParameterGroupNumber AddressClaimed { get; } = new(0xEE00);

    /// <summary>DM1, active trouble codes (J1939-73 §5.7.1).</summary>
    public static ParameterGroupNumber ActiveTroubleCodes { get; } = new(0xFECA);

    /// <summary>DM2, previously active trouble codes (J1939-73 §5.7.2).</summary>
    public static ParameterGroupNumber PreviouslyActiveTroubleCodes { get; } = new(0xFECB);

    /// <summary>The number, 0–0x3FFFF.</summary>
    public uint Value { get; }

    /// <summary>The PDU format.</summary>
    public byte Format => (byte)(Value >> 8);

    /// <summary>True if messages of the group are for one destination (PDU1); false if they are for everybody (PDU2).</summary>
    public bool HasDestination => Format < FirstPdu2Format;

    /// <summary>The bits of a 29-bit identifier that tell the group.</summary>
    internal uint IdentifierMask => HasDestination ? 0x03FF_0000u : 0x03FF_FF00u;

    /// <summary>A number by its value.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It has more than 18 bits, or is of PDU1 and does not end in 00.</exception>
    public static ParameterGroupNumber From(uint value) => TryFrom(value, out var number) ? number
        : throw new ArgumentOutOfRangeException(nameof(value), value, "Expected at most 18 bits, of which the last eight are 0 if the format (bits 8–15) is below 240.");

    /// <summary>A number by its value; false if no group can have it.</summary>
    public static bool TryFrom(uint value, out ParameterGroupNumber number)
    {
        number = new ParameterGroupNumber(value);
        if (value <= MaxValue && (!number.HasDestination || (value & 0xFF) == 0)) return true;
        number = default;
        return false;
    }

    /// <summary>The group of a 29-bit identifier.</summary>
    internal static ParameterGroupNumber OfIdentifier(uint identifier)
    {
        var number = new ParameterGroupNumber((identifier >> 8) & MaxValue);
        return number.HasDestination ? new ParameterGroupNumber(number.Value & ~0xFFu) : number;
    }

    /// <summary>Reads three bytes, least significant first. What the last byte of a PDU1 number holds does not count; false if bits above 18 are set.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out ParameterGroupNumber number)
    {
        uint value = bytes[0] | (uint)bytes[1] << 8 | (uint)bytes[2] << 16;
        number = value <= MaxValue ? OfIdentifier(value << 8) : default;
        return value <= MaxValue;
    }

    /// <summary>Writes three bytes, least significant first.</summary>
    public void Write(Span<byte> bytes)
    {
        bytes[0] = (byte)Value;
        bytes[1] = (byte)(Value >> 8);
        bytes[2] = (byte)(Value >> 16);
    }

    /// <inheritdoc/>
    public int CompareTo(ParameterGroupNumber other) => Value.CompareTo(other.Value);

    /// <summary>Orders by value.</summary>
    public static bool operator <(ParameterGroupNumber left, ParameterGroupNumber right) => left.Value < right.Value;

    /// <summary>Orders by value.</summary>
    public static bool operator >(ParameterGroupNumber left, ParameterGroupNumber right) => left.Value > right.Value;

    /// <summary>Orders by value.</summary>
    public static bool operator <=(ParameterGroupNumber left, ParameterGroupNumber right) => left.Value <= right.Value;

    /// <summary>Orders by value.</summary>
    public static bool operator >=(ParameterGroupNumber left, ParameterGroupNumber right) => left.Value >= right.Value;

    /// <summary>In decimal, as the standard names groups.</summary>
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
}
