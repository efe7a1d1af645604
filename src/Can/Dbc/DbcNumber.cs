using System.Globalization;

namespace EdgeAgent.Can.Dbc;

/// <summary>A number of a DBC file.</summary>
/// <param name="Value">As a double; infinite if it is too large for one.</param>
/// <param name="Integer">Exactly, if it is a whole number of at most 2^125.</param>
/// <param name="IsWrittenWhole">True if it has neither point nor exponent.</param>
internal readonly record struct DbcNumber(double Value, Int128? Integer, bool IsWrittenWhole)
{
    private static readonly Int128 LargestInteger = Int128.One << 125;

    /// <summary>Reads a number whose form the tokenizer has checked.</summary>
    public static DbcNumber Parse(ReadOnlySpan<char> digits)
    {
        var value = double.Parse(digits, NumberStyles.Float, CultureInfo.InvariantCulture);
        var isWrittenWhole = digits.IndexOfAny('.', 'e', 'E') < 0;
        Int128? integer = null;
        if (double.IsInteger(value) && Math.Abs(value) <= (double)LargestInteger)
        {
            integer = isWrittenWhole ? Int128.Parse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture) : (Int128)value;
        }

        return new DbcNumber(value, integer, isWrittenWhole);
    }
}
