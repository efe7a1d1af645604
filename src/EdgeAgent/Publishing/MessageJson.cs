using System.Buffers;
using System.Text.Json;
using EdgeAgent.Capture;
using EdgeAgent.Outbox;

namespace EdgeAgent.Publishing;

/// <summary>
/// A record of the stream of messages: an event, a command's result, health, raw capture. Its members follow those that every message has:
/// <code>
/// {"device":"dongle-7","tenant":"acme","epoch":1,"boot":"…","stream":"messages","sequence":12,"time":"2026-05-04T08:00:00.002Z","clock":"synchronized", …}
/// </code>
/// <c>time</c> is left out if the device's clock was never set.
/// </summary>
internal static class MessageJson
{
    public const string ContentType = "application/json";

    private static readonly JsonWriterOptions Options = new() { SkipValidation = true };

    /// <inheritdoc cref="PayloadEncoding.Encode"/>
    public static void Encode(Batch batch, WallClockReading clock, long? nowNs, IBufferWriter<byte> output)
    {
        using (var json = new Utf8JsonWriter(output, Options))
        {
            json.WriteStartObject();
            json.WriteString("device"u8, batch.Stamp.Device.ToString());
            json.WriteString("tenant"u8, batch.Stamp.Tenant.ToString());
            json.WriteNumber("epoch"u8, batch.Stamp.Epoch.Value);
            json.WriteString("boot"u8, batch.Stamp.Boot.Value);
            json.WriteString("stream"u8, "messages"u8);
            json.WriteNumber("sequence"u8, batch.FirstSequence);
            if (PublishedTime.Absolute(batch, clock) is { } unixNs)
            {
                Span<char> time = stackalloc char[Rfc3339.MaxLength];
                json.WriteString("time"u8, time[..Rfc3339.Format(time, unixNs)]);
            }
            json.WriteString("clock"u8, clock.Synchronized ? "synchronized"u8 : "unsynchronized"u8);
        }
        // The object is closed by hand: its other members were made when the record was.
        if (batch.Payload.Length > 0) output.Write(","u8);
        output.Write(batch.Payload);
        output.Write("}"u8);
    }
}
