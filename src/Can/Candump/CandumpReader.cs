namespace EdgeAgent.Can.Candump;

/// <summary>
/// Reads a log line by line in constant memory. A line that is no frame is reported and passed over, since a log that was cut by a
/// power failure is still worth its other lines. Blank lines are ignored. Not thread-safe; leaves the stream open.
/// </summary>
public sealed class CandumpReader(Stream stream)
{
    /// <summary>Longer lines are no frames: they are reported and skipped.</summary>
    public const int MaxLineLength = 1024;

    private readonly byte[] _buffer = new byte[64 * 1024];
    private readonly List<string> _buses = [];
    private int _start;
    private int _end;
    private bool _ended;

    /// <summary>The number of the line that was read last, from 1.</summary>
    public long LineNumber { get; private set; }

    /// <summary>True if the next line can be read without asking the stream for more.</summary>
    public bool HasBufferedLine => _buffer.AsSpan(_start, _end - _start).Contains((byte)'\n');

    /// <summary>Reads the next line that is not blank.</summary>
    /// <returns>False at the end of the log.</returns>
    public bool TryRead(out CandumpRecord record)
    {
        while (TryReadLine(out var line, out bool tooLong))
        {
            if (LineNumber++ == 0 && line.StartsWith("\uFEFF"u8)) line = line[3..];
            if (tooLong)
            {
                record = new CandumpRecord { Error = new CandumpError(MaxLineLength + 1, $"the end of the line: it is longer than {MaxLineLength} characters") };
                return true;
            }
            if (line.TrimEnd((byte)'\r').Trim((byte)' ') is not { Length: > 0 } text) continue;
            record = CandumpFormat.TryParse(text, out var entry, out var error)
                ? new CandumpRecord { TimestampNs = entry.TimestampNs, Bus = BusName(text[entry.Bus]), Frame = entry.Frame }
                : new CandumpRecord { Error = error };
            return true;
        }
        record = default;
        return false;
    }

    private bool TryReadLine(out ReadOnlySpan<byte> line, out bool tooLong)
    {
        tooLong = false;
        while (true)
        {
            int length = _buffer.AsSpan(_start, _end - _start).IndexOf((byte)'\n');
            if (length >= 0)
            {
                tooLong |= length > MaxLineLength;
                line = _buffer.AsSpan(_start, length);
                _start += length + 1;
                return true;
            }
            if (_ended)
            {
                line = _buffer.AsSpan(_start, _end - _start);
                _start = _end;
                return line.Length > 0 || tooLong;
            }
            if (_end - _start > MaxLineLength)
            {
                tooLong = true;
                _start = _end;
            }
            if (_start > 0)
            {
                _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
                _end -= _start;
                _start = 0;
            }
            int read = stream.Read(_buffer.AsSpan(_end));
            _end += read;
            _ended = read == 0;
        }
    }

    /// <summary>The name as a string that is made once for each bus.</summary>
    private string BusName(ReadOnlySpan<byte> name)
    {
        foreach (string known in _buses)
        {
            if (System.Text.Ascii.Equals(name, known)) return known;
        }
        string made = System.Text.Encoding.Latin1.GetString(name);
        if (_buses.Count < 256) _buses.Add(made);
        return made;
    }
}

/// <summary>A line of a log: a frame, or why it is none.</summary>
public readonly struct CandumpRecord
{
    /// <summary>When the frame was recorded, in nanoseconds since 1970-01-01 UTC.</summary>
    public long TimestampNs { get; init; }

    /// <summary>The interface it was recorded on.</summary>
    public string Bus { get; init; }

    /// <summary>The frame.</summary>
    public CanFrame Frame { get; init; }

    /// <summary>Null unless the line is no frame.</summary>
    public CandumpError? Error { get; init; }
}
