using System.Globalization;

namespace EdgeAgent.Obd;

/// <summary>One number in the data of a parameter id. Bits are counted from the highest of the first data byte, A, as the standard's tables go.</summary>
/// <param name="Name">Unique among all, in the words of the vehicle signal specification's branch <c>Vehicle.OBD</c>.</param>
/// <param name="Unit">Null for a count, a ratio or a code.</param>
/// <param name="FirstBit">0 for bit 7 of A, 8 for bit 7 of B, and so on.</param>
/// <param name="BitCount">1–32.</param>
/// <param name="IsSigned">True for two's complement.</param>
/// <param name="Scale">What one step of the raw number is worth.</param>
/// <param name="Offset">The value of raw 0.</param>
public sealed record ObdParameter(string Name, string? Unit, int FirstBit, int BitCount, bool IsSigned, double Scale, double Offset)
{
    /// <summary>The least value that can be said.</summary>
    public double Minimum => ToValue(IsSigned ? -(1L << (BitCount - 1)) : 0);

    /// <summary>The greatest value that can be said.</summary>
    public double Maximum => ToValue(IsSigned ? (1L << (BitCount - 1)) - 1 : (1L << BitCount) - 1);

    /// <summary>Reads the value. Allocates nothing.</summary>
    /// <param name="data">A, B, … as they came.</param>
    /// <param name="value">In <see cref="Unit"/>.</param>
    /// <returns>False if the data is too short for it.</returns>
    public bool TryDecode(ReadOnlySpan<byte> data, out double value)
    {
        value = 0;
        int end = FirstBit + BitCount;
        if (data.Length * 8 < end) return false;
        ulong bits = 0;
        for (int i = FirstBit / 8; i < (end + 7) / 8; i++) bits = bits << 8 | data[i];
        bits = bits >> (7 - (end + 7) % 8) & ((1UL << BitCount) - 1);
        long raw = IsSigned && bits >> (BitCount - 1) != 0 ? (long)bits - (1L << BitCount) : (long)bits;
        value = ToValue(raw);
        return true;
    }

    private double ToValue(long raw) => raw * Scale + Offset;
}

/// <summary>A parameter id of SAE J1979 service 01 whose data holds numbers.</summary>
/// <param name="Pid">The byte.</param>
/// <param name="Parameters">What the data holds, as far as they are numbers.</param>
public sealed record ObdPid(byte Pid, IReadOnlyList<ObdParameter> Parameters)
{
    /// <summary>As it is written: two hexadecimal digits.</summary>
    public override string ToString() => Pid.ToString("X2", CultureInfo.InvariantCulture);
}
