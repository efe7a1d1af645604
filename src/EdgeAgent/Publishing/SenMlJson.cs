using System.Buffers;
using System.Buffers.Text;
using System.Text.Json;
using EdgeAgent.Capture;
using EdgeAgent.Outbox;

namespace EdgeAgent.Publishing;

/// <summary>
/// A batch as a SenML pack in JSON (RFC 8428). The first record carries base name and base time, and beside SenML's own fields the stamp,
/// which readers that do not know it ignore (§4.4):
/// <code>
/// [{"bn":"dongle-7/","bt":1789000000.123456,"tenant":"acme","epoch":1,"boot":"…","sequence":4711,"clock":"synchronized",
///   "n":"can0/Engine/Speed","u":"1/min","v":812.5},
///  {"n":"can0/Engine/Load","u":"%","t":0.010213,"v":31}]
/// </code>
/// Records are in the order of their sequence numbers, which count up from that of the first. A unit that SenML has not registered stands
/// as the DBC file has it in <c>unit</c>, once a signal. How values are written, says <see cref="SenMlNumber"/>.
/// </summary>
internal static class SenMlJson
{
    public const string ContentType = "application/senml+json";

    /// <summary>The most bytes of a record beside its name and unit.</summary>
    private const int MaxRecordLength = 8 + 2 * (8 + SenMlNumber.MaxLength);

    private static readonly JsonWriterOptions Options = new() { SkipValidation = true };

    /// <inheritdoc cref="PayloadEncoding.Encode"/>
    public static void Encode(Batch batch, WallClockReading clock, long? nowNs, IBufferWriter<byte> output)
    {
        var reader = SamplePayload.Read(batch);
        // What a record begins with is the same each time, and often the value too, which takes the longest to write.
        var signals = Array.ConvertAll(reader.Signals, signal => new SignalText(signal));
        output.Write("["u8);
        long elapsedNs = 0;
        bool isFirst = true;
        while (reader.TryRead(out int signal, out long deltaNs, out double value))
        {
            elapsedNs += deltaNs;
            ref var text = ref signals[signal];
            byte[] head = text.TakeHead();
            if (isFirst) WriteFirst(batch, clock, nowNs, reader.Signals, output);
            else output.Write(",{"u8);
            isFirst = false;

            var record = output.GetSpan(head.Length + MaxRecordLength);
            head.CopyTo(record);
            int length = head.Length;
            if (elapsedNs is >= 500 or <= -500)
            {
                length += Copy(",\"t\":"u8, record[length..]);
                length += WriteSeconds(record[length..], elapsedNs);
            }
            length += Copy(text.ValueOf(value), record[length..]);
            output.Advance(length);
        }
        output.Write("]"u8);
    }

    /// <summary>The beginning of the first record, with all that is said once.</summary>
    private static void WriteFirst(Batch batch, WallClockReading clock, long? nowNs, SignalDescription[] signals, IBufferWriter<byte> output)
    {
        var first = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(first, Options))
        {
            json.WriteStartObject();
            json.WriteString("bn"u8, $"{batch.Stamp.Device}/");
            if (signals.Any(signal => SenMlUnit.IsSecondary(SenMlUnit.Of(signal.Unit)))) json.WriteNumber("bver"u8, SenMlUnit.VersionWithSecondary);
            if (PublishedTime.Of(batch, clock, nowNs) is { } baseTime)
            {
                Span<byte> number = stackalloc byte[SenMlNumber.MaxLength];
                json.WritePropertyName("bt"u8);
                json.WriteRawValue(number[..WriteSeconds(number, baseTime)], skipInputValidation: true);
            }
            json.WriteString("tenant"u8, batch.Stamp.Tenant.ToString());
            json.WriteNumber("epoch"u8, batch.Stamp.Epoch.Value);
            json.WriteString("boot"u8, batch.Stamp.Boot.Value);
            json.WriteNumber("sequence"u8, batch.FirstSequence);
            json.WriteString("clock"u8, clock.Synchronized ? "synchronized"u8 : "unsynchronized"u8);
        }
        output.Write(first.WrittenSpan);
        output.Write(","u8);
    }

    private static int Copy(ReadOnlySpan<byte> text, Span<byte> destination)
    {
        text.CopyTo(destination);
        return text.Length;
    }

    /// <summary>Decimal seconds, rounded to microseconds and without trailing zeros: a double would blur the last digits of today's times.</summary>
    private static int WriteSeconds(Span<byte> destination, long nanoseconds)
    {
        long microseconds = (Math.Abs(nanoseconds) + 500) / 1000;
        int length = 0;
        if (nanoseconds < 0) destination[length++] = (byte)'-';
        Utf8Formatter.TryFormat(microseconds / 1_000_000, destination[length..], out int digits);
        length += digits;
        long fraction = microseconds % 1_000_000;
        if (fraction == 0) return length;
        destination[length++] = (byte)'.';
        Utf8Formatter.TryFormat(fraction, destination[length..], out digits, new StandardFormat('D', 6));
        length += digits;
        while (destination[length - 1] == '0') length--;
        return length;
    }

    /// <summary>A signal's part of its records.</summary>
    private struct SignalText(SignalDescription signal)
    {
        private readonly byte[] _head = HeadOf(signal, withOwnUnit: false);
        private bool _isTaken;
        private readonly byte[] _value = new byte[16 + SenMlNumber.MaxLength];
        private int _length;
        private long _bits;

        /// <summary>Name and unit; a unit that SenML has not registered stands in the first alone.</summary>
        public byte[] TakeHead()
        {
            bool isFirst = !_isTaken;
            _isTaken = true;
            return isFirst ? HeadOf(signal, withOwnUnit: true) : _head;
        }

        /// <summary>The value and the end of the record.</summary>
        public ReadOnlySpan<byte> ValueOf(double value)
        {
            long bits = BitConverter.DoubleToInt64Bits(value);
            if (_length == 0 || bits != _bits) _length = Write(value);
            _bits = bits;
            return _value.AsSpan(0, _length);
        }

        private readonly int Write(double value)
        {
            // JSON has no number for these (RFC 8428 §4.3 takes only what JSON does): the record stays, so that no sequence number is missing.
            if (!double.IsFinite(value)) return Copy(double.IsNaN(value) ? ",\"vs\":\"NaN\"}"u8 : value > 0 ? ",\"vs\":\"Infinity\"}"u8 : ",\"vs\":\"-Infinity\"}"u8, _value);
            int length = Copy(",\"v\":"u8, _value);
            length += SenMlNumber.Format(_value.AsSpan(length), value, signal.Scaling).Length;
            _value[length] = (byte)'}';
            return length + 1;
        }

        private static byte[] HeadOf(SignalDescription signal, bool withOwnUnit)
        {
            byte[] name = [.. "\"n\":\""u8, .. JsonEncodedText.Encode(signal.Name).EncodedUtf8Bytes, .. "\""u8];
            if (SenMlUnit.Of(signal.Unit) is { } unit) return [.. name, .. ",\"u\":\""u8, .. JsonEncodedText.Encode(unit).EncodedUtf8Bytes, .. "\""u8];
            return withOwnUnit && signal.Unit is { } own ? [.. name, .. ",\"unit\":\""u8, .. JsonEncodedText.Encode(own).EncodedUtf8Bytes, .. "\""u8] : name;
        }
    }
}
