namespace EdgeAgent.Can.Dbc;

/// <summary>Why values cannot be encoded.</summary>
public enum EncodeFault : byte
{
    /// <summary>They can.</summary>
    None,

    /// <summary>A value is below the signal's minimum.</summary>
    BelowMinimum,

    /// <summary>A value is above the signal's maximum.</summary>
    AboveMaximum,

    /// <summary>The signal's bits cannot hold a value, or a float signal is given one that is too large for it.</summary>
    OutOfBits,

    /// <summary>A value is not a number, or infinite, and the signal is no float.</summary>
    NotFinite,

    /// <summary>A signal that belongs into the frame is not among the values.</summary>
    Missing,

    /// <summary>A signal is given twice.</summary>
    Twice,

    /// <summary>A signal is given that its multiplexer does not select.</summary>
    NotSelected,

    /// <summary>A multiplexer has a value which selects nothing and has no label.</summary>
    UnknownSelector,

    /// <summary>The signal is longer than 64 bits, or has a scale of 0, or reaches beyond its message.</summary>
    NotEncodable,

    /// <summary>The plan has no signal with that number.</summary>
    UnknownSlot,
}

/// <summary>Why values could not be encoded; <see cref="EncodePlan.Describe"/> puts it into words.</summary>
/// <param name="Fault">What is wrong.</param>
/// <param name="Slot">The signal it is about.</param>
/// <param name="Value">The value that was given, or 0.</param>
public readonly record struct EncodeError(EncodeFault Fault, int Slot, double Value);
