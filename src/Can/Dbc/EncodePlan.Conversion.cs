namespace EdgeAgent.Can.Dbc;

/// <summary>From physical values to raw ones, with the rounding of cantools: in doubles, halves to even.</summary>
public sealed partial class EncodePlan
{
    private static EncodeFault RawOf(DbcSignal signal, in SignalInput value, out ulong raw)
    {
        raw = 0;
        if (signal.IsFloat) return FloatOf(signal, in value, out raw);
        if (!TryUnscale(signal, in value, out var whole)) return EncodeFault.NotFinite;

        // A label makes its value good, whatever the range.
        if (value.Kind != InputKind.Raw && !signal.TryGetLabel(whole, out _) && RangeFault(signal, value.Number) is var fault and not EncodeFault.None) return fault;
        var (least, most) = signal.RawRange;
        if (whole < least || whole > most) return EncodeFault.OutOfBits;
        raw = (ulong)(whole & ((Int128.One << signal.Length) - 1));
        return EncodeFault.None;
    }

    private static bool TryUnscale(DbcSignal signal, in SignalInput value, out Int128 whole)
    {
        whole = value.Whole;
        if (value.Kind == InputKind.Raw) return true;
        if (value.Kind == InputKind.WholePhysical && signal.IsInteger)
        {
            var (quotient, remainder) = Int128.DivRem(value.Whole - signal.OffsetNumber.Whole!.Value, signal.ScaleNumber.Whole!.Value);
            whole = quotient;
            if (remainder == 0) return true;
        }

        const double beyondAll = 1e30;
        var isExact = value.Kind == InputKind.WholePhysical && signal.OffsetNumber is { IsWrittenWhole: true, Whole: not null };
        var difference = isExact ? (double)(value.Whole - signal.OffsetNumber.Whole!.Value) : value.Number - signal.Offset;
        var number = Math.Round(difference / signal.Scale, MidpointRounding.ToEven);
        if (!double.IsFinite(number)) return false;
        whole = (Int128)Math.Clamp(number, -beyondAll, beyondAll);
        return true;
    }

    private static EncodeFault FloatOf(DbcSignal signal, in SignalInput value, out ulong raw)
    {
        raw = 0;
        var number = value.Kind == InputKind.Raw ? value.Number : (value.Number - signal.Offset) / signal.Scale;
        if (value.Kind != InputKind.Raw && RangeFault(signal, value.Number) is var fault and not EncodeFault.None) return fault;
        raw = signal.Length switch
        {
            16 => BitConverter.HalfToUInt16Bits((Half)number),
            32 => BitConverter.SingleToUInt32Bits((float)number),
            _ => BitConverter.DoubleToUInt64Bits(number),
        };
        return double.IsFinite(number) && !double.IsFinite(signal.RawFloat(raw)) ? EncodeFault.OutOfBits : EncodeFault.None;
    }

    // A millionth of a step more is allowed: that is rounding.
    private static EncodeFault RangeFault(DbcSignal signal, double physical)
    {
        var slack = Math.Abs(signal.Scale) * 1e-6;
        if (signal.Minimum is { } minimum && physical < minimum - slack) return EncodeFault.BelowMinimum;
        return signal.Maximum is { } maximum && physical > maximum + slack ? EncodeFault.AboveMaximum : EncodeFault.None;
    }
}
