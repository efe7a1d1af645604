using Microsoft.Extensions.Logging;

namespace EdgeAgent.Publishing;

/// <summary>Events 1300–1399.</summary>
internal static partial class PublishingLog
{
    [LoggerMessage(1300, LogLevel.Information, "broker: connected")]
    public static partial void Connected(ILogger logger);

    [LoggerMessage(1301, LogLevel.Warning, "broker: {Trouble}; trying again, meanwhile everything is kept")]
    public static partial void BrokerTrouble(ILogger logger, string trouble);
}
