namespace EdgeAgent.Outbox;

/// <summary>Where the records of all tenants are.</summary>
internal sealed record OutboxCounts
{
    /// <summary>Samples accepted in batches since the start.</summary>
    public long SealedSamples { get; init; }

    /// <summary>Of these, samples acknowledged by the broker.</summary>
    public long DeliveredSamples { get; init; }

    /// <summary>Samples of earlier runs acknowledged by the broker in this one.</summary>
    public long DeliveredOfEarlierRuns { get; init; }

    /// <summary>Samples of this run that were given up, purged or lost.</summary>
    public long DroppedSamples { get; init; }

    /// <summary>Samples of this run that wait.</summary>
    public long BufferedSamples => SealedSamples - DeliveredSamples - DroppedSamples;

    /// <summary>Samples in memory alone.</summary>
    public long MemorySamples { get; init; }

    /// <summary>Messages in memory alone.</summary>
    public long MemoryMessages { get; init; }

    /// <summary>Payload bytes in memory.</summary>
    public long MemoryBytes { get; init; }

    /// <summary>Batches on the disk.</summary>
    public long StoredBatches { get; init; }

    /// <summary>Bytes of all segments.</summary>
    public long StoredBytes { get; init; }
}

/// <summary>Where the records of one tenant are, in all epochs that its ledgers know.</summary>
/// <param name="BufferedSamples">Samples that wait in memory or on the disk.</param>
/// <param name="BufferedMessages">Messages that do.</param>
/// <param name="StoredBatches">Batches on the disk.</param>
/// <param name="StoredBytes">Bytes of its segments.</param>
/// <param name="Oldest">For how long the oldest of what waits has, by the wall clock; null if nothing does.</param>
/// <param name="Delivered">Records that the broker has acknowledged.</param>
/// <param name="Evicted">Records that were given up.</param>
/// <param name="Corrupt">Records that the disk has altered or lost.</param>
/// <param name="Unconfirmed">Records of which nothing is known, the numbers included that a power cut skipped.</param>
internal sealed record TenantCounts(
    long BufferedSamples, long BufferedMessages, long StoredBatches, long StoredBytes, TimeSpan? Oldest, long Delivered, long Evicted, long Corrupt, long Unconfirmed)
{
    /// <summary>Of <see cref="Delivered"/>, the samples.</summary>
    public long DeliveredSamples { get; init; }

    /// <summary>Payload bytes in memory.</summary>
    public long MemoryBytes { get; init; }
}
