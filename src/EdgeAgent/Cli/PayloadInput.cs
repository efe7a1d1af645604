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

    private byte[] _buffer = new byte[64 * 1024];
    private int _begin;
    private int _end;
    private bool _isBegun;

    /// <summary>Of the line that was read last, from 1; 0 if the input is the bytes of one payload.</summary>
    public long LineNumber { get; private set; }

    /// <summary>True if more can be read without waiting for the writer.</summary>
    public bool HasBufferedLine => _buffer.AsSpan(_begin, _end - _begin).Contains((byte)'\n');

    /// <summary>False at the end.</summary>
    /// <exception cref="InvalidDataException">The line is none; reading can go on with the next.</exception>
    public bool TryRead(out ReadOnlyMemory<byte> payload)
    {
        payload = default;
        if (!_isBegun)
        {
            _isBegun = true;
            while (_end < ColumnarFormat.Magic.Length && Fill())
            {
            }
            if (!isHex && IsBinary(_buffer.AsSpan(0, _end)))
            {
                payload = ReadRest();
                return true;
            }
        }
        while (TryReadLine(out var line))
        {
            LineNumber++;
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

    private ReadOnlyMemory<byte> ReadRest()
    {
        // One byte more than a payload may have is enough for the decoder to refuse it.
        while (_end <= PayloadDecoder.MaxPayloadBytes && Fill())
        {
        }
        var rest = _buffer.AsMemory(0, _end);
        _begin = _end;
        return rest;
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

    private bool TryReadLine(out ReadOnlyMemory<byte> line)
    {
        int searched = 0;
        bool isTooLong = false;
        while (true)
        {
            int length = _buffer.AsSpan(_begin + searched, _end - _begin - searched).IndexOf((byte)'\n');
            if (length >= 0) return End(searched + length, 1, isTooLong, out line);
            searched = _end - _begin;
            if (searched > MaxLineBytes)
            {
                isTooLong = true;
                (_begin, _end, searched) = (0, 0, 0);
            }
            if (Fill()) continue;
            if (searched > 0 || isTooLong) return End(searched, 0, isTooLong, out line);
            line = default;
            return false;
        }
    }

    private bool End(int length, int newline, bool isTooLong, out ReadOnlyMemory<byte> line)
    {
        line = _buffer.AsMemory(_begin, length);
        if (length > 0 && line.Span[^1] == '\r') line = line[..^1];
        _begin += length + newline;
        if (!isTooLong) return true;
        LineNumber++;
        throw new InvalidDataException($"the line is longer than {MaxLineBytes} bytes");
    }

    /// <summary>Reads what there is, at least a byte. False at the end.</summary>
    private bool Fill()
    {
        if (_begin > 0)
        {
            // What was handed out is not used any more when the next is asked for.
            _buffer.AsSpan(_begin, _end - _begin).CopyTo(_buffer);
            (_begin, _end) = (0, _end - _begin);
        }
        if (_end == _buffer.Length) Array.Resize(ref _buffer, _buffer.Length * 2);
        int read = stream.Read(_buffer, _end, _buffer.Length - _end);
        _end += read;
        return read > 0;
    }
}
