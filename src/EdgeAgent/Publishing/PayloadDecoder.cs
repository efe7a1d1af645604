namespace EdgeAgent.Publishing;

/// <summary>
/// Reads every payload that the agent publishes as a record. For whatever arrived from anywhere: what it allocates is a small multiple of what
/// it is given, and never more than the limits of the formats allow.
/// </summary>
internal static class PayloadDecoder
{
    /// <summary>No record is longer.</summary>
    public const int MaxPayloadBytes = 4 * 1024 * 1024;

    private const byte CborArray = 0x80, CborArrayEnd = 0x9F;

    /// <summary>Recognizes the encoding by how the payload begins.</summary>
    /// <returns>The content type, or null if it is none of ours.</returns>
    public static string? Recognize(ReadOnlySpan<byte> payload) => payload switch
    {
        [(byte)'[', ..] => SenMlJson.ContentType,
        [(byte)'{', ..] => MessageJson.ContentType,
        [>= CborArray and <= CborArrayEnd, ..] => SenMlCbor.ContentType,
        _ => payload.StartsWith(ColumnarFormat.Magic) ? ColumnarFormat.ContentType : null,
    };

    /// <exception cref="InvalidDataException">It is no record of an edge agent.</exception>
    public static DecodedPayload Decode(ReadOnlyMemory<byte> payload) => Decode(Recognize(payload.Span), payload);

    /// <param name="contentType">That of the MQTT message.</param>
    /// <param name="payload">Its payload.</param>
    /// <exception cref="InvalidDataException">It is no record of an edge agent, or of another encoding.</exception>
    public static DecodedPayload Decode(string? contentType, ReadOnlyMemory<byte> payload)
    {
        if (payload.Length > MaxPayloadBytes) throw new InvalidDataException($"A record has at most {MaxPayloadBytes} bytes; these are {payload.Length}.");
        return contentType switch
        {
            SenMlJson.ContentType or MessageJson.ContentType => SenMlJsonReader.Decode(payload.Span),
            SenMlCbor.ContentType => SenMlCborReader.Decode(payload),
            ColumnarFormat.ContentType => ColumnarDecoder.Decode(payload.Span),
            null => throw new InvalidDataException("This begins like none of the encodings of an edge agent."),
            _ => throw new InvalidDataException($"'{contentType}' is no encoding of an edge agent; expected {string.Join(", ", ContentTypes)}."),
        };
    }

    /// <summary>All that can be decoded.</summary>
    public static IReadOnlyList<string> ContentTypes { get; } = [SenMlJson.ContentType, SenMlCbor.ContentType, ColumnarFormat.ContentType, MessageJson.ContentType];
}
