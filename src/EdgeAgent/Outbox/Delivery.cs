namespace EdgeAgent.Outbox;

/// <summary>A batch on its way to the broker. Its state belongs to the outbox.</summary>
internal sealed class Delivery(Batch batch, long since)
{
    public Batch Batch { get; } = batch;

    /// <summary>When it was accepted, on the monotonic clock.</summary>
    public long Since { get; } = since;

    public bool InFlight { get; set; }

    /// <summary>Its place on the disk, if it is there.</summary>
    public StoredId? StoredAs { get; set; }

    public bool InMemory { get; set; } = true;
}

/// <summary>The outbox's limits.</summary>
/// <param name="FlushAfter">How long a batch may be in memory alone while the broker is there; as much is lost in a power cut.</param>
/// <param name="MemoryBytes">The most payload bytes in memory.</param>
internal sealed record OutboxOptions(TimeSpan FlushAfter, long MemoryBytes)
{
    /// <summary>The most batches in one transaction.</summary>
    public const int StoreTogether = 16;
}

/// <summary>Where the samples are.</summary>
internal sealed record OutboxCounts
{
    /// <summary>Samples accepted in batches since the start.</summary>
    public long SealedSamples { get; init; }

    /// <summary>Of these, samples acknowledged by the broker.</summary>
    public long DeliveredSamples { get; init; }

    /// <summary>Samples of earlier runs acknowledged by the broker in this one.</summary>
    public long DeliveredOfEarlierRuns { get; init; }

    /// <summary>Samples of this run that the broker has not acknowledged.</summary>
    public long BufferedSamples => SealedSamples - DeliveredSamples;

    /// <summary>Samples in memory.</summary>
    public long MemorySamples { get; init; }

    /// <summary>Batches on the disk.</summary>
    public long StoredBatches { get; init; }
}
