namespace EdgeAgent.Can.J1939;

/// <summary>What a connection management message is (SAE J1939-21 §5.10.3, control byte).</summary>
public enum TransportControl : byte
{
    /// <summary>TP.CM_RTS: a message for one destination is announced.</summary>
    RequestToSend = 16,

    /// <summary>TP.CM_CTS: so many packets may come now; none: wait.</summary>
    ClearToSend = 17,

    /// <summary>TP.CM_EndOfMsgACK: everything has arrived.</summary>
    EndOfMessageAcknowledgment = 19,

    /// <summary>TP.CM_BAM: a message for everybody is announced.</summary>
    BroadcastAnnouncement = 32,

    /// <summary>TP.Conn_Abort.</summary>
    Abort = 255,
}

/// <summary>Why a connection was aborted (J1939-21 §5.10.3.5). Other numbers are reserved or the manufacturer's.</summary>
public enum TransportAbortReason : byte
{
    /// <summary>None was given.</summary>
    None = 0,

    /// <summary>Already in one or more sessions, and not able to have another.</summary>
    Busy = 1,

    /// <summary>Resources were needed for something else, or are missing.</summary>
    Resources = 2,

    /// <summary>A timeout.</summary>
    Timeout = 3,

    /// <summary>Clear to send, while packets were being sent.</summary>
    ClearToSendDuringTransfer = 4,

    /// <summary>Packets were asked for again too often.</summary>
    RetransmitLimit = 5,

    /// <summary>A packet that was not expected.</summary>
    UnexpectedPacket = 6,

    /// <summary>A sequence number that is not possible.</summary>
    BadSequenceNumber = 7,

    /// <summary>A sequence number that came twice.</summary>
    DuplicateSequenceNumber = 8,

    /// <summary>A message of more than 1,785 bytes.</summary>
    MessageTooLong = 9,

    /// <summary>Something that has no number.</summary>
    Other = 250,
}

/// <summary>A connection management message, TP.CM (SAE J1939-21 §5.10.3).</summary>
/// <remarks>
/// <code>
///  byte          0    1       2      3         4         5   6   7
///  RTS          16 │ length (LE)  │ packets │ per CTS │ group (LE)
///  CTS          17 │ count │ next │ FF      │ FF      │ group
///  EndOfMsgACK  19 │ length       │ packets │ FF      │ group
///  BAM          32 │ length       │ packets │ FF      │ group
///  Abort       255 │ reason│ FF   │ FF      │ FF      │ group
/// </code>
/// </remarks>
/// <param name="Control">Which.</param>
/// <param name="Group">The group of the message that is transported.</param>
/// <param name="Length">The message's bytes (RTS, BAM, EndOfMsgACK), as sent: 0–65535.</param>
/// <param name="Packets">The message's packets (RTS, BAM, EndOfMsgACK); the packets allowed now, 0 to wait (CTS).</param>
/// <param name="Next">The first packet allowed (CTS); the most packets that the sender wants to send at once, 255 for any (RTS).</param>
/// <param name="Reason">Why (Abort).</param>
public readonly record struct TransportCommand(TransportControl Control, ParameterGroupNumber Group, int Length = 0, int Packets = 0, int Next = 0, TransportAbortReason Reason = default)
{
    /// <summary>The bytes of every command.</summary>
    public const int Bytes = 8;

    /// <summary>An abort.</summary>
    public static TransportCommand Abort(ParameterGroupNumber group, TransportAbortReason reason) => new(TransportControl.Abort, group, Reason: reason);

    /// <summary>Allows packets, or none for now.</summary>
    public static TransportCommand ClearToSend(ParameterGroupNumber group, int packets, int next) => new(TransportControl.ClearToSend, group, Packets: packets, Next: next);

    /// <summary>True if a message can have this length and so many packets.</summary>
    public bool IsPossible => Length is > 0 and <= J1939Limits.MessageBytes && Packets == PacketsOf(Length);

    /// <summary>The packets of a message.</summary>
    public static int PacketsOf(int length) => (length + J1939Limits.PacketBytes - 1) / J1939Limits.PacketBytes;

    /// <summary>Reads a payload; false if it is none: too short, of an unknown kind or about no possible group.</summary>
    public static bool TryRead(ReadOnlySpan<byte> payload, out TransportCommand command)
    {
        command = default;
        if (payload.Length < Bytes || !ParameterGroupNumber.TryRead(payload[5..], out var group)) return false;
        var control = (TransportControl)payload[0];
        switch (control)
        {
            case TransportControl.RequestToSend:
            case TransportControl.EndOfMessageAcknowledgment:
            case TransportControl.BroadcastAnnouncement:
                command = new TransportCommand(control, group, payload[1] | payload[2] << 8, payload[3], control == TransportControl.RequestToSend ? payload[4] : 0);
                return true;
            case TransportControl.ClearToSend:
                command = ClearToSend(group, payload[1], payload[2]);
                return true;
            case TransportControl.Abort:
                command = Abort(group, (TransportAbortReason)payload[1]);
                return true;
            default:
                return false;
        }
    }

    /// <summary>Writes eight bytes.</summary>
    public void Write(Span<byte> payload)
    {
        payload[..Bytes].Fill(0xFF);
        payload[0] = (byte)Control;
        switch (Control)
        {
            case TransportControl.ClearToSend:
                payload[1] = (byte)Packets;
                payload[2] = (byte)Next;
                break;
            case TransportControl.Abort:
                payload[1] = (byte)Reason;
                break;
            default:
                payload[1] = (byte)Length;
                payload[2] = (byte)(Length >> 8);
                payload[3] = (byte)Packets;
                if (Control == TransportControl.RequestToSend) payload[4] = (byte)Next;
                break;
        }
        Group.Write(payload[5..]);
    }
}
