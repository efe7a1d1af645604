namespace EdgeAgent.Capture;

/// <summary>How a loop shows that it goes on: it beats it each time it comes round, and a watchdog looks. Beaten by its one loop, looked at by anybody.</summary>
/// <param name="name">The loop's.</param>
/// <param name="longestSilence">How long it may take to come round when all is well, and then some.</param>
internal sealed class Pulse(string name, TimeSpan longestSilence)
{
    private long _beats;

    public string Name => name;

    public TimeSpan LongestSilence => longestSilence;

    /// <summary>Since the start.</summary>
    public long Beats => Volatile.Read(ref _beats);

    public void Beat() => Volatile.Write(ref _beats, _beats + 1);
}
