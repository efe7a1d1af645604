namespace EdgeAgent.Can.Dbc;

/// <summary>A value to encode: which signal, and what it shall be.</summary>
public readonly record struct SignalInput
{
    private SignalInput(int slot, InputKind kind, double number, Int128 whole)
    {
        Slot = slot;
        Kind = kind;
        Number = number;
        Whole = whole;
    }

    /// <summary>The signal's number in the plan: the index in <see cref="EncodePlan.Signals"/>.</summary>
    public int Slot { get; }

    internal InputKind Kind { get; }

    internal double Number { get; }

    internal Int128 Whole { get; }

    /// <summary>A physical value: it is rounded to the nearest that the signal can have, halves to the even raw value.</summary>
    public static SignalInput Physical(int slot, double value) => new(slot, InputKind.Physical, value, 0);

    /// <summary>A physical value that is a whole number, exact beyond 2^53.</summary>
    public static SignalInput Physical(int slot, Int128 value) => new(slot, InputKind.WholePhysical, (double)value, value);

    /// <summary>A raw value, as it is in the frame; of a float signal the float's value before scale and offset.</summary>
    public static SignalInput Raw(int slot, Int128 value) => new(slot, InputKind.Raw, (double)value, value);
}

internal enum InputKind : byte
{
    Physical,
    WholePhysical,
    Raw,
}
