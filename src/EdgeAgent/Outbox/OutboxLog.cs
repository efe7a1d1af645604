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

    [LoggerMessage(1205, LogLevel.Warning, "outbox: {Segment}: cannot delete delivered batches: {Trouble}; trying again later")]
    public static partial void DeleteFailed(ILogger logger, string segment, string trouble);

    [LoggerMessage(1206, LogLevel.Error, "outbox: {Segment} cannot be read now: {Trouble}; trying again later")]
    public static partial void SegmentUnavailable(ILogger logger, string segment, string trouble);

    [LoggerMessage(1207, LogLevel.Warning, "outbox: the last run of tenant {Tenant}, epoch {Epoch} did not end properly or the disk has lost something: what it had in memory alone is gone. Numbering goes on at {NextSample} (samples) and {NextMessage} (messages); the ledger says what is unconfirmed")]
    public static partial void NumbersSkipped(ILogger logger, TenantId tenant, Epoch epoch, long nextSample, long nextMessage);

    [LoggerMessage(1208, LogLevel.Error, "outbox: {Segment} was altered on the disk: the batches in its last {Bytes} bytes are lost; a copy is kept as {Aside} if there is room for it")]
    public static partial void SegmentDamaged(ILogger logger, string segment, long bytes, string aside);

    [LoggerMessage(1209, LogLevel.Warning, "outbox: {Tenant}: the broker refuses its batches; trying again in {Seconds} s, meanwhile everything is kept")]
    public static partial void TenantParked(ILogger logger, TenantId tenant, double seconds);

    [LoggerMessage(1210, LogLevel.Error, "outbox: the ledger of tenant {Tenant}, epoch {Epoch} is damaged or gone; this assignment cannot record, its stored batches are published")]
    public static partial void LedgerDamaged(ILogger logger, TenantId tenant, Epoch epoch);

    [LoggerMessage(1211, LogLevel.Error, "outbox: a message for {Channel} waits for a number, which cannot be reserved: {Trouble}")]
    public static partial void MessageWaits(ILogger logger, Channel channel, string trouble);

    [LoggerMessage(1212, LogLevel.Error, "outbox: no room for the messages of {Tenant}: one for {Channel} is lost")]
    public static partial void MessageLost(ILogger logger, TenantId tenant, Channel channel);

    [LoggerMessage(1213, LogLevel.Warning, "outbox: {Tenant}: {Records} records were given up to make room ({Reason})")]
    public static partial void Evicted(ILogger logger, TenantId tenant, long records, string reason);

    [LoggerMessage(1214, LogLevel.Error, "outbox: {Tenant}: {Records} records are lost, since the disk has altered or lost what held them")]
    public static partial void Missing(ILogger logger, TenantId tenant, long records);

    [LoggerMessage(1215, LogLevel.Information, "outbox: {Tenant}: its key and all that waited are destroyed ({Outcome})")]
    public static partial void TenantDropped(ILogger logger, TenantId tenant, string outcome);

    [LoggerMessage(1216, LogLevel.Error, "outbox: the key of {Tenant} is unusable; another is made, and what the old one encrypted is lost")]
    public static partial void KeyDamaged(ILogger logger, TenantId tenant);

    [LoggerMessage(1217, LogLevel.Error, "outbox: the ledger cannot be written: {Trouble}; until it can, nothing is deleted from the disk")]
    public static partial void LedgerNotSaved(ILogger logger, string trouble);

    [LoggerMessage(1218, LogLevel.Error, "outbox: {Tenant}: a message for {Channel} of {Bytes} bytes is more than a record holds; its size is recorded instead")]
    public static partial void MessageOversize(ILogger logger, TenantId tenant, Channel channel, int bytes);

    [LoggerMessage(1219, LogLevel.Error, "outbox: {Tenant}: {Count} messages are lost, since no number could be reserved for them")]
    public static partial void UnnumberedLost(ILogger logger, TenantId tenant, int count);

    [LoggerMessage(1220, LogLevel.Debug, "outbox: {Tenant}: the device is not its any more; a message for {Channel} and all after it go nowhere")]
    public static partial void RecorderClosed(ILogger logger, TenantId tenant, Channel channel);
}
