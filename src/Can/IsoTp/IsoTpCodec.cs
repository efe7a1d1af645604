using System.Buffers.Binary;

namespace EdgeAgent.Can.IsoTp;

/// <summary>The kinds of protocol data units (ISO 15765-2:2016 §9.4.1); the values are the high nibble of the first byte.</summary>
public enum IsoTpFrameType
{
    /// <summary>A whole message.</summary>
    SingleFrame = 0,

    /// <summary>The length and the beginning of a longer one.</summary>
    FirstFrame = 1,

    /// <summary>The next bytes.</summary>
    ConsecutiveFrame = 2,

    /// <summary>From the receiver: how to go on.</summary>
    FlowControl = 3,
}

/// <summary>One protocol data unit, read from the payload of a CAN frame.</summary>
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
/// ISO 15765-2:2016 §9.6, on classic CAN and CAN FD. Behind the address byte that extended and mixed addressing have:
/// <code>
/// single       │ 0 len │ data …                             │   up to eight bytes a frame
///              │ 0 0   │ len   │ data …                     │   longer CAN FD frames
/// first        │ 1 len │ len   │ data …                     │   length of 12 bits
///              │ 1 0   │ 0     │ len, 32 bits │ data …      │   more than 4095 bytes
/// consecutive  │ 2 seq │ data …                             │
/// flow control │ 3 sts │ block │ STmin │                    │
/// </code>
/// </summary>
public static class IsoTpCodec
{
    /// <summary>The longest message whose length fits a first frame's 12 bits.</summary>
    public const int MaxShortLength = 4095;

    /// <summary>The longest message of a single frame on classic CAN with normal addressing.</summary>
    public const int MaxClassicSingleLength = 7;

    /// <summary>Reads a payload. False for what the standard has a receiver ignore: an unknown kind, or a length that cannot be.</summary>
    /// <param name="payload">All of the frame's data, the address byte included.</param>
    /// <param name="frame">What it says.</param>
    /// <param name="addressBytes">1 with extended or mixed addressing.</param>
    public static bool TryRead(ReadOnlySpan<byte> payload, out IsoTpFrame frame, int addressBytes = 0)
    {
        frame = default;
        int length = payload.Length;
        if (length <= addressBytes || length > CanFrame.MaxLength || CanFrame.PaddedLength(length) != length) return false;
        payload = payload[addressBytes..];
        int low = payload[0] & 0x0F;
        switch (payload[0] >> 4)
        {
            case (int)IsoTpFrameType.SingleFrame: return TryReadSingle(payload, length, addressBytes, low, out frame);
            case (int)IsoTpFrameType.FirstFrame when length >= CanFrame.MaxClassicLength: return TryReadFirst(payload, length, addressBytes, low, out frame);
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

    /// <summary>§9.6.2: a length of 0, more than the frame can hold, or escaped without need is ignored.</summary>
    private static bool TryReadSingle(ReadOnlySpan<byte> payload, int length, int addressBytes, int low, out IsoTpFrame frame)
    {
        frame = default;
        bool isLong = length > CanFrame.MaxClassicLength;
        int size = isLong ? payload[1] : low, least = isLong ? IsoTpLayout.SingleLimit(CanFrame.MaxClassicLength, addressBytes) + 1 : 1;
        if (isLong && low != 0 || size < least || size > IsoTpLayout.SingleLimit(length, addressBytes)) return false;
        frame = new IsoTpFrame { Type = IsoTpFrameType.SingleFrame, MessageLength = (uint)size, Data = payload.Slice(isLong ? 2 : 1, size) };
        return true;
    }

    /// <summary>§9.6.3: what would fit a single frame of the same length, or needs no escape, is ignored.</summary>
    private static bool TryReadFirst(ReadOnlySpan<byte> payload, int length, int addressBytes, int low, out IsoTpFrame frame)
    {
        frame = default;
        uint size = (uint)(low << 8 | payload[1]);
        bool isEscaped = size == 0;
        if (isEscaped) size = BinaryPrimitives.ReadUInt32BigEndian(payload[2..]);
        if (size <= (isEscaped ? MaxShortLength : IsoTpLayout.SingleLimit(length, addressBytes))) return false;
        frame = new IsoTpFrame { Type = IsoTpFrameType.FirstFrame, MessageLength = size, Data = payload[(isEscaped ? 6 : 2)..] };
        return true;
    }

    /// <summary>Writes a single frame and returns its length.</summary>
    /// <param name="message">1 to <see cref="IsoTpLayout.MaxSingleLength"/> bytes.</param>
    /// <param name="layout">How.</param>
    /// <param name="payload">Room for <see cref="IsoTpLayout.DataLength"/> bytes.</param>
    public static int WriteSingle(ReadOnlySpan<byte> message, in IsoTpLayout layout, Span<byte> payload)
    {
        ArgumentOutOfRangeException.ThrowIfZero(message.Length, nameof(message));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(message.Length, layout.MaxSingleLength, nameof(message));
        int at = PutAddress(layout, payload);
        // What fits eight bytes is sent in eight, also where frames may be longer.
        bool isLong = message.Length > IsoTpLayout.SingleLimit(CanFrame.MaxClassicLength, layout.AddressBytes);
        payload[at++] = isLong ? (byte)0 : (byte)message.Length;
        if (isLong) payload[at++] = (byte)message.Length;
        message.CopyTo(payload[at..]);
        return layout.Pad(payload, at + message.Length);
    }

    /// <summary>Writes the first frame of a message that does not fit a single one, and returns its length.</summary>
    public static int WriteFirst(ReadOnlySpan<byte> message, in IsoTpLayout layout, Span<byte> payload)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(message.Length, layout.MaxSingleLength, nameof(message));
        int at = PutAddress(layout, payload);
        bool isEscaped = message.Length > MaxShortLength;
        BinaryPrimitives.WriteUInt16BigEndian(payload[at..], (ushort)((int)IsoTpFrameType.FirstFrame << 12 | (isEscaped ? 0 : message.Length)));
        at += 2;
        if (isEscaped)
        {
            BinaryPrimitives.WriteUInt32BigEndian(payload[at..], (uint)message.Length);
            at += 4;
        }
        message[..layout.FirstFrameData(message.Length)].CopyTo(payload[at..]);
        return layout.DataLength;
    }

    /// <summary>Writes the consecutive frame with the next bytes of a message, and returns its length.</summary>
    public static int WriteConsecutive(ReadOnlySpan<byte> part, int sequenceNumber, in IsoTpLayout layout, Span<byte> payload)
    {
        int at = PutAddress(layout, payload);
        payload[at++] = (byte)((int)IsoTpFrameType.ConsecutiveFrame << 4 | sequenceNumber & 0x0F);
        part.CopyTo(payload[at..]);
        return layout.Pad(payload, at + part.Length);
    }

    /// <summary>Writes a flow control frame, and returns its length.</summary>
    public static int WriteFlowControl(in FlowControl flowControl, in IsoTpLayout layout, Span<byte> payload)
    {
        int at = PutAddress(layout, payload);
        payload[at++] = (byte)((int)IsoTpFrameType.FlowControl << 4 | (int)flowControl.Status & 0x0F);
        payload[at++] = flowControl.BlockSize;
        payload[at++] = flowControl.SeparationTime.Code;
        return layout.Pad(payload, at);
    }

    private static int PutAddress(in IsoTpLayout layout, Span<byte> payload)
    {
        if (layout.Address is not { } address) return 0;
        payload[0] = address;
        return 1;
    }
}
