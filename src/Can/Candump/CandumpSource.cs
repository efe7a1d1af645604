namespace EdgeAgent.Can.Candump;

/// <summary>
/// Replays a log as if it were an interface. Each frame carries the time that the log recorded, whatever the speed; lines that are
/// no frames are counted and passed over.
/// </summary>
public sealed class CandumpSource : ICanSource
{
    private const double LongestMicroseconds = 1e17;

    private readonly Stream _stream;
    private readonly CandumpReader _reader;
    private readonly string? _bus;
    private readonly double _speed;
    private readonly TimeProvider _time;
    private readonly Action<TimeSpan> _wait;
    private readonly ManualResetEventSlim? _never;
    private CandumpRecord _next;
    private bool _hasNext;
    private long _firstNs;
    private long _startedAt;
    private bool _started;
    private long _leftOut;
    private string? _leftOutBus;

    /// <summary>Replays from a stream, which it owns.</summary>
    /// <param name="stream">The log.</param>
    /// <param name="bus">The interface whose frames to replay; null for all.</param>
    /// <param name="speed">1 for the speed of the recording, 10 for ten times that; 0 for as fast as it is read.</param>
    /// <param name="time">The clock that paces the replay.</param>
    public CandumpSource(Stream stream, string? bus, double speed, TimeProvider time) : this(stream, bus, speed, time, wait: null)
    {
    }

    internal CandumpSource(Stream stream, string? bus, double speed, TimeProvider time, Action<TimeSpan>? wait)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(speed);
        _stream = stream;
        _reader = new CandumpReader(stream);
        _bus = bus;
        _speed = speed;
        _time = time;
        if (wait is null)
        {
            _never = new ManualResetEventSlim();
            // Rounded up: a wait of less than a millisecond would be none.
            wait = span => _never.Wait((int)Math.Ceiling(span.TotalMilliseconds));
        }
        _wait = wait;
    }

    /// <summary>Opens a log file.</summary>
    /// <exception cref="CanSourceException">The file is missing or cannot be read.</exception>
    public static CandumpSource Open(string path, string? bus, double speed, TimeProvider time)
    {
        try
        {
            return new CandumpSource(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1), bus, speed, time);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            bool isMissing = e is FileNotFoundException or DirectoryNotFoundException;
            string why = isMissing ? "no such log" : Directory.Exists(path) ? "is a directory; a log was expected" : $"cannot be read: {e.Message}";
            throw new CanSourceException(isMissing ? CanSourceFault.Missing : CanSourceFault.Other, $"{path}: {why}", e);
        }
    }

    /// <summary>Lines that were no frames.</summary>
    public long MalformedLines { get; private set; }

    /// <inheritdoc/>
    public string Details => string.Join(", ", Remarks());

    /// <inheritdoc/>
    public long Dropped => 0;

    /// <inheritdoc/>
    public CanSourceException? Fault { get; private set; }

    /// <inheritdoc/>
    public ReadOutcome Read(FrameBatch batch)
    {
        batch.Clear();
        try
        {
            while (batch.Count < batch.Capacity)
            {
                if (!_hasNext && !(_hasNext = TryReadFrame(out _next))) return batch.Count > 0 ? ReadOutcome.Frames : ReadOutcome.Ended;
                var due = Due(_next.TimestampNs);
                if (due > TimeSpan.Zero)
                {
                    if (batch.Count > 0) break;
                    _wait(due < CanSource.ReadTimeout ? due : CanSource.ReadTimeout);
                    if (Due(_next.TimestampNs) > TimeSpan.Zero) return ReadOutcome.Idle;
                }
                batch.Add(_next.Frame, _next.TimestampNs);
                _hasNext = false;
            }
            return ReadOutcome.Frames;
        }
        catch (IOException e)
        {
            Fault = new CanSourceException(CanSourceFault.Other, $"line {_reader.LineNumber}: cannot read the log: {e.Message}", e);
            return ReadOutcome.Ended;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stream.Dispose();
        _never?.Dispose();
    }

    private IEnumerable<string> Remarks()
    {
        if (MalformedLines > 0) yield return $"{MalformedLines} lines were no frames";
        if (_leftOut > 0) yield return $"{_leftOut} frames of other interfaces than {_bus} were left out, such as {_leftOutBus}";
    }

    private bool TryReadFrame(out CandumpRecord record)
    {
        while (_reader.TryRead(out record))
        {
            if (record.Error is not null) MalformedLines++;
            else if (_bus is null || record.Bus == _bus) return true;
            else (_leftOut, _leftOutBus) = (_leftOut + 1, record.Bus);
        }
        return false;
    }

    private TimeSpan Due(long timestampNs)
    {
        if (_speed == 0) return TimeSpan.Zero;
        if (!_started)
        {
            _started = true;
            _firstNs = timestampNs;
            _startedAt = _time.GetTimestamp();
        }
        // A log may claim centuries: that is waited for as long as anybody likes.
        double microseconds = Math.Clamp((timestampNs - _firstNs) / 1000.0 / _speed, -LongestMicroseconds, LongestMicroseconds);
        return TimeSpan.FromMicroseconds(microseconds) - _time.GetElapsedTime(_startedAt);
    }
}
