using Microsoft.Extensions.Logging;

namespace EdgeAgent.Capture;

/// <summary>Events 1100–1199.</summary>
internal static partial class CaptureLog
{
    [LoggerMessage(1100, LogLevel.Information, "{Bus}: open ({Description})")]
    public static partial void SourceOpened(ILogger logger, BusName bus, string description);

    [LoggerMessage(1101, LogLevel.Warning, "{Trouble}; trying again")]
    public static partial void SourceUnavailable(ILogger logger, string trouble);

    [LoggerMessage(1103, LogLevel.Warning, "{Bus}: {Reason} without a single frame")]
    public static partial void SourceWasEmpty(ILogger logger, BusName bus, string reason);

    [LoggerMessage(1102, LogLevel.Information, "{Bus}: {Reason} after {Frames} frames")]
    public static partial void SourceEnded(ILogger logger, BusName bus, string reason, long frames);
}
