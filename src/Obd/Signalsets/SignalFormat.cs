using System.Globalization;
using System.Text;

namespace EdgeAgent.Obd.Signalsets;

/// <summary>
/// How a signal lies in the data of an answer, behind service and parameter. Bits are counted from the highest of the first byte:
/// <code>
/// bix   0 1 2 3 4 5 6 7   8 9 …
///      |   first byte   | second …
/// </code>
/// With <see cref="IsLittleEndian"/> the ⌈len/8⌉ bytes from the one of the first bit on are turned round before that. A raw value becomes
/// <c>raw · mul / div + add</c>, which is none at or beyond <see cref="NullMinimum"/> and <see cref="NullMaximum"/> and else limited to
/// <see cref="Minimum"/>–<see cref="Maximum"/>; or the map's value, if there is a map.
/// </summary>
public sealed record SignalFormat
{
    /// <summary><c>bix</c>: the first bit.</summary>
    public int FirstBit { get; init; }

    /// <summary><c>len</c>: how many bits, at least 1.</summary>
    public required int BitCount { get; init; }

    /// <summary><c>blsb</c>: the byte that comes first is the least significant.</summary>
    public bool IsLittleEndian { get; init; }

    /// <summary><c>sign</c>: two's complement.</summary>
    public bool IsSigned { get; init; }

    /// <summary><c>mul</c>.</summary>
    public double Multiplier { get; init; } = 1;

    /// <summary><c>div</c>; not 0.</summary>
    public double Divisor { get; init; } = 1;

    /// <summary><c>add</c>.</summary>
    public double Offset { get; init; }

    /// <summary><c>min</c>: no value is less, unless <see cref="Maximum"/> is not greater.</summary>
    public double Minimum { get; init; }

    /// <summary><c>max</c>; null with a map, or where the file leaves it out: then nothing is limited.</summary>
    public double? Maximum { get; init; }

    /// <summary><c>nullmin</c>: this and less says that there is no value.</summary>
    public double? NullMinimum { get; init; }

    /// <summary><c>nullmax</c>: this and more says that there is no value.</summary>
    public double? NullMaximum { get; init; }

    /// <summary><c>omin</c>: from here on the value is as it should be.</summary>
    public double? OptimalMinimum { get; init; }

    /// <summary><c>omax</c>: up to here the value is as it should be.</summary>
    public double? OptimalMaximum { get; init; }

    /// <summary><c>oval</c>: the best value.</summary>
    public double? OptimalValue { get; init; }

    /// <summary><c>unit</c>; null with a map.</summary>
    public SignalUnit? Unit { get; init; }

    /// <summary><c>map</c>: names of raw values; null if the signal is a number.</summary>
    public IReadOnlyDictionary<long, SignalLabel>? Map { get; init; }

    /// <summary>The bit behind the last.</summary>
    public int EndBit => FirstBit + BitCount;

    /// <summary>Reads the signal. Allocates nothing.</summary>
    /// <param name="data">What follows service and parameter in the answer.</param>
    public SignalReading Decode(ReadOnlySpan<byte> data)
    {
        if (EndBit > data.Length * 8) return default;
        return Map is null ? DecodeNumber(data) : DecodeLabel(data);
    }

    /// <summary>For the unit <c>ascii</c> the characters, without filling; for <c>hex</c> the digits; else null.</summary>
    /// <param name="data">As for <see cref="Decode"/>.</param>
    public string? Text(ReadOnlySpan<byte> data)
    {
        if (Unit is not { } unit || !(unit.IsText || unit.IsHexadecimal) || EndBit > data.Length * 8) return null;
        if (unit.IsHexadecimal && BitCount <= 64) return ReadBits(data).ToString($"X{(BitCount + 3) / 4}", CultureInfo.InvariantCulture);
        var text = new StringBuilder();
        for (int bit = FirstBit; bit + 8 <= EndBit; bit += 8)
        {
            int value = 0;
            for (int i = bit; i < bit + 8; i++) value = value << 1 | BitAt(data, i);
            if (unit.IsHexadecimal) text.Append(value.ToString("X2", CultureInfo.InvariantCulture));
            else if (value is >= 0x20 and < 0x7F) text.Append((char)value);
            else if (value != 0) text.Append('.');
        }
        return text.ToString();
    }

    private SignalReading DecodeNumber(ReadOnlySpan<byte> data)
    {
        double value = RawValue(data) * Multiplier / Divisor + Offset;
        if (!double.IsFinite(value) || value <= NullMinimum || value >= NullMaximum) return new SignalReading(SignalState.Unavailable);
        if (Maximum is { } maximum && maximum > Minimum) value = Math.Clamp(value, Minimum, maximum);
        return new SignalReading(SignalState.Number, value);
    }

    private SignalReading DecodeLabel(ReadOnlySpan<byte> data)
    {
        if (BitCount > 63) return new SignalReading(SignalState.Unavailable);
        long raw = IsSigned ? Signed(ReadBits(data)) : (long)ReadBits(data);
        return Map!.TryGetValue(raw, out var label) ? new SignalReading(SignalState.Label, raw, label.Value) : new SignalReading(SignalState.Unavailable);
    }

    private double RawValue(ReadOnlySpan<byte> data)
    {
        if (BitCount <= 64)
        {
            ulong bits = ReadBits(data);
            return IsSigned ? Signed(bits) : bits;
        }
        // Of a negative number the complement, so that small ones stay exact.
        int complement = IsSigned ? BitAt(data, FirstBit) : 0;
        double raw = 0;
        for (int i = FirstBit; i < EndBit; i++) raw = raw * 2 + (BitAt(data, i) ^ complement);
        return complement == 0 ? raw : -raw - 1;
    }

    private long Signed(ulong bits)
    {
        int unused = 64 - BitCount;
        return (long)(bits << unused) >> unused;
    }

    /// <summary>At most 64 bits.</summary>
    private ulong ReadBits(ReadOnlySpan<byte> data)
    {
        ulong bits = 0;
        int bit = FirstBit;
        while (bit < EndBit)
        {
            int inByte = bit % 8, count = Math.Min(8 - inByte, EndBit - bit);
            int part = data[Place(bit / 8)] >> (8 - inByte - count) & ((1 << count) - 1);
            bits = bits << count | (uint)part;
            bit += count;
        }
        return bits;
    }

    private int BitAt(ReadOnlySpan<byte> data, int bit) => data[Place(bit / 8)] >> (7 - bit % 8) & 1;

    /// <summary>Where a byte of the turned data was before it was turned.</summary>
    private int Place(int index)
    {
        if (!IsLittleEndian || BitCount <= 8) return index;
        int first = FirstBit / 8, last = first + (BitCount + 7) / 8 - 1;
        return index <= last ? first + last - index : index;
    }
}

/// <summary>A name of a raw value.</summary>
/// <param name="Value">What the value is called.</param>
/// <param name="Description">What it means.</param>
public readonly record struct SignalLabel(string Value, string Description);
