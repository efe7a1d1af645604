namespace EdgeAgent.Management.Commands;

/// <summary>
/// How often it is said that a document is refused. Whoever may publish can send wrong ones without end, and each that is said costs a
/// record on the disk: <see cref="Burst"/> are said at once, then one each <see cref="Interval"/>. Any thread.
/// </summary>
/// <param name="time">The clock.</param>
internal sealed class RefusalLimiter(TimeProvider time)
{
    public const int Burst = 4;

    public static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly long _begun = time.GetTimestamp();
    private TimeSpan _paidUntil;
    private long _suppressed;

    /// <summary>True if this refusal is to be said; otherwise it is counted.</summary>
    /// <param name="suppressed">How many were not said since the last that was; zero if this one is not.</param>
    public bool ShouldSay(out long suppressed)
    {
        lock (_gate)
        {
            var now = time.GetElapsedTime(_begun);
            suppressed = 0;
            if (_paidUntil - now > (Burst - 1) * Interval)
            {
                _suppressed++;
                return false;
            }
            _paidUntil = (_paidUntil > now ? _paidUntil : now) + Interval;
            (suppressed, _suppressed) = (_suppressed, 0);
            return true;
        }
    }
}
