namespace EdgeAgent.Can.Dbc;

/// <summary>What became of a frame.</summary>
public enum DecodeStatus : byte
{
    /// <summary>The frame was decoded, with all of its message's bytes.</summary>
    Decoded,

    /// <summary>The frame is shorter than its message: the signals that it holds whole were decoded.</summary>
    Truncated,

    /// <summary>No message has the identifier.</summary>
    UnknownId,

    /// <summary>A remote or error frame, which carries no signals.</summary>
    NoData,

    /// <summary>A frame of a message of several frames that is not complete yet (SAE J1939-21 transport protocol).</summary>
    Part,
}
