namespace EdgeAgent.Can.SocketCan;

/// <summary>What was heard of a bus at one bit rate.</summary>
/// <param name="BitRate">In bit/s.</param>
/// <param name="Frames">Whole frames.</param>
/// <param name="Errors">Error frames.</param>
/// <param name="Time">How long was listened.</param>
/// <param name="Trouble">Why the controller cannot be set to it; null if it can.</param>
public sealed record BitRateTrial(int BitRate, long Frames, long Errors, TimeSpan Time, string? Trouble = null)
{
    /// <summary>So many whole frames are no chance: each has a checksum of 15 bits or more.</summary>
    private const int Enough = 5;

    /// <summary>So many errors without a whole frame are another bit rate, or no bus at all.</summary>
    private const int TooMany = 50;

    /// <summary>True if frames come and next to no errors: the bit rate is this one.</summary>
    public bool IsSure => Frames >= Enough && Errors * 10 <= Frames;

    /// <summary>True if more frames come than errors, but not enough to be sure.</summary>
    public bool IsLikely => Frames > Errors;

    /// <summary>True if listening longer would not change the verdict.</summary>
    public bool IsDecided => IsSure || Frames == 0 && Errors >= TooMany;
}
