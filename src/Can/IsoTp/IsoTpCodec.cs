using System.Buffers.Binary;

namespace EdgeAgent.Can.IsoTp;

/// <summary>The kinds of protocol data units (ISO 15765-2:2016 §9.4.1); the values are the high nibble of the first byte.</summary>
public enum IsoTpFrameType
{
    /// <summary>A whole message of 1–7 bytes.</summary>
    SingleFrame = 0,

    /// <summary>The length and the first six bytes of a longer one.</summary>
    FirstFrame = 1,

    /// <summary>The next seven bytes.</summary>
    ConsecutiveFrame = 2,

    /// <summary>From the receiver: how to go on.</summary>
    FlowControl = 3,
}

/// <summary>One protocol data unit, read from the payload of a classic CAN frame with normal addressing.</summary>
public readonly ref struct IsoTpFrame
{
    /// <summary>Its kind.</summary>
    public IsoTpFrameType Type { get; init; }

    /// <summary>Of a single or first frame: the length of the message in bytes.</summary>
    public uint MessageLength { get; init; }

    /// <summary>Of a consecutive frame: 0–15.</summary>
    public int SequenceNumber { get; init; }

    /// <summary>Of a flow control frame.</summary>
    public FlowControl FlowControl { get; init; }

    /// <summary>The part of the message in it; behind the last consecutive frame's there may be padding.</summary>
    public ReadOnlySpan<byte> Data { get; init; }
}

/// <summary>
/// ISO 15765-2:2016 §9.6 on classic CAN with normal addressing: where the first data byte is protocol control information.
/// <code>
/// single       │ 0 len │ data 1–7 …                         │
/// first        │ 1 len │ len   │ data 6                     │   len 12 bits; 0 and then 32 bits for more than 4095
/// consecutive  │ 2 seq │ data 1–7 …                         │
/// flow control │ 3 sts │ block │ STmin │                    │
/// </code>
/// </summary>
public static class IsoTpCodec
{
    /// <summary>The longest message whose length fits a first frame's 12 bits.</summary>
    public const int MaxMessageLength = 4095;

    /// <summary>The longest message of a single frame.</summary>
    public const int MaxSingleLength = 7;

    /// <summary>Message bytes in a first frame.</summary>
    public const int FirstFrameData = 6;

    /// <summary>Message bytes in a full consecutive frame.</summary>
    public const int ConsecutiveFrameData = 7;

    /// <summary>Reads a payload. False for what the standard has a receiver ignore: an unknown kind, or a length that cannot be.</summary>
    public static bool TryRead(ReadOnlySpan<byte> payload, out IsoTpFrame frame)
    {
        frame = default;
        if (payload.Length is 0 or > CanFrame.MaxClassicLength) return false;
        int low = payload[0] & 0x0F;
        switch (payload[0] >> 4)
        {
            // §9.6.2.3: SF_DL 0, or more than the frame can hold, is ignored.
            case (int)IsoTpFrameType.SingleFrame when low is >= 1 and <= MaxSingleLength && payload.Length > low:
                frame = new IsoTpFrame { Type = IsoTpFrameType.SingleFrame, MessageLength = (uint)low, Data = payload.Slice(1, low) };
                return true;
            case (int)IsoTpFrameType.FirstFrame when payload.Length == CanFrame.MaxClassicLength:
                uint length = (uint)(low << 8 | payload[1]);
                bool escaped = length == 0;
                if (escaped) length = BinaryPrimitives.ReadUInt32BigEndian(payload[2..]);
                // §9.6.3.2: what would fit a single frame, or needs no escape, is ignored.
                if (length <= (escaped ? MaxMessageLength : MaxSingleLength)) return false;
                frame = new IsoTpFrame { Type = IsoTpFrameType.FirstFrame, MessageLength = length, Data = payload[(escaped ? 6 : 2)..] };
                return true;
            case (int)IsoTpFrameType.ConsecutiveFrame when payload.Length > 1:
                frame = new IsoTpFrame { Type = IsoTpFrameType.ConsecutiveFrame, SequenceNumber = low, Data = payload[1..] };
                return true;
            case (int)IsoTpFrameType.FlowControl when payload.Length >= 3:
                frame = new IsoTpFrame
                {
                    Type = IsoTpFrameType.FlowControl,
                    FlowControl = new FlowControl((FlowStatus)low, payload[1], new SeparationTime(payload[2])),
                };
                return true;
            default:
                return false;
        }
    }

    /// <summary>Writes a single frame for a message of 1–7 bytes and returns the length of the payload.</summary>
    /// <param name="message">The message.</param>
    /// <param name="padding">What unused bytes are filled with (§10.4.2); null to leave the frame short.</param>
    /// <param name="payload">Room for eight bytes.</param>
    public static int WriteSingle(ReadOnlySpan<byte> message, byte? padding, Span<byte> payload)
    {
        ArgumentOutOfRangeException.ThrowIfZero(message.Length, nameof(message));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(message.Length, MaxSingleLength, nameof(message));
        payload[0] = (byte)message.Length;
        message.CopyTo(payload[1..]);
        return Pad(payload, 1 + message.Length, padding);
    }

    /// <summary>Writes the first frame of a message of 8–4095 bytes, and returns the length of the payload.</summary>
    public static int WriteFirst(ReadOnlySpan<byte> message, Span<byte> payload)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(message.Length, MaxSingleLength, nameof(message));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(message.Length, MaxMessageLength, nameof(message));
        payload[0] = (byte)((int)IsoTpFrameType.FirstFrame << 4 | message.Length >> 8);
        payload[1] = (byte)message.Length;
        message[..FirstFrameData].CopyTo(payload[2..]);
        return CanFrame.MaxClassicLength;
    }

    /// <summary>Writes the consecutive frame with the next 1–7 bytes of a message, and returns the length of the payload.</summary>
    public static int WriteConsecutive(ReadOnlySpan<byte> part, int sequenceNumber, byte? padding, Span<byte> payload)
    {
        payload[0] = (byte)((int)IsoTpFrameType.ConsecutiveFrame << 4 | sequenceNumber & 0x0F);
        part.CopyTo(payload[1..]);
        return Pad(payload, 1 + part.Length, padding);
    }

    /// <summary>Writes a flow control frame, and returns the length of the payload.</summary>
    public static int WriteFlowControl(in FlowControl flowControl, byte? padding, Span<byte> payload)
    {
        payload[0] = (byte)((int)IsoTpFrameType.FlowControl << 4 | (int)flowControl.Status & 0x0F);
        payload[1] = flowControl.BlockSize;
        payload[2] = flowControl.SeparationTime.Code;
        return Pad(payload, 3, padding);
    }

    private static int Pad(Span<byte> payload, int used, byte? padding)
    {
        if (padding is not { } value) return used;
        payload[used..CanFrame.MaxClassicLength].Fill(value);
        return CanFrame.MaxClassicLength;
    }
}
