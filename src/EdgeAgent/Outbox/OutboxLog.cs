using EdgeAgent.Tenancy;
using Microsoft.Extensions.Logging;

namespace EdgeAgent.Outbox;

/// <summary>Events 1200–1299.</summary>
internal static partial class OutboxLog
{
    [LoggerMessage(1200, LogLevel.Information, "outbox: batches of an earlier run that wait to be published: {Count}")]
    public static partial void Backlog(ILogger logger, long count);

    [LoggerMessage(1201, LogLevel.Error, "outbox: cannot write: {Trouble}; holding samples in memory while there is room")]
    public static partial void CannotStore(ILogger logger, string trouble);

    [LoggerMessage(1202, LogLevel.Information, "outbox: writing again")]
    public static partial void StoresAgain(ILogger logger);

    [LoggerMessage(1203, LogLevel.Error, "outbox: {Segment} is broken and was set aside as {Aside}: {Reason}")]
    public static partial void SegmentSetAside(ILogger logger, string segment, string aside, string reason);

    [LoggerMessage(1204, LogLevel.Error, "outbox: {Count} batches in {Segment} were altered on the disk and are lost")]
    public static partial void AlteredBatches(ILogger logger, int count, string segment);

    [LoggerMessage(1205, LogLevel.Warning, "outbox: {Segment}: cannot delete delivered batches: {Trouble}; trying again later")]
    public static partial void DeleteFailed(ILogger logger, string segment, string trouble);

    [LoggerMessage(1206, LogLevel.Error, "outbox: {Segment} cannot be read now: {Trouble}; it is kept for the next start")]
    public static partial void SegmentUnavailable(ILogger logger, string segment, string trouble);

    [LoggerMessage(1207, LogLevel.Warning, "outbox: the last run of tenant {Tenant}, epoch {Epoch} did not end properly: what it had in memory alone is lost. It began at sequence number {First}; numbering goes on at {Next}")]
    public static partial void NumbersSkipped(ILogger logger, TenantId tenant, Epoch epoch, long first, long next);

    [LoggerMessage(1208, LogLevel.Error, "outbox: {Segment} was altered on the disk: the batches in its last {Bytes} bytes are lost; a copy is kept as {Aside}")]
    public static partial void SegmentDamaged(ILogger logger, string segment, long bytes, string aside);

    [LoggerMessage(1209, LogLevel.Warning, "outbox: {Tenant}: the broker refuses its batches; trying again in {Seconds} s, meanwhile everything is kept")]
    public static partial void TenantParked(ILogger logger, TenantId tenant, double seconds);
}
