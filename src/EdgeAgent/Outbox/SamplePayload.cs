using System.Buffers.Binary;
using System.Text;
using EdgeAgent.Capture;

namespace EdgeAgent.Outbox;

/// <summary>
/// How samples lie in a batch, from which every published encoding is made:
/// <code>
/// version (2)                       1 byte
/// number of signals                 varint
///   name, unit ("" for none)        each: varint length, UTF-8
///   scaling                         1 byte: 0 for none, 1 if factor and offset follow, 8 bytes each
/// samples, in order of sequence:
///   2 · signal + form               varint; the signal is an index into these
///   time since the sample before    varint, zigzag, nanoseconds (the first: since the batch's first time, so 0)
///   value, by its form              0: 8 bytes, IEEE 754 double, little endian; 1: its raw integer, varint, zigzag
/// </code>
/// Version 1, which an update may find on the disk, has no scalings and no forms: every value is a double.
/// </summary>
internal static class SamplePayload
{
    public const byte Version = 2;

    private const byte VersionWithoutScalings = 1;

    /// <summary>The most bytes of one sample: two varints and a value.</summary>
    public const int MaxSampleLength = 5 + 10 + 8;

    /// <summary>Raw integers from here on take no less than the double.</summary>
    private const long RawLimit = 1L << 55;

    public static int WriteVarint(Span<byte> destination, ulong value)
    {
        int length = 0;
        while (value >= 0x80)
        {
            destination[length++] = (byte)(value | 0x80);
            value >>= 7;
        }
        destination[length++] = (byte)value;
        return length;
    }

    public static int WriteSample(Span<byte> destination, int signal, long deltaNs, double value, SignalScaling? scaling)
    {
        long raw = 0;
        bool isRaw = scaling is { } numbers && numbers.TryGetRaw(value, out raw) && raw is > -RawLimit and < RawLimit;
        int length = WriteVarint(destination, ((ulong)signal << 1) | (isRaw ? 1UL : 0));
        length += WriteVarint(destination[length..], ZigZag(deltaNs));
        if (isRaw) return length + WriteVarint(destination[length..], ZigZag(raw));
        BinaryPrimitives.WriteDoubleLittleEndian(destination[length..], value);
        return length + sizeof(double);
    }

    public static byte[] Assemble(IReadOnlyList<SignalDescription> signals, ReadOnlySpan<byte> samples)
    {
        int most = 1 + 10;
        foreach (var signal in signals) most += 10 + Encoding.UTF8.GetByteCount(signal.Name) + Encoding.UTF8.GetByteCount(signal.Unit ?? "") + 1 + 2 * sizeof(double);
        byte[] header = new byte[most];
        header[0] = Version;
        int length = 1;
        length += WriteVarint(header.AsSpan(length), (uint)signals.Count);
        foreach (var signal in signals)
        {
            length += WriteText(header.AsSpan(length), signal.Name);
            length += WriteText(header.AsSpan(length), signal.Unit ?? "");
            length += WriteScaling(header.AsSpan(length), signal.Scaling);
        }
        byte[] payload = new byte[length + samples.Length];
        header.AsSpan(0, length).CopyTo(payload);
        samples.CopyTo(payload.AsSpan(length));
        return payload;
    }

    /// <summary>Reads the samples of a batch in order.</summary>
    /// <exception cref="InvalidDataException">The payload is not of this format; a batch whose checksum is right never throws.</exception>
    public static Reader Read(Batch batch) => new(batch.Payload);

    private static ulong ZigZag(long value) => (ulong)((value << 1) ^ (value >> 63));

    private static int WriteText(Span<byte> destination, string text)
    {
        int length = WriteVarint(destination, (uint)Encoding.UTF8.GetByteCount(text));
        return length + Encoding.UTF8.GetBytes(text, destination[length..]);
    }

    private static int WriteScaling(Span<byte> destination, SignalScaling? scaling)
    {
        destination[0] = scaling is null ? (byte)0 : (byte)1;
        if (scaling is not { } numbers) return 1;
        BinaryPrimitives.WriteDoubleLittleEndian(destination[1..], numbers.Factor);
        BinaryPrimitives.WriteDoubleLittleEndian(destination[(1 + sizeof(double))..], numbers.Offset);
        return 1 + 2 * sizeof(double);
    }

    internal ref struct Reader
    {
        private readonly bool _hasScalings;
        private ReadOnlySpan<byte> _rest;

        public Reader(ReadOnlySpan<byte> payload)
        {
            if (payload.Length == 0 || payload[0] is not (Version or VersionWithoutScalings)) throw new InvalidDataException("The batch is of a format that this version does not know.");
            _hasScalings = payload[0] == Version;
            _rest = payload[1..];
            ulong count = ReadVarint();
            if (count > (ulong)_rest.Length / 2) throw Short();
            Signals = new SignalDescription[count];
            for (int i = 0; i < Signals.Length; i++)
            {
                string name = ReadText(), unit = ReadText();
                Signals[i] = new SignalDescription(name, unit.Length > 0 ? unit : null, _hasScalings ? ReadScaling() : null);
            }
        }

        public SignalDescription[] Signals { get; }

        /// <summary>False at the end. The time is that since the sample before.</summary>
        public bool TryRead(out int signal, out long deltaNs, out double value)
        {
            if (_rest.IsEmpty)
            {
                (signal, deltaNs, value) = (0, 0, 0);
                return false;
            }
            ulong index = ReadVarint();
            bool isRaw = _hasScalings && (index & 1) != 0;
            if (_hasScalings) index >>= 1;
            if (index >= (ulong)Signals.Length) throw Short();
            signal = (int)index;
            deltaNs = ReadZigZag();
            value = isRaw ? (Signals[signal].Scaling ?? throw Short()).ToValue(ReadZigZag()) : ReadDouble();
            return true;
        }

        private SignalScaling? ReadScaling()
        {
            if (_rest.IsEmpty) throw Short();
            byte form = _rest[0];
            _rest = _rest[1..];
            if (form > 1) throw Short();
            return form == 0 ? null : new SignalScaling(ReadDouble(), ReadDouble());
        }

        private double ReadDouble()
        {
            if (_rest.Length < sizeof(double)) throw Short();
            double value = BinaryPrimitives.ReadDoubleLittleEndian(_rest);
            _rest = _rest[sizeof(double)..];
            return value;
        }

        private long ReadZigZag()
        {
            ulong zigzag = ReadVarint();
            return (long)(zigzag >> 1) ^ -(long)(zigzag & 1);
        }

        private ulong ReadVarint()
        {
            ulong value = 0;
            for (int shift = 0; shift < 64; shift += 7)
            {
                if (_rest.IsEmpty) throw Short();
                byte next = _rest[0];
                _rest = _rest[1..];
                value |= (ulong)(next & 0x7F) << shift;
                if (next < 0x80) return value;
            }
            throw Short();
        }

        private string ReadText()
        {
            ulong length = ReadVarint();
            if (length > (ulong)_rest.Length) throw Short();
            string text = Encoding.UTF8.GetString(_rest[..(int)length]);
            _rest = _rest[(int)length..];
            return text;
        }

        private static InvalidDataException Short() => new("The batch's payload is cut short or altered.");
    }
}
