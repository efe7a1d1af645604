using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using EdgeAgent.Capture;
using EdgeAgent.Outbox;
using EdgeAgent.Tenancy;

namespace EdgeAgent.Publishing;

/// <summary>A way to publish a batch. Immutable; safe from any thread.</summary>
internal sealed class PayloadEncoding
{
    private readonly Encoder _encode;

    private PayloadEncoding(string name, string contentType, int maxSamples, Encoder encode)
    {
        Name = name;
        ContentType = contentType;
        MaxSamples = maxSamples;
        _encode = encode;
    }

    private delegate void Encoder(Batch batch, WallClockReading clock, long? nowNs, IBufferWriter<byte> output);

    /// <summary>For people: readable with <c>mosquitto_sub</c>.</summary>
    public static PayloadEncoding Json { get; } = new("senml+json", SenMlJson.ContentType, BatchBuilder.MaxReadableSamples, SenMlJson.Encode);

    /// <summary>The same records in three quarters of the bytes, for SenML libraries.</summary>
    public static PayloadEncoding Cbor { get; } = new("senml+cbor", SenMlCbor.ContentType, 2 * BatchBuilder.MaxReadableSamples, SenMlCbor.Encode);

    /// <summary>One byte a sample, more or less, for metered links.</summary>
    public static PayloadEncoding Columnar { get; } = new("columnar", ColumnarFormat.ContentType, ColumnarFormat.MaxSamples, ColumnarEncoder.Encode);

    /// <summary>What a tenant can choose for its samples.</summary>
    public static IReadOnlyList<PayloadEncoding> All { get; } = [Json, Cbor, Columnar];

    /// <summary>Everything but samples, whatever the tenant chose.</summary>
    private static PayloadEncoding Message { get; } = new("json", MessageJson.ContentType, 1, MessageJson.Encode);

    /// <summary>As configurations have it.</summary>
    public string Name { get; }

    /// <summary>The content type of its MQTT messages.</summary>
    public string ContentType { get; }

    /// <summary>How many samples a message should have at most: <see cref="BatchBuilder.MaxSamples"/> while this encoding is in use.</summary>
    public int MaxSamples { get; }

    /// <summary>What to try with samples that are too large for the broker in this one; null if there is nothing smaller.</summary>
    public PayloadEncoding? Smaller => this == Message || this == Columnar ? null : Columnar;

    public static bool TryParse(string? name, [NotNullWhen(true)] out PayloadEncoding? encoding)
    {
        encoding = All.FirstOrDefault(each => each.Name == name);
        return encoding is not null;
    }

    /// <summary>
    /// The encoding for one batch where this one is configured: messages have one of their own, and a batch that was sealed for the columnar
    /// encoding and is too large for this one stays columnar.
    /// </summary>
    public PayloadEncoding For(Batch batch) =>
        batch.Channel.Stream == RecordStream.Messages ? Message : batch.Count <= MaxSamples ? this : Columnar;

    /// <param name="batch">What to encode.</param>
    /// <param name="clock">The wall clock to use: of now for a batch of this boot, else the one of the batch.</param>
    /// <param name="nowNs">The time since the boot of the batch; null if that boot is over.</param>
    /// <param name="output">Where to write.</param>
    /// <exception cref="InvalidDataException">The batch's payload is broken or of a version that this one does not know.</exception>
    public void Encode(Batch batch, WallClockReading clock, long? nowNs, IBufferWriter<byte> output) => _encode(batch, clock, nowNs, output);

    public override string ToString() => Name;
}
