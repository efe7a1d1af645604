using System.Globalization;
using System.Text;
using EdgeAgent.Capture;

namespace EdgeAgent.Publishing;

/// <summary>
/// Values in decimal. A double needs more than 15 digits only if it is not the one next to the decimal that it stands for: raw 388 with factor
/// 0.1 is 38.800000000000004. Factor and offset are decimals in the DBC file, so raw · factor + offset is one too, and it is printed, 38.8,
/// where that is shorter and still means the same raw integer. It differs from the double in the last of its 53 bits or so.
/// </summary>
internal static class SenMlNumber
{
    /// <summary>Enough for any double and any decimal.</summary>
    public const int MaxLength = 32;

    private const int MostDigitsOfADecimal = 15;

    /// <summary>Beyond it 28 digits, which <see cref="decimal"/> has, may not be enough for the product.</summary>
    private const double LargestFactor = 1e9;

    /// <param name="destination">At least <see cref="MaxLength"/> long.</param>
    /// <param name="value">A finite number.</param>
    /// <param name="scaling">That of its signal.</param>
    /// <returns>A JSON number.</returns>
    public static ReadOnlySpan<byte> Format(Span<byte> destination, double value, SignalScaling? scaling)
    {
        _ = value.TryFormat(destination, out int length, default, CultureInfo.InvariantCulture);
        if (length <= MostDigitsOfADecimal + 1 || scaling is not { } numbers || !numbers.TryGetRaw(value, out long raw)) return destination[..length];
        if (!(Math.Abs(numbers.Factor) < LargestFactor && Math.Abs(numbers.Offset) < LargestFactor) || Math.Abs(raw) > int.MaxValue) return destination[..length];

        Span<byte> digits = stackalloc byte[MaxLength];
        decimal exact = raw * (decimal)numbers.Factor + (decimal)numbers.Offset;
        if (!exact.TryFormat(digits, out int count, default, CultureInfo.InvariantCulture)) return destination[..length];
        if (digits[..count].Contains((byte)'.')) count = Encoding.UTF8.GetString(digits[..count]).TrimEnd('0').TrimEnd('.').Length;
        if (count >= length || !IsOf(numbers, raw, digits[..count])) return destination[..length];
        digits[..count].CopyTo(destination);
        return destination[..count];
    }

    private static bool IsOf(SignalScaling scaling, long raw, ReadOnlySpan<byte> text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double read) && Math.Round((read - scaling.Offset) / scaling.Factor) == raw;
}
