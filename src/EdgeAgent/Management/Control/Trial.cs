using EdgeAgent.Capture;
using EdgeAgent.Tenancy;

namespace EdgeAgent.Management.Control;

/// <summary>What a trial has come to.</summary>
internal enum TrialVerdict
{
    /// <summary>It goes on.</summary>
    Open,

    /// <summary>The configuration is good.</summary>
    Passed,

    /// <summary>It is to be rolled back.</summary>
    Failed,
}

/// <summary>
/// Watches a configuration that has just come into force: the agent stays up, the broker is there, every source opens. A source that
/// cannot be opened ends it at once, so that a bad configuration is gone within ten seconds. Without a network nothing is held against it:
/// the trial lasts until the broker has been there; only a broker that was there and does not come back is.
/// </summary>
internal sealed class Trial(Pipeline? pipeline, TimeSpan length, TimeProvider time)
{
    /// <summary>How long a source may take to open, or to come back.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly long _begun = time.GetTimestamp();
    private readonly bool[] _opened = new bool[pipeline?.Readers.Count ?? 0];
    private readonly long?[] _troubledSince = new long?[pipeline?.Readers.Count ?? 0];
    private long? _brokerSeen;

    /// <summary>When it can be passed at the earliest.</summary>
    public TimeSpan EndsIn => time.GetElapsedTime(_begun) is var elapsed && elapsed < length ? length - elapsed : TimeSpan.Zero;

    /// <summary>One look; to be taken regularly.</summary>
    /// <param name="brokerIsThere">Whether the broker is connected now.</param>
    /// <param name="mistakes">Why it failed.</param>
    public TrialVerdict Look(bool brokerIsThere, out IReadOnlyList<ConfigurationMistake> mistakes)
    {
        if (brokerIsThere) _brokerSeen = time.GetTimestamp();
        List<ConfigurationMistake> found = [];
        bool allOpened = true;
        for (int i = 0; i < _opened.Length; i++)
        {
            var reader = pipeline!.Readers[i];
            if (reader.State is SourceState.Open or SourceState.Ended)
            {
                _opened[i] = true;
                _troubledSince[i] = null;
                continue;
            }
            long since = _troubledSince[i] ??= time.GetTimestamp();
            if (time.GetElapsedTime(since) >= Patience) found.Add(new ConfigurationMistake($"/sources/{i}", reader.Trouble ?? $"{reader.Source.Bus} does not open"));
            allOpened &= _opened[i];
        }
        // Twice as long as the trial, since whoever drives through a tunnel comes out again.
        if (_brokerSeen is { } seen && time.GetElapsedTime(seen) >= 2 * length) found.Add(new ConfigurationMistake("", $"the broker was there and did not come back within {2 * length.TotalSeconds:0} s"));
        mistakes = found;
        if (found.Count > 0) return TrialVerdict.Failed;
        return time.GetElapsedTime(_begun) >= length && allOpened && brokerIsThere ? TrialVerdict.Passed : TrialVerdict.Open;
    }
}
