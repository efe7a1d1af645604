using System.Buffers;
using System.Formats.Cbor;
using EdgeAgent.Capture;
using EdgeAgent.Outbox;

namespace EdgeAgent.Publishing;

/// <summary>
/// The records of <see cref="SenMlJson"/> in CBOR (RFC 8428 §6): integer labels for SenML's own fields, text labels for the stamp and
/// <c>unit</c>. Values are integers where they are whole, else the shortest float that is exactly the value; NaN and infinities are floats
/// too, so there is no <c>vs</c>. Times are doubles.
/// </summary>
internal static class SenMlCbor
{
    public const string ContentType = "application/senml+cbor";

    /// <summary>Up to here each integer is a double and the reverse.</summary>
    private const double ExactIntegers = 1L << 53;

    /// <summary>The registered labels (RFC 8428 §12.3).</summary>
    internal static class Label
    {
        public const int BaseVersion = -1, BaseName = -2, BaseTime = -3, Name = 0, Unit = 1, Value = 2, Time = 6;
    }

    /// <inheritdoc cref="PayloadEncoding.Encode"/>
    public static void Encode(Batch batch, WallClockReading clock, long? nowNs, IBufferWriter<byte> output)
    {
        var cbor = new CborWriter(CborConformanceMode.Lax, initialCapacity: 256 + batch.Count * 48);
        var reader = SamplePayload.Read(batch);
        var units = Array.ConvertAll(reader.Signals, signal => SenMlUnit.Of(signal.Unit));
        bool[] isUnitSaid = new bool[units.Length];

        cbor.WriteStartArray(batch.Count);
        long elapsedNs = 0;
        int records = 0;
        while (reader.TryRead(out int signal, out long deltaNs, out double value))
        {
            if (records == batch.Count) throw Miscounted();
            bool isFirst = records++ == 0;
            elapsedNs += deltaNs;
            bool hasTime = elapsedNs is >= 500 or <= -500;
            bool hasUnit = units[signal] is not null || !isUnitSaid[signal] && reader.Signals[signal].Unit is not null;
            long? baseTime = isFirst ? PublishedTime.Of(batch, clock, nowNs) : null;
            bool hasVersion = isFirst && units.Any(SenMlUnit.IsSecondary);
            cbor.WriteStartMap(2 + (isFirst ? 6 : 0) + Count(hasVersion) + Count(baseTime is not null) + Count(hasUnit) + Count(hasTime));
            if (isFirst)
            {
                if (hasVersion)
                {
                    cbor.WriteInt32(Label.BaseVersion);
                    cbor.WriteInt32(SenMlUnit.VersionWithSecondary);
                }
                cbor.WriteInt32(Label.BaseName);
                cbor.WriteTextString($"{batch.Stamp.Device}/");
                if (baseTime is { } time)
                {
                    cbor.WriteInt32(Label.BaseTime);
                    WriteSeconds(cbor, time);
                }
                WriteStamp(cbor, batch, clock);
            }
            cbor.WriteInt32(Label.Name);
            cbor.WriteTextString(reader.Signals[signal].Name);
            if (hasUnit)
            {
                if (units[signal] is { } unit)
                {
                    cbor.WriteInt32(Label.Unit);
                    cbor.WriteTextString(unit);
                }
                else
                {
                    cbor.WriteTextString("unit");
                    cbor.WriteTextString(reader.Signals[signal].Unit!);
                }
                isUnitSaid[signal] = true;
            }
            if (hasTime)
            {
                cbor.WriteInt32(Label.Time);
                WriteSeconds(cbor, elapsedNs);
            }
            cbor.WriteInt32(Label.Value);
            WriteNumber(cbor, value);
            cbor.WriteEndMap();
        }
        if (records != batch.Count) throw Miscounted();
        cbor.WriteEndArray();
        int length = cbor.BytesWritten;
        cbor.Encode(output.GetSpan(length));
        output.Advance(length);
    }

    private static void WriteStamp(CborWriter cbor, Batch batch, WallClockReading clock)
    {
        cbor.WriteTextString("tenant");
        cbor.WriteTextString(batch.Stamp.Tenant.ToString());
        cbor.WriteTextString("epoch");
        cbor.WriteInt64(batch.Stamp.Epoch.Value);
        cbor.WriteTextString("boot");
        cbor.WriteTextString(batch.Stamp.Boot.ToString());
        cbor.WriteTextString("sequence");
        cbor.WriteInt64(batch.FirstSequence);
        cbor.WriteTextString("clock");
        cbor.WriteTextString(clock.Synchronized ? "synchronized" : "unsynchronized");
    }

    /// <summary>Rounded to microseconds, as far as a double carries them: today's times are off by an eighth of one.</summary>
    private static void WriteSeconds(CborWriter cbor, long nanoseconds) => WriteNumber(cbor, (nanoseconds + (nanoseconds < 0 ? -500 : 500)) / 1000 / 1e6);

    private static void WriteNumber(CborWriter cbor, double value)
    {
        bool isNegativeZero = value == 0 && double.IsNegative(value);
        if (double.IsInteger(value) && Math.Abs(value) <= ExactIntegers && !isNegativeZero) cbor.WriteInt64((long)value);
        else if (double.IsNaN(value) || value == (double)(Half)value) cbor.WriteHalf((Half)value);
        else if (value == (float)value) cbor.WriteSingle((float)value);
        else cbor.WriteDouble(value);
    }

    private static InvalidDataException Miscounted() => new("The batch holds another number of samples than it says.");

    private static int Count(bool isThere) => isThere ? 1 : 0;
}
