namespace EdgeAgent.Can.IsoTp;

/// <summary>What a receiver tells the sender of a segmented message (ISO 15765-2:2016 §9.6.5.1).</summary>
public enum FlowStatus
{
    /// <summary>CTS: send the next block.</summary>
    ContinueToSend = 0,

    /// <summary>WAIT: another FlowControl follows; wait for it.</summary>
    Wait = 1,

    /// <summary>OVFLW: the message is longer than the receiver can take.</summary>
    Overflow = 2,
}

/// <summary>The contents of a FlowControl frame (ISO 15765-2:2016 §9.6.5).</summary>
/// <param name="Status">What to do. A received one may be reserved (3–15); that ends the transmission (§9.6.5.2).</param>
/// <param name="BlockSize">ConsecutiveFrames until the next FlowControl, 1–255; 0 for all that are left (§9.6.5.3).</param>
/// <param name="SeparationTime">The least time between two ConsecutiveFrames.</param>
public readonly record struct FlowControl(FlowStatus Status, byte BlockSize = 0, SeparationTime SeparationTime = default)
{
    /// <summary>False for a reserved flow status.</summary>
    public bool IsValid => Status is >= FlowStatus.ContinueToSend and <= FlowStatus.Overflow;
}

/// <summary>STmin as it is sent (ISO 15765-2:2016 §9.6.5.4): 00–7F are milliseconds, F1–F9 are 100–900 µs.</summary>
/// <param name="Code">The byte.</param>
public readonly record struct SeparationTime(byte Code)
{
    private const int LongestMs = 127;

    /// <summary>The time that the byte means. Reserved values mean the longest, 127 ms (§9.6.5.5).</summary>
    public TimeSpan Time => Code switch
    {
        <= LongestMs => TimeSpan.FromMilliseconds((int)Code),
        >= 0xF1 and <= 0xF9 => TimeSpan.FromMicroseconds((Code - 0xF0) * 100),
        _ => TimeSpan.FromMilliseconds(LongestMs),
    };

    /// <summary>The shortest time that can be sent and is not less than the one given, which is 0–127 ms.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative or more than 127 ms.</exception>
    public static SeparationTime AtLeast(TimeSpan time)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(time, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(time, TimeSpan.FromMilliseconds(LongestMs));
        int hundreds = (int)Math.Ceiling(time.TotalMicroseconds / 100);
        return new SeparationTime(hundreds is >= 1 and <= 9 ? (byte)(0xF0 + hundreds) : (byte)Math.Ceiling(time.TotalMilliseconds));
    }
}
