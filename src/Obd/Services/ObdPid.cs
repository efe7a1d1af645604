using System.Globalization;

namespace EdgeAgent.Obd;

/// <summary>One number in the data of a parameter id. Bits are counted from the highest of the first data byte, A, as the standard's tables go.</summary>
/// <param name="Name">Unique among all; where the vehicle signal specification's branch <c>Vehicle.OBD</c> has a name, that.</param>
/// <param name="Unit">Null for a count, a ratio or a code.</param>
/// <param name="FirstBit">0 for bit 7 of A, 8 for bit 7 of B, and so on.</param>
/// <param name="BitCount">1–32.</param>
/// <param name="IsSigned">True for two's complement.</param>
/// <param name="Scale">What one step of the raw number is worth.</param>
/// <param name="Offset">The value of raw 0.</param>
public sealed record ObdParameter(string Name, string? Unit, int FirstBit, int BitCount, bool IsSigned, double Scale, double Offset)
{
    /// <summary>The bit of the data that has to be 1 if there is a value, counted as <see cref="FirstBit"/> is; null if there always is.</summary>
    public int? SupportBit { get; init; }

    /// <summary>Names of raw values, if it is a code; else null.</summary>
    public IReadOnlyDictionary<int, string>? Labels { get; init; }

    /// <summary>The least value that can be said.</summary>
    public double Minimum => ToValue(IsSigned ? -(1L << (BitCount - 1)) : 0);

    /// <summary>The greatest value that can be said.</summary>
    public double Maximum => ToValue(IsSigned ? (1L << (BitCount - 1)) - 1 : (1L << BitCount) - 1);

    /// <summary>Reads the value. Allocates nothing.</summary>
    /// <param name="data">A, B, … as they came.</param>
    /// <param name="value">In <see cref="Unit"/>.</param>
    /// <returns>False if the data is too short for it, or says that the vehicle does not have it.</returns>
    public bool TryDecode(ReadOnlySpan<byte> data, out double value)
    {
        value = 0;
        int end = FirstBit + BitCount;
        if (data.Length * 8 < end || SupportBit is { } support && !ObdBits.IsSet(data, support)) return false;
        ulong bits = 0;
        for (int i = FirstBit / 8; i < (end + 7) / 8; i++) bits = bits << 8 | data[i];
        bits = bits >> (7 - (end + 7) % 8) & ((1UL << BitCount) - 1);
        long raw = IsSigned && bits >> (BitCount - 1) != 0 ? (long)bits - (1L << BitCount) : (long)bits;
        value = ToValue(raw);
        return true;
    }

    /// <summary>What a code means; null if it is none or not defined.</summary>
    public string? LabelOf(double value) => Labels is { } labels && labels.TryGetValue((int)value, out string? label) ? label : null;

    private double ToValue(long raw) => raw * Scale + Offset;
}

/// <summary>One bit in the data of a parameter id that says yes or no.</summary>
/// <param name="Name">Unique among all.</param>
/// <param name="Bit">0 for bit 7 of A, 8 for bit 7 of B, and so on.</param>
public sealed record ObdFlag(string Name, int Bit)
{
    /// <summary>The bit of the data that has to be 1 if the other means anything; null if it always does.</summary>
    public int? SupportBit { get; init; }

    /// <summary>Reads it. False if the data is too short for it, or says that the vehicle does not have it.</summary>
    public bool TryDecode(ReadOnlySpan<byte> data, out bool isSet)
    {
        isSet = false;
        if (data.Length * 8 <= Bit || SupportBit is { } support && !ObdBits.IsSet(data, support)) return false;
        isSet = ObdBits.IsSet(data, Bit);
        return true;
    }
}

/// <summary>A parameter id of SAE J1979 services 01 and 02.</summary>
/// <param name="Pid">The byte.</param>
/// <param name="Parameters">What its data holds, as far as it is numbers and codes.</param>
public sealed record ObdPid(byte Pid, IReadOnlyList<ObdParameter> Parameters)
{
    /// <summary>What it is about.</summary>
    public required string Title { get; init; }

    /// <summary>How many bytes its data has (SAE J1979-DA).</summary>
    public required int Length { get; init; }

    /// <summary>What of its data says yes or no. The monitors of 01 and 41 are in <see cref="ReadinessReport"/>.</summary>
    public IReadOnlyList<ObdFlag> Flags { get; init; } = [];

    /// <summary>As it is written: two hexadecimal digits.</summary>
    public override string ToString() => Pid.ToString("X2", CultureInfo.InvariantCulture);
}

/// <summary>Bits, counted from the highest of the first byte.</summary>
internal static class ObdBits
{
    public static bool IsSet(ReadOnlySpan<byte> data, int bit) => bit / 8 < data.Length && (data[bit / 8] >> (7 - bit % 8) & 1) != 0;
}
