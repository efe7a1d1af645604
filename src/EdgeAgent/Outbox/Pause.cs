namespace EdgeAgent.Outbox;

/// <summary>A wait that doubles from a second to a minute.</summary>
internal readonly record struct Pause(TimeSpan Length, long Since, bool IsAnnounced)
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    public bool IsOn(TimeProvider time) => Length > TimeSpan.Zero && time.GetElapsedTime(Since) < Length;

    public Pause Longer(TimeProvider time)
    {
        var length = Length == TimeSpan.Zero ? TimeSpan.FromSeconds(1) : Length * 2;
        return new Pause(length < Longest ? length : Longest, time.GetTimestamp(), IsAnnounced: false);
    }
}
