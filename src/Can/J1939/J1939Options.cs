namespace EdgeAgent.Can.J1939;

/// <summary>How a node sends and receives messages of several packets (SAE J1939-21 §5.10). Times default to the standard's.</summary>
public sealed record J1939Options
{
    /// <summary>The most packets that a sender may send before it waits for the next clear to send: 1–255.</summary>
    public int PacketsPerClearToSend { get; init; } = 16;

    /// <summary>Between two packets of a broadcast, 10–200 ms (§5.12.3).</summary>
    public TimeSpan BroadcastInterval { get; init; } = J1939Limits.BroadcastInterval;

    /// <summary>Tr: how long a frame may wait for the bus.</summary>
    public TimeSpan SendTimeout { get; init; } = J1939Limits.ResponseTime;

    /// <summary>Th.</summary>
    public TimeSpan HoldInterval { get; init; } = J1939Limits.HoldInterval;

    /// <summary>T1.</summary>
    public TimeSpan PacketTimeout { get; init; } = J1939Limits.PacketTimeout;

    /// <summary>T2.</summary>
    public TimeSpan ClearToSendTimeout { get; init; } = J1939Limits.ClearToSendTimeout;

    /// <summary>T3.</summary>
    public TimeSpan AnswerTimeout { get; init; } = J1939Limits.AnswerTimeout;

    /// <summary>T4.</summary>
    public TimeSpan HoldTimeout { get; init; } = J1939Limits.HoldTimeout;

    /// <exception cref="ArgumentOutOfRangeException">A number is outside its range.</exception>
    internal void Check()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(PacketsPerClearToSend, 1, nameof(PacketsPerClearToSend));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(PacketsPerClearToSend, J1939Limits.MaxPackets, nameof(PacketsPerClearToSend));
        ArgumentOutOfRangeException.ThrowIfLessThan(BroadcastInterval, TimeSpan.FromMilliseconds(10), nameof(BroadcastInterval));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(BroadcastInterval, TimeSpan.FromMilliseconds(200), nameof(BroadcastInterval));
    }
}
