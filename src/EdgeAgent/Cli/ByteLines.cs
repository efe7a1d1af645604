namespace EdgeAgent.Cli;

/// <summary>The lines of a stream as bytes, without their ends, in bounded memory.</summary>
/// <param name="stream">Where they come from.</param>
/// <param name="maxLineBytes">The longest.</param>
internal sealed class ByteLines(Stream stream, int maxLineBytes)
{
    private byte[] _buffer = new byte[64 * 1024];
    private int _begin;
    private int _end;

    /// <summary>Of the line that was read last, from 1.</summary>
    public long LineNumber { get; private set; }

    /// <summary>True if more can be read without waiting for the writer.</summary>
    public bool HasBufferedLine => _buffer.AsSpan(_begin, _end - _begin).Contains((byte)'\n');

    /// <summary>How it begins: so many bytes, more or, at the end, fewer. They are still to be read.</summary>
    public ReadOnlySpan<byte> Peek(int count)
    {
        while (_end - _begin < count && Fill())
        {
        }
        return _buffer.AsSpan(_begin, _end - _begin);
    }

    /// <summary>Everything that is left, or its first bytes if it is more than so many.</summary>
    public ReadOnlyMemory<byte> ReadRest(int count)
    {
        while (_end - _begin <= count && Fill())
        {
        }
        var rest = _buffer.AsMemory(_begin, _end - _begin);
        _begin = _end;
        return rest;
    }

    /// <summary>False at the end. What was handed out before is not to be used any more.</summary>
    /// <exception cref="InvalidDataException">The line is too long; reading can go on with the next.</exception>
    public bool TryRead(out ReadOnlyMemory<byte> line)
    {
        int searched = 0;
        bool isTooLong = false;
        while (true)
        {
            int length = _buffer.AsSpan(_begin + searched, _end - _begin - searched).IndexOf((byte)'\n');
            if (length >= 0) return End(searched + length, 1, isTooLong || searched + length > maxLineBytes, out line);
            searched = _end - _begin;
            if (searched > maxLineBytes)
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
        LineNumber++;
        return isTooLong ? throw new InvalidDataException($"the line is longer than {maxLineBytes} bytes") : true;
    }

    /// <summary>Reads what there is, at least a byte. False at the end.</summary>
    private bool Fill()
    {
        if (_begin > 0)
        {
            _buffer.AsSpan(_begin, _end - _begin).CopyTo(_buffer);
            (_begin, _end) = (0, _end - _begin);
        }
        if (_end == _buffer.Length) Array.Resize(ref _buffer, _buffer.Length * 2);
        int read = stream.Read(_buffer, _end, _buffer.Length - _end);
        _end += read;
        return read > 0;
    }
}
