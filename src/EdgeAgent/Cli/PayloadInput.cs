using System.Text;
using EdgeAgent.Publishing;
using EdgeAgent.Tenancy;

namespace EdgeAgent.Cli;

/// <summary>
/// Payloads in a file or pipe: either the bytes of one, or a line each: JSON as it is, anything else in hexadecimal, either with the topic and
/// a space before it, as <c>mosquitto_sub -v</c> and <c>-F '%t %x'</c> print them.
/// </summary>
internal sealed class PayloadInput(Stream stream, bool isHex)
{
    /// <summary>A payload in hexadecimal and the longest topic that MQTT has.</summary>
    private const int MaxLineBytes = 2 * PayloadDecoder.MaxPayloadBytes + 65_536;

    private readonly ByteLines _lines = new(stream, MaxLineBytes);
    private bool _isBegun;

    /// <summary>Of the line that was read last, from 1; 0 if the input is the bytes of one payload.</summary>
    public long LineNumber => _lines.LineNumber;

    /// <summary>True if more can be read without waiting for the writer.</summary>
    public bool HasBufferedLine => _lines.HasBufferedLine;

    /// <summary>False at the end.</summary>
    /// <exception cref="InvalidDataException">The line is none; reading can go on with the next.</exception>
    public bool TryRead(out ReadOnlyMemory<byte> payload)
    {
        payload = default;
        if (!_isBegun)
        {
            _isBegun = true;
            if (!isHex && IsBinary(_lines.Peek(ColumnarFormat.Magic.Length)))
            {
                // One byte more than a payload may have is enough for the decoder to refuse it.
                payload = _lines.ReadRest(PayloadDecoder.MaxPayloadBytes);
                return true;
            }
        }
        while (_lines.TryRead(out var line))
        {
            if (line.IsEmpty || IsOfNoRecord(line.Span)) continue;
            payload = Parse(line);
            return true;
        }
        return false;
    }

    private static bool IsBinary(ReadOnlySpan<byte> begin) =>
        PayloadDecoder.Recognize(begin) is { } contentType && contentType is not (SenMlJson.ContentType or MessageJson.ContentType);

    /// <summary>True for a line with the topic of something that is not numbered, such as a device's state: an archive of a tenant has those too.</summary>
    private static bool IsOfNoRecord(ReadOnlySpan<byte> line)
    {
        int space = line.IndexOf((byte)' ');
        if (space < 0 || line[0] is (byte)'[' or (byte)'{') return false;
        string[] levels = Encoding.UTF8.GetString(line[..space]).Split('/', 5);
        return levels is not ["tenants", _, "devices", _, var path] ? levels.Length > 1 : !Channel.TryParse(path, out _);
    }

    private ReadOnlyMemory<byte> Parse(ReadOnlyMemory<byte> line)
    {
        if (!isHex && line.Span[0] is (byte)'[' or (byte)'{') return line;
        var text = line[(line.Span.IndexOf((byte)' ') + 1)..];
        if (text.IsEmpty) throw new InvalidDataException("the payload is empty");
        if (!isHex && text.Span[0] is (byte)'[' or (byte)'{') return text;
        byte[] bytes = new byte[text.Length / 2];
        return Convert.FromHexString(text.Span, bytes, out _, out int written) == System.Buffers.OperationStatus.Done && written * 2 == text.Length
            ? bytes
            : throw new InvalidDataException($"expected {(isHex ? "" : "JSON or ")}bytes in hexadecimal, with or without a topic before them");
    }
}
