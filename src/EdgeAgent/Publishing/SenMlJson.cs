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

    private static readonly JsonWriterOptions Options = new() { SkipValidation = true };

    /// <inheritdoc cref="PayloadEncoding.Encode"/>
    public static void Encode(Batch batch, WallClockReading clock, long? nowNs, IBufferWriter<byte> output)
    {
        using var json = new Utf8JsonWriter(output, Options);
        Span<byte> number = stackalloc byte[SenMlNumber.MaxLength];
        var reader = SamplePayload.Read(batch);
        var units = Array.ConvertAll(reader.Signals, signal => SenMlUnit.Of(signal.Unit));
        bool[] isUnitSaid = new bool[units.Length];

        json.WriteStartArray();
        long elapsedNs = 0;
        bool isFirst = true;
        while (reader.TryRead(out int signal, out long deltaNs, out double value))
        {
            elapsedNs += deltaNs;
            json.WriteStartObject();
            if (isFirst)
            {
                json.WriteString("bn"u8, $"{batch.Stamp.Device}/");
                if (units.Any(SenMlUnit.IsSecondary)) json.WriteNumber("bver"u8, SenMlUnit.VersionWithSecondary);
                if (PublishedTime.Of(batch, clock, nowNs) is { } baseTime)
                {
                    json.WritePropertyName("bt"u8);
                    json.WriteRawValue(Seconds(number, baseTime), skipInputValidation: true);
                }
                json.WriteString("tenant"u8, batch.Stamp.Tenant.ToString());
                json.WriteNumber("epoch"u8, batch.Stamp.Epoch.Value);
                json.WriteString("boot"u8, batch.Stamp.Boot.Value);
                json.WriteNumber("sequence"u8, batch.FirstSequence);
                json.WriteString("clock"u8, clock.Synchronized ? "synchronized"u8 : "unsynchronized"u8);
                isFirst = false;
            }
            json.WriteString("n"u8, reader.Signals[signal].Name);
            if (units[signal] is { } unit) json.WriteString("u"u8, unit);
            else if (!isUnitSaid[signal] && reader.Signals[signal].Unit is { } unregistered) json.WriteString("unit"u8, unregistered);
            isUnitSaid[signal] = true;
            if (elapsedNs is >= 500 or <= -500)
            {
                json.WritePropertyName("t"u8);
                json.WriteRawValue(Seconds(number, elapsedNs), skipInputValidation: true);
            }
            // JSON has no number for these (RFC 8428 §4.3 takes only what JSON does): the record stays, so that no sequence number is missing.
            if (double.IsFinite(value))
            {
                json.WritePropertyName("v"u8);
                json.WriteRawValue(SenMlNumber.Format(number, value, reader.Signals[signal].Scaling), skipInputValidation: true);
            }
            else
            {
                json.WriteString("vs"u8, double.IsNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity");
            }
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    /// <summary>Decimal seconds, rounded to microseconds and without trailing zeros: a double would blur the last digits of today's times.</summary>
    private static ReadOnlySpan<byte> Seconds(Span<byte> destination, long nanoseconds)
    {
        long microseconds = (Math.Abs(nanoseconds) + 500) / 1000;
        int length = 0;
        if (nanoseconds < 0) destination[length++] = (byte)'-';
        Utf8Formatter.TryFormat(microseconds / 1_000_000, destination[length..], out int digits);
        length += digits;
        long fraction = microseconds % 1_000_000;
        if (fraction == 0) return destination[..length];
        destination[length++] = (byte)'.';
        Utf8Formatter.TryFormat(fraction, destination[length..], out digits, new StandardFormat('D', 6));
        length += digits;
        while (destination[length - 1] == '0') length--;
        return destination[..length];
    }
}
