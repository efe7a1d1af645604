namespace EdgeAgent.Can.IsoTp;

/// <summary>How messages are sent and received (ISO 15765-2:2016). The defaults are those that ISO 15765-4 asks of a tester for legislated diagnostics.</summary>
public sealed record IsoTpOptions
{
    /// <summary>What unused bytes of a frame are filled with, so that each has eight (§10.4.2, which recommends CC); null to send short frames.</summary>
    public byte? Padding { get; init; } = 0xCC;

    /// <summary>As a receiver: ConsecutiveFrames until we send the next FlowControl; 0 for no limit.</summary>
    public byte BlockSize { get; init; }

    /// <summary>As a receiver: the least time between ConsecutiveFrames that we ask for.</summary>
    public SeparationTime SeparationTime { get; init; }

    /// <summary>As a receiver: the longest message that is taken, 8–4095 bytes; a longer one is answered with an overflow.</summary>
    public int MaxMessageLength { get; init; } = IsoTpCodec.MaxMessageLength;

    /// <summary>N_As, N_Ar: how long a frame may take to be sent (§9.8.1).</summary>
    public TimeSpan SendTimeout { get; init; } = TimeSpan.FromMilliseconds(1000);

    /// <summary>N_Bs: how long a sender waits for a FlowControl (§9.8.1).</summary>
    public TimeSpan FlowControlTimeout { get; init; } = TimeSpan.FromMilliseconds(1000);

    /// <summary>N_Cr: how long a receiver waits for the next ConsecutiveFrame (§9.8.1).</summary>
    public TimeSpan ConsecutiveFrameTimeout { get; init; } = TimeSpan.FromMilliseconds(1000);

    /// <summary>As a sender: how many FlowControls in a row may say WAIT. The standard leaves the limit to the receiver (§9.7); a broken one has none.</summary>
    public int MaxWaits { get; init; } = 32;
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

    /// <summary>The receiver said WAIT too often.</summary>
    TooManyWaits,

    /// <summary>N_BUFFER_OVFLW: the message is longer than the receiver can take.</summary>
    BufferOverflow,
}
