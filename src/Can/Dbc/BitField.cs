using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

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
internal readonly record struct BitField
{
    private readonly ulong _mask;
    private readonly ushort _window;
    private readonly ushort _needed;
    private readonly byte _left;
    private readonly byte _right;

    // -1 for big-endian, 0 for little-endian: chosen by arithmetic, since signals of both orders follow each other as no processor foresees.
    private readonly sbyte _swap;

    private readonly byte _ninthShift;

    /// <summary>Prepares a signal of at most 64 bits that lies within <see cref="DbcLimits.MessageBytes"/>.</summary>
    public BitField(DbcSignal signal, bool isSigned)
    {
        var isBigEndian = signal.ByteOrder == ByteOrder.BigEndian;
        var first = FirstBit(signal);
        var end = first + signal.Length;
        var needed = BytesNeeded(signal);
        var window = Math.Max(0, needed - 8);
        _needed = checked((ushort)needed);
        _window = (ushort)window;
        _right = (byte)(64 - signal.Length);
        _mask = isSigned ? ulong.MaxValue : ulong.MaxValue >> _right;
        _swap = (sbyte)(isBigEndian ? -1 : 0);

        var below = isBigEndian ? (8 * (window + 8)) - end : first - (8 * window);
        if (first / 8 < window)
        {
            // Of nine bytes the window holds all but the first: below is negative for little-endian, the rest is joined on the other side.
            HasNineBytes = true;
            _ninthShift = (byte)(isBigEndian ? below : first % 8);
            _left = _right;
        }
        else
        {
            _left = (byte)(64 - below - signal.Length);
        }
    }

    /// <summary>How many bytes the payload must have to hold the signal.</summary>
    public int Needed => _needed;

    /// <summary>True if the signal touches nine bytes, so that only <see cref="ExtractAny"/> brings it out.</summary>
    public bool HasNineBytes { get; }

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

    /// <summary>Takes out the bits of a signal within eight bytes.</summary>
    /// <param name="storage">The first byte of a payload with at least <see cref="Needed"/> bytes, in storage of at least eight.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Extract(ref readonly byte storage) => Cut(Load(in storage));

    /// <summary>Takes out the bits of any signal.</summary>
    /// <param name="storage">The first byte of a payload with at least <see cref="Needed"/> bytes, in storage of at least eight.</param>
    public ulong ExtractAny(ref readonly byte storage)
    {
        var bits = Load(in storage);
        return Cut(HasNineBytes ? JoinNinth(bits, Unsafe.Add(ref Unsafe.AsRef(in storage), _window - 1)) : bits);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ulong Load(ref readonly byte storage)
    {
        var bits = BinaryPrimitives.ReadUInt64LittleEndian(MemoryMarshal.CreateReadOnlySpan(ref Unsafe.Add(ref Unsafe.AsRef(in storage), (nuint)_window), 8));
        return bits ^ ((bits ^ BinaryPrimitives.ReverseEndianness(bits)) & (ulong)_swap);
    }

    // The shift to the right extends the sign; of an unsigned signal the mask takes that away again.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ulong Cut(ulong bits) => (ulong)((long)(bits << _left) >> _right) & _mask;

    private ulong JoinNinth(ulong bits, ulong ninth) => _swap != 0
        ? (bits >> _ninthShift) | (ninth << (64 - _ninthShift))
        : (bits << (8 - _ninthShift)) | (ninth >> _ninthShift);

    private static int BitsInByte(DbcSignal signal, int index)
    {
        var from = Math.Max(FirstBit(signal) - (8 * index), 0);
        var to = Math.Min(FirstBit(signal) + signal.Length - (8 * index), 8);
        return signal.ByteOrder == ByteOrder.BigEndian ? (0xFF >> from) & ~(0xFF >> to) : (0xFF << from) & (0xFF >> (8 - to));
    }
}
