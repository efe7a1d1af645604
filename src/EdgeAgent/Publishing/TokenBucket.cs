namespace EdgeAgent.Publishing;

/// <summary>
/// A limit on bytes a second, with two seconds' worth of reserve. What goes while there is any left may overdraw it, and what must not wait
/// may overdraw it further; the debt is paid off before anything else goes. Used under its owner's lock.
/// </summary>
internal sealed class TokenBucket(long bytesPerSecond, TimeProvider time)
{
    private static readonly TimeSpan Reserve = TimeSpan.FromSeconds(2);

    private readonly double _most = bytesPerSecond * Reserve.TotalSeconds;
    private double _level = bytesPerSecond * Reserve.TotalSeconds;
    private long _since = time.GetTimestamp();
    private bool _isAmple = true;

    public long BytesPerSecond { get; } = bytesPerSecond;

    public bool HasAny => Level() > 0;

    /// <summary>From being half full until it is empty: what is costly to begin with, as reading a backlog, is then worth it.</summary>
    public bool IsAmple
    {
        get
        {
            double level = Level();
            if (level <= 0) _isAmple = false;
            else if (level >= _most / 2) _isAmple = true;
            return _isAmple;
        }
    }

    public void Spend(int bytes) => _level = Level() - bytes;

    /// <summary>When more may go than now; null if everything may.</summary>
    public TimeSpan? UntilMore()
    {
        if (IsAmple) return null;
        double missing = HasAny ? _most / 2 - Level() : -Level();
        // Rounded up, so that it is true when the time has come.
        return TimeSpan.FromMilliseconds(Math.Ceiling(missing / BytesPerSecond * 1000) + 1);
    }

    private double Level()
    {
        long now = time.GetTimestamp();
        _level = Math.Min(_most, _level + time.GetElapsedTime(_since, now).TotalSeconds * BytesPerSecond);
        _since = now;
        return _level;
    }
}
