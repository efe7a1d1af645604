namespace EdgeAgent.Diagnostics.Local;

/// <summary>Counts by the minute who was refused how often. Any thread.</summary>
internal sealed class LocalRefusals(TimeProvider time)
{
    /// <summary>Each refusal is an entry in the journal, most also on the disk: more of one in a minute are not looked at.</summary>
    public const int Most = 30;

    /// <summary>Who are counted apart; further ones share a count.</summary>
    private const int MaxCounted = 64;

    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, int> _counts = [];
    private long _since = time.GetTimestamp();

    /// <summary>False if he was refused too often within this minute.</summary>
    public bool MayTry(string who)
    {
        lock (_gate)
        {
            if (time.GetElapsedTime(_since) >= Minute)
            {
                _counts.Clear();
                _since = time.GetTimestamp();
            }
            return _counts.GetValueOrDefault(Counted(who)) < Most;
        }
    }

    public void Count(string who)
    {
        lock (_gate) _counts[Counted(who)] = _counts.GetValueOrDefault(Counted(who)) + 1;
    }

    private string Counted(string who) => _counts.ContainsKey(who) || _counts.Count < MaxCounted ? who : "";
}
