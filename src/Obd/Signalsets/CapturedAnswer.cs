using EdgeAgent.Can;

namespace EdgeAgent.Obd.Signalsets;

/// <summary>What stands in front of a captured frame's data.</summary>
public enum CapturedHeader
{
    /// <summary>Three hexadecimal digits.</summary>
    Can11Bit,

    /// <summary>Eight hexadecimal digits.</summary>
    Can29Bit,

    /// <summary>Three bytes, and a checksum behind (ISO 9141-2, ISO 14230-4).</summary>
    KLine,

    /// <summary>Nothing: messages as an adapter writes them without headers, long ones in numbered lines.</summary>
    None,
}

/// <summary>A message that was put together from captured frames.</summary>
/// <param name="From">The identifier of its frames; null where there was none.</param>
/// <param name="Data">Service + 40 (hexadecimal) and what follows.</param>
/// <param name="IsIntact">False if frames of it are missing or a line of it is damaged, so that what is behind that place is wrong.</param>
public readonly record struct CapturedMessage(CanId? From, ReadOnlyMemory<byte> Data, bool IsIntact);

/// <summary>
/// Reads captured answers: a frame a line, or separated by spaces. What is no frame – echoes, prompts, error texts, lines that were cut off –
/// is passed over. Captures lose lines; a message that is long enough without them is taken and marked as damaged.
/// </summary>
public static class CapturedAnswer
{
    /// <summary>Reads all messages, in the order in which they are complete.</summary>
    /// <param name="text">At most <see cref="SignalsetLimits.AnswerLength"/>; the two characters <c>\n</c> count as the end of a line.</param>
    /// <param name="header">What the frames begin with.</param>
    /// <param name="hasExtendedAddress">Whether an address byte follows the identifier (ISO 15765-2 §10.3.2).</param>
    public static IReadOnlyList<CapturedMessage> Read(string text, CapturedHeader header, bool hasExtendedAddress)
    {
        if (text.Length > SignalsetLimits.AnswerLength) throw new ArgumentException($"An answer has at most {SignalsetLimits.AnswerLength} characters.", nameof(text));
        var messages = new List<CapturedMessage>();
        var frames = new CapturedFrames(messages, header, hasExtendedAddress);
        var lines = text.Contains('\\', StringComparison.Ordinal)
            ? text.Replace("\\r", "\n", StringComparison.Ordinal).Replace("\\n", "\n", StringComparison.Ordinal) : text;
        Span<char> packed = stackalloc char[CapturedFrames.MaxFrameDigits];
        foreach (var line in lines.AsSpan().EnumerateLines())
        {
            var left = line;
            while (!(left = left.Trim(" \t>\0")).IsEmpty)
            {
                var frame = frames.Next(ref left);
                if (TryPack(frame, packed, out int length)) frames.Add(packed[..length]);
            }
        }
        frames.End();
        return messages;
    }

    /// <summary>The digits of a frame without what is between them. False if there is anything else.</summary>
    private static bool TryPack(ReadOnlySpan<char> frame, Span<char> packed, out int length)
    {
        length = 0;
        foreach (char c in frame)
        {
            if (char.IsWhiteSpace(c)) continue;
            if (length == packed.Length || !char.IsAsciiHexDigit(c) && c != ':') return false;
            packed[length++] = c;
        }
        return length > 0;
    }
}
