namespace EdgeAgent.Capture;

/// <summary>
/// How a signal's raw integers become values, as the decode plan computes it: raw · factor + offset in doubles, rounded after each step.
/// </summary>
/// <param name="Factor">The resolution: by how much the value changes when the raw integer changes by one. May be negative.</param>
/// <param name="Offset">The value of raw 0.</param>
internal readonly record struct SignalScaling(double Factor, double Offset)
{
    /// <summary>Values are the raw integers.</summary>
    public static SignalScaling None { get; } = new(1, 0);

    /// <summary>Beyond this a double is no longer turned into an integer.</summary>
    private const double MaxRaw = 1L << 62;

    public double ToValue(long raw) => (raw * Factor) + Offset;

    /// <summary>
    /// Finds the raw integer from which <see cref="ToValue"/> makes this very double, to the last bit. False if there is none: the value is not
    /// finite, is −0, or was computed in another way, as those of signals of more than 53 bits with a factor are.
    /// </summary>
    public bool TryGetRaw(double value, out long raw)
    {
        raw = 0;
        double nearest = Math.Round((value - Offset) / Factor);
        if (!(Math.Abs(nearest) <= MaxRaw)) return false;
        raw = (long)nearest;
        return BitConverter.DoubleToInt64Bits(ToValue(raw)) == BitConverter.DoubleToInt64Bits(value);
    }
}
