namespace EdgeAgent.Can.J1939;

/// <summary>Sizes and times of SAE J1939, and what is kept at most.</summary>
public static class J1939Limits
{
    /// <summary>The longest message: 255 packets of 7 bytes (J1939-21 §5.10.1).</summary>
    public const int MessageBytes = MaxPackets * PacketBytes;

    /// <summary>The most packets of a message.</summary>
    public const int MaxPackets = 255;

    /// <summary>The data bytes of a packet, behind its sequence number.</summary>
    public const int PacketBytes = 7;

    /// <summary>The most messages that a <see cref="TransportListener"/> puts together at once; what begins beyond is refused and counted.</summary>
    public const int ListenedSessions = 256;

    /// <summary>The most connections that a channel has open to itself at once; others are aborted for lack of resources.</summary>
    public const int ReceivingSessions = 32;

    /// <summary>The most messages that wait in a channel for their receiver; further ones are dropped and counted.</summary>
    public const int WaitingMessages = 256;

    /// <summary>How often packets are sent or asked for again without any progress (J1939-21 §5.10.2.4).</summary>
    public const int Retransmissions = 2;

    /// <summary>The longest that a broadcast takes: 255 packets, 200 ms apart.</summary>
    public static readonly TimeSpan LongestTransfer = TimeSpan.FromSeconds(51);

    /// <summary>Tr: the longest that a node takes to respond.</summary>
    public static readonly TimeSpan ResponseTime = TimeSpan.FromMilliseconds(200);

    /// <summary>Th: how often a receiver that holds a connection says so, at the latest.</summary>
    public static readonly TimeSpan HoldInterval = TimeSpan.FromMilliseconds(500);

    /// <summary>T1: how long a receiver waits for the next packet.</summary>
    public static readonly TimeSpan PacketTimeout = TimeSpan.FromMilliseconds(750);

    /// <summary>T2: how long a receiver waits for the first packet that it has asked for.</summary>
    public static readonly TimeSpan ClearToSendTimeout = TimeSpan.FromMilliseconds(1250);

    /// <summary>T3: how long a sender waits for the answer to its request or its last packet.</summary>
    public static readonly TimeSpan AnswerTimeout = TimeSpan.FromMilliseconds(1250);

    /// <summary>T4: how long a sender that is held waits for the next word.</summary>
    public static readonly TimeSpan HoldTimeout = TimeSpan.FromMilliseconds(1050);

    /// <summary>The least time between two packets of a broadcast.</summary>
    public static readonly TimeSpan BroadcastInterval = TimeSpan.FromMilliseconds(50);
}
