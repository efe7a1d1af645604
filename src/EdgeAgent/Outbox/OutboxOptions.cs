namespace EdgeAgent.Outbox;

/// <summary>The outbox's limits.</summary>
/// <param name="FlushAfter">How long a batch may be in memory alone; as much is lost in a power cut.</param>
/// <param name="MemoryBytes">The most payload bytes in memory. Messages of high priority may take a quarter more.</param>
internal sealed record OutboxOptions(TimeSpan FlushAfter, long MemoryBytes)
{
    public const long DefaultMemoryBytes = 8 * 1024 * 1024, DefaultMaxStoreBytes = 512L * 1024 * 1024, DefaultReserveBytes = 32L * 1024 * 1024;

    /// <summary>The most batches in one transaction, and the bytes of payload at which no more are added.</summary>
    public const int StoreTogether = 128, StoreTogetherBytes = 512 * 1024;

    /// <summary>The most bytes of segments of all tenants together; exceeded by at most one transaction.</summary>
    public long MaxStoreBytes { get; init; } = DefaultMaxStoreBytes;

    /// <summary>When the file system has less than this free, segments grow no more: what is stored then takes the place of something else.</summary>
    public long ReserveBytes { get; init; } = DefaultReserveBytes;
}

/// <summary>What a tenant may use of the outbox.</summary>
/// <param name="QuotaBytes">The most bytes of its segments; exceeded by at most one transaction.</param>
/// <param name="FlushAfter">As <see cref="OutboxOptions.FlushAfter"/>, for this tenant.</param>
internal sealed record TenantOutboxOptions(long QuotaBytes, TimeSpan FlushAfter);
