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

    [LoggerMessage(1303, LogLevel.Error, "batch {First} to {Last} of {Tenant}, epoch {Epoch} cannot be published by this version and is kept: {Trouble}")]
    public static partial void CannotEncode(ILogger logger, long first, long last, TenantId tenant, Epoch epoch, string trouble);

    [LoggerMessage(1301, LogLevel.Warning, "broker: {Trouble}; trying again, meanwhile everything is kept")]
    public static partial void BrokerTrouble(ILogger logger, string trouble);
}
