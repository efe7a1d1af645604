namespace EdgeAgent.Capture;

/// <summary>What is to be done about the bus of a source.</summary>
/// <param name="SilentAfter">Without a frame for so long it counts as silent.</param>
/// <param name="RestartAfter">How long after bus-off its controller is restarted, if it does not return by itself; null for never.</param>
/// <param name="ListenOnly">True if nothing may be sent on it, whatever its controller allows.</param>
internal sealed record BusPolicy(TimeSpan SilentAfter, TimeSpan? RestartAfter = null, bool ListenOnly = false)
{
    public static readonly TimeSpan ShortestSilence = TimeSpan.FromSeconds(1), LongestSilence = TimeSpan.FromHours(1);

    public static readonly TimeSpan ShortestRestart = TimeSpan.FromSeconds(0.1), LongestRestart = TimeSpan.FromHours(1);

    public static readonly BusPolicy Default = new(TimeSpan.FromSeconds(10));
}
