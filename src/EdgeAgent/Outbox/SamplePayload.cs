using System.Buffers.Binary;
using System.Text;
using EdgeAgent.Capture;

namespace EdgeAgent.Outbox;

/// <summary>
/// How samples lie in a batch, from which every published encoding is made:
/// <code>
/// version (1)                       1 byte
/// number of signals                 varint
///   name, unit ("" for none)        each: varint length, UTF-8
/// samples, in order of sequence:
///   signal, as an index into these  varint
///   time since the sample before    varint, zigzag, nanoseconds (the first: since the batch's first time, so 0)
///   value                           8 bytes, IEEE 754 double, little endian
/// </code>
/// </summary>
internal static class SamplePayload
{
    public const byte Version = 1;

    /// <summary>The most bytes of one sample: two varints and a double.</summary>
    public const int MaxSampleLength = 5 + 10 + 8;

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

    public static int WriteSample(Span<byte> destination, int signal, long deltaNs, double value)
    {
        int length = WriteVarint(destination, (uint)signal);
        length += WriteVarint(destination[length..], (ulong)((deltaNs << 1) ^ (deltaNs >> 63)));
        BinaryPrimitives.WriteDoubleLittleEndian(destination[length..], value);
        return length + sizeof(double);
    }

    public static byte[] Assemble(IReadOnlyList<SignalDescription> signals, ReadOnlySpan<byte> samples)
    {
        int most = 1 + 10;
        foreach (var signal in signals) most += 10 + Encoding.UTF8.GetByteCount(signal.Name) + Encoding.UTF8.GetByteCount(signal.Unit ?? "");
        byte[] header = new byte[most];
        header[0] = Version;
        int length = 1;
        length += WriteVarint(header.AsSpan(length), (uint)signals.Count);
        foreach (var signal in signals)
        {
            length += WriteText(header.AsSpan(length), signal.Name);
            length += WriteText(header.AsSpan(length), signal.Unit ?? "");
        }
        byte[] payload = new byte[length + samples.Length];
        header.AsSpan(0, length).CopyTo(payload);
        samples.CopyTo(payload.AsSpan(length));
        return payload;
    }

    /// <summary>Reads the samples of a batch in order.</summary>
    /// <exception cref="InvalidDataException">The payload is not of this format; a batch whose checksum is right never throws.</exception>
    public static Reader Read(Batch batch) => new(batch.Payload);

    private static int WriteText(Span<byte> destination, string text)
    {
        int length = WriteVarint(destination, (uint)Encoding.UTF8.GetByteCount(text));
        return length + Encoding.UTF8.GetBytes(text, destination[length..]);
    }

    internal ref struct Reader
    {
        private ReadOnlySpan<byte> _rest;

        public Reader(ReadOnlySpan<byte> payload)
        {
            if (payload.Length == 0 || payload[0] != Version) throw new InvalidDataException("The batch is of a format that this version does not know.");
            _rest = payload[1..];
            ulong count = ReadVarint();
            if (count > (ulong)_rest.Length / 2) throw Short();
            Signals = new SignalDescription[count];
            for (int i = 0; i < Signals.Length; i++)
            {
                string name = ReadText(), unit = ReadText();
                Signals[i] = new SignalDescription(name, unit.Length > 0 ? unit : null);
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
            if (index >= (ulong)Signals.Length) throw Short();
            signal = (int)index;
            ulong zigzag = ReadVarint();
            deltaNs = (long)(zigzag >> 1) ^ -(long)(zigzag & 1);
            if (_rest.Length < sizeof(double)) throw Short();
            value = BinaryPrimitives.ReadDoubleLittleEndian(_rest);
            _rest = _rest[sizeof(double)..];
            return true;
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
