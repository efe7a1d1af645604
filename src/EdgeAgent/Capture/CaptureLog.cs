using Microsoft.Extensions.Logging;

namespace EdgeAgent.Capture;

/// <summary>Events 1100–1199.</summary>
internal static partial class CaptureLog
{
    [LoggerMessage(1100, LogLevel.Information, "{Bus}: open ({Description})")]
    public static partial void SourceOpened(ILogger logger, BusName bus, string description);

    // The trouble names the bus in its own words; this is for the journal's EDGE_BUS.
#pragma warning disable SYSLIB1015
    [LoggerMessage(1101, LogLevel.Warning, "{Trouble}; trying again")]
    public static partial void SourceUnavailable(ILogger logger, BusName bus, string trouble);
#pragma warning restore SYSLIB1015

    [LoggerMessage(1103, LogLevel.Warning, "{Bus}: {Reason} without a single frame")]
    public static partial void SourceWasEmpty(ILogger logger, BusName bus, string reason);

    [LoggerMessage(1102, LogLevel.Information, "{Bus}: {Reason} after {Frames} frames")]
    public static partial void SourceEnded(ILogger logger, BusName bus, string reason, long frames);

    [LoggerMessage(1110, LogLevel.Information, "{Bus}: silent, so its ECUs are left alone until somebody else sends")]
    public static partial void BusIsSilent(ILogger logger, BusName bus);

    [LoggerMessage(1111, LogLevel.Information, "{Bus}: awake, so its ECUs are asked again")]
    public static partial void BusIsAskedAgain(ILogger logger, BusName bus);

    [LoggerMessage(1112, LogLevel.Warning, "{Bus}: its ECUs cannot be asked: {Trouble}")]
    public static partial void EcusCannotBeAsked(ILogger logger, BusName bus, string trouble);

    [LoggerMessage(1113, LogLevel.Information, "{Bus}: no ECU answers to {Query}; it is not asked for again in this trip")]
    public static partial void QueryIsUnsupported(ILogger logger, BusName bus, string query);

    [LoggerMessage(1114, LogLevel.Warning, "{Bus}: another tester is asking, so the ECUs are left to it until it has been quiet for {Seconds} s")]
    public static partial void AnotherTesterAsks(ILogger logger, BusName bus, double seconds);

    [LoggerMessage(1115, LogLevel.Information, "{Bus}: the engine is off, so the ECUs are left alone")]
    public static partial void EngineIsOff(ILogger logger, BusName bus);

    [LoggerMessage(1116, LogLevel.Information, "{Bus}: the engine runs, so its ECUs are asked again")]
    public static partial void EngineRuns(ILogger logger, BusName bus);

    [LoggerMessage(1117, LogLevel.Information, "{Bus}: {Achieved} answers a second of {Wanted} that are wanted; the ECUs or obd.requestsPerSecond allow no more")]
    public static partial void EcusAreSlow(ILogger logger, BusName bus, double achieved, double wanted);
}
