using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace EdgeAgent.Can;

/// <summary>
/// One CAN frame in the kernel's own layout (<c>struct canfd_frame</c> of linux/can.h, 72 bytes), so that it is received in place.
/// A classic frame (<c>struct can_frame</c>, 16 bytes) is the same with eight bytes of data.
/// </summary>
/// <remarks>
/// <code>
///  0        4     5      6      7     8                    16                      72
///  ┌────────┬─────┬──────┬──────┬─────┬─────────────────────┬───────────────────────┐
///  │ can_id │ len │flags │ res0 │ dlc │ data, classic       │ data, FD only         │
///  └────────┴─────┴──────┴──────┴─────┴─────────────────────┴───────────────────────┘
/// </code>
/// Bytes of the data behind <see cref="Length"/> are not part of the frame and hold anything.
/// </remarks>
[StructLayout(LayoutKind.Sequential, Size = SizeOf)]
[SuppressMessage("Performance", "CA1815", Justification = "A buffer of the kernel; frames are compared field by field.")]
public struct CanFrame
{
    /// <summary>The size of this structure, and of an FD frame on a raw socket (<c>CANFD_MTU</c>).</summary>
    public const int SizeOf = 72;

    /// <summary>The size of a classic frame on a raw socket (<c>CAN_MTU</c>).</summary>
    public const int ClassicSizeOf = 16;

    /// <summary>The most payload bytes of a classic frame.</summary>
    public const int MaxClassicLength = 8;

    /// <summary>The most payload bytes of an FD frame.</summary>
    public const int MaxLength = 64;

    internal const byte BitRateSwitchFlag = 0x01;
    internal const byte ErrorStateFlag = 0x02;
    internal const byte FdFlag = 0x04;

    private uint _canId;
    private byte _length;
    private byte _flags;
    private readonly byte _reserved;
    private byte _rawDlc;
    private PayloadBytes _data;

    [InlineArray(MaxLength)]
    private struct PayloadBytes
    {
        private byte _first;
    }

    /// <summary>A classic or FD data frame. FD lengths are 0–8, 12, 16, 20, 24, 32, 48 and 64; others are padded with zeros to the next of them.</summary>
    /// <exception cref="ArgumentOutOfRangeException">More than 8 bytes (classic) or 64 bytes (FD).</exception>
    public static CanFrame Data(CanId id, ReadOnlySpan<byte> payload, bool fd = false, bool bitRateSwitch = false, bool errorState = false)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(payload.Length, fd ? MaxLength : MaxClassicLength, nameof(payload));
        var frame = new CanFrame { _canId = id.Raw, _length = (byte)(fd ? PaddedLength(payload.Length) : payload.Length) };
        if (fd) frame._flags = (byte)(FdFlag | (bitRateSwitch ? BitRateSwitchFlag : 0) | (errorState ? ErrorStateFlag : 0));
        payload.CopyTo(frame._data);
        return frame;
    }

    /// <summary>A remote frame (classic only), which asks for a message of the given length and carries no data.</summary>
    /// <exception cref="ArgumentOutOfRangeException">More than 8 bytes asked for.</exception>
    public static CanFrame Remote(CanId id, int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)length, (uint)MaxClassicLength, nameof(length));
        return new CanFrame { _canId = id.Raw | CanId.RemoteFlag, _length = (byte)length };
    }

    /// <summary>An error frame as the kernel reports it: the class bits of linux/can/error.h and eight bytes of detail.</summary>
    public static CanFrame Error(uint errorClass, ReadOnlySpan<byte> detail)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(detail.Length, MaxClassicLength, nameof(detail));
        var frame = new CanFrame { _canId = (errorClass & CanId.MaxExtended) | CanId.ErrorFlag, _length = MaxClassicLength };
        detail.CopyTo(frame._data);
        return frame;
    }

    /// <summary>The identifier and its kind. Meaningless for an error frame, whose identifier bits are <see cref="ErrorClass"/>.</summary>
    public readonly CanId Id => CanId.FromRaw(_canId);

    /// <summary>The identifier with the flag bits of <c>canid_t</c>.</summary>
    public readonly uint RawId => _canId;

    /// <summary>The number of payload bytes, 0–64; of a remote frame the number asked for. Never more than the structure holds.</summary>
    public readonly int Length => Math.Min((int)_length, MaxLength);

    /// <summary>True for a CAN FD frame. Set by the reader from the size of what the kernel delivered.</summary>
    public readonly bool IsFd => (_flags & FdFlag) != 0;

    /// <summary>True if the data phase of an FD frame was sent at the higher bit rate (BRS).</summary>
    public readonly bool BitRateSwitch => (_flags & BitRateSwitchFlag) != 0;

    /// <summary>True if the sender of an FD frame was error-passive (ESI).</summary>
    public readonly bool ErrorState => (_flags & ErrorStateFlag) != 0;

    /// <summary>True for a remote frame.</summary>
    public readonly bool IsRemote => (_canId & CanId.RemoteFlag) != 0;

    /// <summary>True for an error frame, which the controller's driver made and no node sent.</summary>
    public readonly bool IsError => (_canId & CanId.ErrorFlag) != 0;

    /// <summary>True for a data frame, as opposed to remote and error frames.</summary>
    internal readonly bool HasData => (_canId & (CanId.RemoteFlag | CanId.ErrorFlag)) == 0;

    /// <summary>The class bits of an error frame (<c>CAN_ERR_BUSOFF</c> 0x40 and its like, linux/can/error.h).</summary>
    public readonly uint ErrorClass => _canId & CanId.MaxExtended;

    /// <summary>The raw data length code 9–15 of a classic frame with eight bytes, if its driver reports one; otherwise 0.</summary>
    public readonly byte RawDataLengthCode => _rawDlc;

    /// <summary>The payload; empty for a remote frame.</summary>
    [UnscopedRef]
    public readonly ReadOnlySpan<byte> Payload => ((ReadOnlySpan<byte>)_data)[..(IsRemote ? 0 : Length)];

    /// <summary>All 64 data bytes; what lies behind <see cref="Length"/> is not part of the frame.</summary>
    [UnscopedRef]
    internal readonly ReadOnlySpan<byte> Storage => _data;

    /// <summary>The next length that an FD frame can have (ISO 11898-1, data length code).</summary>
    public static int PaddedLength(int length) => length switch
    {
        <= 8 => length,
        <= 12 => 12,
        <= 16 => 16,
        <= 20 => 20,
        <= 24 => 24,
        <= 32 => 32,
        <= 48 => 48,
        _ => 64,
    };

    internal void SetRawDataLengthCode(byte code) => _rawDlc = code;

    /// <summary>Marks what was received by its size, since the flags byte of a classic frame is undefined before Linux 5.17.</summary>
    internal void MarkReceived(int bytes)
    {
        if (bytes == SizeOf) _flags |= FdFlag;
        else _flags = 0;
    }

    /// <summary>The bytes that go to or came from a raw socket.</summary>
    [UnscopedRef]
    internal readonly ReadOnlySpan<byte> Wire =>
        MemoryMarshal.AsBytes(new ReadOnlySpan<CanFrame>(in this))[..(IsFd ? SizeOf : ClassicSizeOf)];
}
