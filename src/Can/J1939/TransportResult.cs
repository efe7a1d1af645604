namespace EdgeAgent.Can.J1939;

/// <summary>How the transport of a message ended.</summary>
public enum TransportResult
{
    /// <summary>It is complete.</summary>
    Ok,

    /// <summary>A frame could not be sent within Tr.</summary>
    SendTimeout,

    /// <summary>The other side was silent for longer than T1, T2, T3 or T4.</summary>
    Timeout,

    /// <summary>The other side aborted it, and said why.</summary>
    AbortedByPeer,

    /// <summary>A packet was lost, and cannot be had again.</summary>
    PacketLost,

    /// <summary>Packets were asked for again too often.</summary>
    RetransmitLimit,

    /// <summary>The other side broke the rules, for instance by asking for packets that do not exist.</summary>
    ProtocolViolation,

    /// <summary>Its sender began anew.</summary>
    Superseded,

    /// <summary>There was no room for it, or it is longer than this side takes.</summary>
    NoResources,
}
