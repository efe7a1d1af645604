namespace EdgeAgent.Management.Commands;

/// <summary>
/// Who has looked at what. Somebody who only looks at the agent again, as a scraper of metrics does four times a minute, leaves an audit entry an hour,
/// since each is a record on the disk. Any thread.
/// </summary>
internal sealed class RepeatedLooks(TimeProvider time)
{
    public static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    /// <summary>When there are more, all are forgotten, and told of once more.</summary>
    private const int MaxKnown = 256;

    private readonly Lock _gate = new();
    private readonly Dictionary<(string Who, string What), long> _known = [];

    /// <summary>True if nothing was said of it within the last hour.</summary>
    public bool IsNew(string who, string what)
    {
        lock (_gate)
        {
            if (_known.TryGetValue((who, what), out long at) && time.GetElapsedTime(at) < Interval) return false;
            if (_known.Count == MaxKnown) _known.Clear();
            _known[(who, what)] = time.GetTimestamp();
            return true;
        }
    }
}
