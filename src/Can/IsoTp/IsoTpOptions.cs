namespace EdgeAgent.Can.IsoTp;

/// <summary>What is asked of the unused bytes of frames that are received (§10.4.2). A frame that does not have it is ignored.</summary>
public enum IsoTpPaddingCheck
{
    /// <summary>Nothing, as the standard has it: their number and contents are the sender's affair.</summary>
    None,

    /// <summary>Frames are as long as ours would be: filled up if <see cref="IsoTpOptions.Padding"/> is set, otherwise as short as can be.</summary>
    Length,

    /// <summary>That, and unused bytes hold <see cref="IsoTpOptions.Padding"/>, or CC where only the length code asks for them.</summary>
    LengthAndContents,
}

/// <summary>How messages are sent and received (ISO 15765-2:2016). The defaults are those that ISO 15765-4 asks of a tester for legislated diagnostics.</summary>
public sealed record IsoTpOptions
{
    /// <summary>The longest message that <see cref="MaxMessageLength"/> may allow.</summary>
    public const int LongestMessage = 16 * 1024 * 1024;

    /// <summary>What unused bytes of a frame are filled with, so that each has eight (§10.4.2, which recommends CC); null to send short frames.</summary>
    public byte? Padding { get; init; } = IsoTpLayout.DefaultPadding;

    /// <summary>What is asked of the unused bytes of received frames.</summary>
    public IsoTpPaddingCheck PaddingCheck { get; init; }

    /// <summary>True to send CAN FD frames and to take no others; false for classic ones.</summary>
    public bool Fd { get; init; }

    /// <summary>True to send the data of CAN FD frames at the data bit rate.</summary>
    public bool BitRateSwitch { get; init; }

    /// <summary>TX_DL: the length of a full frame that we send, 8; with <see cref="Fd"/> also 12, 16, 20, 24, 32, 48 or 64 (§10.4.1).</summary>
    public int DataLength { get; init; } = CanFrame.MaxClassicLength;

    /// <summary>As a receiver: ConsecutiveFrames until we send the next FlowControl; 0 for no limit.</summary>
    public byte BlockSize { get; init; }

    /// <summary>As a receiver: the least time between ConsecutiveFrames that we ask for.</summary>
    public SeparationTime SeparationTime { get; init; }

    /// <summary>
    /// As a receiver: the longest message that is taken, 62 bytes to <see cref="LongestMessage"/>; each peer that sends one has a buffer of that
    /// size. A longer message is answered with an overflow.
    /// </summary>
    public int MaxMessageLength { get; init; } = IsoTpCodec.MaxShortLength;

    /// <summary>N_As, N_Ar: how long a frame may take to be sent (§9.8.1).</summary>
    public TimeSpan SendTimeout { get; init; } = TimeSpan.FromMilliseconds(1000);

    /// <summary>N_Bs: how long a sender waits for a FlowControl (§9.8.1).</summary>
    public TimeSpan FlowControlTimeout { get; init; } = TimeSpan.FromMilliseconds(1000);

    /// <summary>N_Cr: how long a receiver waits for the next ConsecutiveFrame (§9.8.1).</summary>
    public TimeSpan ConsecutiveFrameTimeout { get; init; } = TimeSpan.FromMilliseconds(1000);

    /// <summary>N_Br: as a receiver that is busy, how long until it says WAIT again; less than the sender's N_Bs (§9.8.1).</summary>
    public TimeSpan WaitInterval { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// N_WFTmax: how many FlowControls in a row may say WAIT (§9.7). The standard limits the receiver; as a sender we hold a broken one to it, too.
    /// </summary>
    public int MaxWaits { get; init; } = 32;

    /// <exception cref="ArgumentOutOfRangeException">A length that no frame or message can have.</exception>
    internal void Check()
    {
        bool isPossible = DataLength is >= CanFrame.MaxClassicLength and <= CanFrame.MaxLength && CanFrame.PaddedLength(DataLength) == DataLength;
        if (!isPossible || DataLength > CanFrame.MaxClassicLength && !Fd)
            throw new ArgumentOutOfRangeException(nameof(DataLength), DataLength, Fd ? "Expected 8, 12, 16, 20, 24, 32, 48 or 64." : "Expected 8: longer frames are CAN FD.");
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxMessageLength, CanFrame.MaxLength - 2, nameof(MaxMessageLength));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxMessageLength, LongestMessage, nameof(MaxMessageLength));
    }
}

/// <summary>How the transfer of a message ended (ISO 15765-2:2016 §8.3.7, N_Result).</summary>
public enum IsoTpResult
{
    /// <summary>N_OK.</summary>
    Ok,

    /// <summary>N_TIMEOUT_A: a frame could not be sent in time.</summary>
    SendTimeout,

    /// <summary>N_TIMEOUT_Bs: no FlowControl came.</summary>
    FlowControlTimeout,

    /// <summary>N_TIMEOUT_Cr: no ConsecutiveFrame came.</summary>
    ConsecutiveFrameTimeout,

    /// <summary>N_WRONG_SN: a ConsecutiveFrame was lost, doubled or out of order.</summary>
    WrongSequenceNumber,

    /// <summary>N_INVALID_FS: a FlowControl with a reserved status.</summary>
    InvalidFlowStatus,

    /// <summary>N_UNEXP_PDU: the sender began another message before it had ended this one.</summary>
    UnexpectedFrame,

    /// <summary>N_WFT_OVRN: the receiver said WAIT too often.</summary>
    TooManyWaits,

    /// <summary>N_BUFFER_OVFLW: the message is longer than the receiver can take.</summary>
    BufferOverflow,
}
