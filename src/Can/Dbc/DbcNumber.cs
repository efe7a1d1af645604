using System.Globalization;

namespace EdgeAgent.Can.Dbc;

/// <summary>A number of a DBC file.</summary>
/// <param name="Value">As a double; infinite if it is too large for one.</param>
/// <param name="Whole">Exactly, if it is a whole number of at most 2^125.</param>
/// <param name="IsWrittenWhole">True if it has neither point nor exponent.</param>
public readonly record struct DbcNumber(double Value, Int128? Whole, bool IsWrittenWhole)
{
    private static readonly Int128 LargestInteger = Int128.One << 125;

    /// <summary>Reads a number whose form the tokenizer has checked.</summary>
    internal static DbcNumber Parse(ReadOnlySpan<char> digits)
    {
        var value = double.Parse(digits, NumberStyles.Float, CultureInfo.InvariantCulture);
        return new DbcNumber(value, WholeOf(digits, value), digits.IndexOfAny('.', 'e', 'E') < 0);
    }

    /// <summary>A number exactly if it is whole and at most 2^125, from how it is written and the double that is nearest to it.</summary>
    internal static Int128? WholeOf(ReadOnlySpan<char> digits, double value)
    {
        if (!double.IsInteger(value) || Math.Abs(value) > (double)LargestInteger) return null;
        return Int128.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var exact) ? exact : (Int128)value;
    }
}
