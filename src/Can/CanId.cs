using System.Globalization;

namespace EdgeAgent.Can;

/// <summary>
/// A CAN identifier with its kind: 11 bits (base format) or 29 bits (extended format), ISO 11898-1 §10.4.
/// The raw form is the kernel's <c>canid_t</c>: bit 31 extended, bit 30 remote, bit 29 error; this type keeps identifier and bit 31.
/// </summary>
public readonly record struct CanId : IComparable<CanId>
{
    /// <summary>The largest identifier of the base format.</summary>
    public const uint MaxStandard = 0x7FF;

    /// <summary>The largest identifier of the extended format.</summary>
    public const uint MaxExtended = 0x1FFF_FFFF;

    internal const uint ExtendedFlag = 0x8000_0000;
    internal const uint RemoteFlag = 0x4000_0000;
    internal const uint ErrorFlag = 0x2000_0000;

    private CanId(uint raw) => Raw = raw;

    /// <summary>Identifier and bit 31, as in <c>canid_t</c> and as the message ids of a DBC file.</summary>
    public uint Raw { get; }

    /// <summary>The identifier alone: 0–0x7FF or 0–0x1FFFFFFF.</summary>
    public uint Value => Raw & MaxExtended;

    /// <summary>True for a 29-bit identifier.</summary>
    public bool IsExtended => (Raw & ExtendedFlag) != 0;

    /// <summary>An 11-bit identifier.</summary>
    /// <exception cref="ArgumentOutOfRangeException">More than 11 bits.</exception>
    public static CanId Standard(uint value)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value, MaxStandard);
        return new CanId(value);
    }

    /// <summary>A 29-bit identifier.</summary>
    /// <exception cref="ArgumentOutOfRangeException">More than 29 bits.</exception>
    public static CanId Extended(uint value)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value, MaxExtended);
        return new CanId(value | ExtendedFlag);
    }

    /// <summary>From a <c>canid_t</c>; the remote and error bits are dropped, and so are bits above 11 of a base-format identifier.</summary>
    public static CanId FromRaw(uint raw) =>
        new((raw & ExtendedFlag) != 0 ? raw & (ExtendedFlag | MaxExtended) : raw & MaxStandard);

    /// <summary>Reads what <see cref="ToString"/> writes: three hexadecimal digits, or eight for an identifier of 29 bits, in upper or lower case.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out CanId id)
    {
        id = default;
        if (text.Length is not (3 or 8) || !uint.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint value)) return false;
        if (value > (text.Length == 3 ? MaxStandard : MaxExtended)) return false;
        id = text.Length == 3 ? Standard(value) : Extended(value);
        return true;
    }

    /// <inheritdoc/>
    public int CompareTo(CanId other) => Raw.CompareTo(other.Raw);

    /// <summary>Orders by raw value: base format first.</summary>
    public static bool operator <(CanId left, CanId right) => left.Raw < right.Raw;

    /// <summary>Orders by raw value: base format first.</summary>
    public static bool operator >(CanId left, CanId right) => left.Raw > right.Raw;

    /// <summary>Orders by raw value: base format first.</summary>
    public static bool operator <=(CanId left, CanId right) => left.Raw <= right.Raw;

    /// <summary>Orders by raw value: base format first.</summary>
    public static bool operator >=(CanId left, CanId right) => left.Raw >= right.Raw;

    /// <summary>As can-utils print it: three hex digits, or eight for an extended identifier.</summary>
    public override string ToString() => Value.ToString(IsExtended ? "X8" : "X3", CultureInfo.InvariantCulture);
}
