using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace EdgeAgent.Can.Dbc;

/// <summary>Where the bits of a signal lie, prepared so that one load of eight bytes and two shifts bring them out.</summary>
/// <remarks>
/// The load ends at the signal's last byte, or starts at byte 0 if that comes first, so it never leaves a payload that holds the signal and
/// has eight bytes of storage. Shifting left drops what is above the signal, shifting right what is below it and extends the sign.
/// <code>
///  byte   Window                                                      Window+7 = BytesNeeded-1
///         ┌───────┬───────┬───────┬───────┬───────┬───────┬───────┬───────┐
///  load   │       │       │       │       │       │   ▒▒▒▒│▒▒▒▒▒▒▒│▒▒     │  as a number, in the signal's byte order
///         └───────┴───────┴───────┴───────┴───────┴───────┴───────┴───────┘
///                           ◀── Left ──▶           └── Length ──┘ ◀─ rest ─▶   Right = 64 - Length
/// </code>
/// A signal of more than 56 bits may touch nine bytes; the ninth is the byte before the window.
/// </remarks>
internal readonly struct BitField
{
    private readonly int _window;
    private readonly byte _left;
    private readonly byte _right;
    private readonly byte _ninthShift;
    private readonly Layout _layout;

    [Flags]
    private enum Layout : byte
    {
        None = 0,
        BigEndian = 1,
        Signed = 2,
        NineBytes = 4,
    }

    /// <summary>Prepares a signal of at most 64 bits.</summary>
    public BitField(DbcSignal signal, bool isSigned)
    {
        var first = FirstBit(signal);
        var end = first + signal.Length;
        Needed = BytesNeeded(signal);
        _window = Math.Max(0, Needed - 8);
        _right = (byte)(64 - signal.Length);
        _layout = (signal.ByteOrder == ByteOrder.BigEndian ? Layout.BigEndian : 0) | (isSigned ? Layout.Signed : 0);

        var below = signal.ByteOrder == ByteOrder.BigEndian ? (8 * (_window + 8)) - end : first - (8 * _window);
        if (first / 8 < _window)
        {
            // Of nine bytes the window holds all but the first: below is negative for little-endian, the rest is joined on the other side.
            _layout |= Layout.NineBytes;
            _ninthShift = (byte)(signal.ByteOrder == ByteOrder.BigEndian ? below : first % 8);
            _left = _right;
        }
        else
        {
            _left = (byte)(64 - below - signal.Length);
        }
    }

    /// <summary>How many bytes the payload must have to hold the signal.</summary>
    public int Needed { get; }

    /// <summary>
    /// The signal's first bit, counted from the payload's start through the bytes: in each byte from bit 0 up if the signal is
    /// little-endian, from bit 7 down if it is big-endian.
    /// </summary>
    public static int FirstBit(DbcSignal signal) =>
        signal.ByteOrder == ByteOrder.BigEndian ? signal.StartBit ^ 7 : signal.StartBit;

    /// <summary>How many bytes the payload must have to hold the signal.</summary>
    public static int BytesNeeded(DbcSignal signal) => (FirstBit(signal) + signal.Length + 7) / 8;

    /// <summary>True if the signals share a bit.</summary>
    public static bool Overlap(DbcSignal one, DbcSignal other)
    {
        var firstByte = Math.Max(FirstBit(one) / 8, FirstBit(other) / 8);
        var endByte = Math.Min(BytesNeeded(one), BytesNeeded(other));
        for (var index = firstByte; index < endByte; index++)
        {
            if ((BitsInByte(one, index) & BitsInByte(other, index)) != 0) return true;
        }

        return false;
    }

    /// <summary>Takes the bits out of a payload with at least <see cref="Needed"/> bytes, in storage of at least eight.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Extract(ReadOnlySpan<byte> storage)
    {
        var bits = BinaryPrimitives.ReadUInt64LittleEndian(storage[_window..]);
        if ((_layout & Layout.BigEndian) != 0) bits = BinaryPrimitives.ReverseEndianness(bits);
        if ((_layout & Layout.NineBytes) != 0) bits = JoinNinth(bits, storage[_window - 1]);
        bits <<= _left;
        return (_layout & Layout.Signed) != 0 ? (ulong)((long)bits >> _right) : bits >> _right;
    }

    private ulong JoinNinth(ulong bits, ulong ninth) => (_layout & Layout.BigEndian) != 0
        ? (bits >> _ninthShift) | (ninth << (64 - _ninthShift))
        : (bits << (8 - _ninthShift)) | (ninth >> _ninthShift);

    private static int BitsInByte(DbcSignal signal, int index)
    {
        var from = Math.Max(FirstBit(signal) - (8 * index), 0);
        var to = Math.Min(FirstBit(signal) + signal.Length - (8 * index), 8);
        return signal.ByteOrder == ByteOrder.BigEndian ? (0xFF >> from) & ~(0xFF >> to) : (0xFF << from) & (0xFF >> (8 - to));
    }
}
