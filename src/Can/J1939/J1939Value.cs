using EdgeAgent.Can.Dbc;

namespace EdgeAgent.Can.J1939;

/// <summary>What the raw value of a J1939 signal is (SAE J1939-71 §5.1.4).</summary>
public enum J1939ValueKind
{
    /// <summary>A number.</summary>
    Number,

    /// <summary>An indication with a meaning of the parameter's own (0xFB… by width).</summary>
    ParameterSpecific,

    /// <summary>Reserved for indications to come (0xFC…, 0xFD…).</summary>
    Reserved,

    /// <summary>The sensor, or whatever gives the value, is in error (0xFE…, or 2 in two bits).</summary>
    Error,

    /// <summary>The sender has no such value (0xFF…, all ones).</summary>
    NotAvailable,
}

/// <summary>
/// Tells numbers from indications in the raw values of J1939 signals (SAE J1939-71 §5.1.4). From a width of 8 to 32 bits the first eight bits
/// tell: up to 0xFA it is a number. Two bits are off, on, error and not available. Other widths have only all ones, for not available, and
/// one bit has no room for it. Signed and floating-point signals are none of the standard's and are always numbers.
/// </summary>
public static class J1939Value
{
    private const uint FirstIndicator = 0xFB;

    /// <summary>The smallest raw value of a signal that is no number; null if all are numbers.</summary>
    public static ulong? FirstIndication(DbcSignal signal) => signal.IsSigned || signal.IsFloat ? null : signal.Length switch
    {
        1 or > DbcLimits.DecodedSignalBits => null,
        2 => 2,
        >= 8 and <= 32 => (ulong)FirstIndicator << (signal.Length - 8),
        _ => ulong.MaxValue >> (64 - signal.Length),
    };

    /// <summary>What a raw value of a signal is.</summary>
    public static J1939ValueKind KindOf(DbcSignal signal, ulong raw)
    {
        if (!(raw >= FirstIndication(signal))) return J1939ValueKind.Number;
        if (signal.Length == 2) return raw == 2 ? J1939ValueKind.Error : J1939ValueKind.NotAvailable;
        return signal.Length is < 8 or > 32 ? J1939ValueKind.NotAvailable : (raw >> (signal.Length - 8)) switch
        {
            FirstIndicator => J1939ValueKind.ParameterSpecific,
            0xFE => J1939ValueKind.Error,
            0xFF => J1939ValueKind.NotAvailable,
            _ => J1939ValueKind.Reserved,
        };
    }
}
