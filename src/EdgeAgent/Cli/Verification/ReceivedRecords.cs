using System.Buffers;
using System.Globalization;
using System.IO.Hashing;
using System.Text;
using System.Text.Json;
using EdgeAgent.Publishing;
using EdgeAgent.Tenancy;

namespace EdgeAgent.Cli.Verification;

/// <summary>Records that one message from the broker carried.</summary>
/// <param name="Assignment">Whose they say that they are.</param>
/// <param name="Stream">In which stream they are numbered.</param>
/// <param name="FirstSequence">The number of the first.</param>
/// <param name="Contents">A digest of each, never 0; of what stays the same when it is published again, and so not of times.</param>
internal sealed record ReceivedRecords(Assignment Assignment, RecordStream Stream, long FirstSequence, IReadOnlyList<uint> Contents)
{
    /// <exception cref="InvalidDataException">It is no record of an edge agent.</exception>
    public static ReceivedRecords Decode(ReadOnlyMemory<byte> payload)
    {
        var decoded = PayloadDecoder.Decode(payload);
        return new ReceivedRecords(
            decoded.Stamp.Assignment, decoded.Stream, decoded.FirstSequence,
            decoded.Stream == RecordStream.Telemetry ? [.. decoded.Samples.Select(DigestOf)] : [DigestOfMessage(payload)]);
    }

    /// <summary>In seven digits: encodings differ in those behind, which say nothing.</summary>
    private static uint DigestOf(DecodedSample sample) => Digest(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{sample.Name} {(float)sample.Value}")));

    private static uint DigestOfMessage(ReadOnlyMemory<byte> payload)
    {
        using var message = JsonDocument.Parse(payload);
        var output = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(output))
        {
            json.WriteStartObject();
            foreach (var member in message.RootElement.EnumerateObject().Where(member => member.Name is not ("time" or "clock"))) member.WriteTo(json);
            json.WriteEndObject();
        }
        return Digest(output.WrittenSpan);
    }

    private static uint Digest(ReadOnlySpan<byte> content) => (uint)XxHash3.HashToUInt64(content) | 1;
}
