using EdgeAgent.Tenancy;
using Microsoft.Extensions.Logging;

namespace EdgeAgent.Publishing;

/// <summary>Events 1300–1399.</summary>
internal static partial class PublishingLog
{
    [LoggerMessage(1300, LogLevel.Information, "broker: connected")]
    public static partial void Connected(ILogger logger);

    [LoggerMessage(1302, LogLevel.Warning, "broker: {Trouble}")]
    public static partial void Refused(ILogger logger, string trouble);

    [LoggerMessage(1303, LogLevel.Error, "batch {First} to {Last} for {Channel} of {Tenant}, epoch {Epoch} cannot be published by this version and is kept for a later one: {Trouble}")]
    public static partial void CannotPublish(ILogger logger, long first, long last, string channel, TenantId tenant, Epoch epoch, string trouble);

    [LoggerMessage(1305, LogLevel.Error, "batch {First} to {Last} for {Channel} of {Tenant}, epoch {Epoch} is too large for the broker and is lost: {Trouble}")]
    public static partial void TooLarge(ILogger logger, long first, long last, string channel, TenantId tenant, Epoch epoch, string trouble);

    [LoggerMessage(1304, LogLevel.Warning, "{Topic}: a message could not be dealt with and comes again in a later connection: {Trouble}")]
    public static partial void NotDealtWith(ILogger logger, string topic, string trouble);

    [LoggerMessage(1306, LogLevel.Warning, "{Topic}: a message came while too many others waited and was passed over, as further ones may be; connecting anew later to get them again")]
    public static partial void PassedOver(ILogger logger, string topic);

    [LoggerMessage(1301, LogLevel.Warning, "broker: {Trouble}; trying again, meanwhile everything is kept")]
    public static partial void BrokerTrouble(ILogger logger, string trouble);
}
