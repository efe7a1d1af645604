using EdgeAgent.Capture;
using Microsoft.Extensions.Logging;

namespace EdgeAgent.Diagnostics;

/// <summary>Events 1400–1499.</summary>
internal static partial class DiagnosticsLog
{
    [LoggerMessage(1400, LogLevel.Warning, "cannot notify the service manager: {Trouble}")]
    public static partial void CannotNotify(ILogger logger, string trouble);

    [LoggerMessage(1401, LogLevel.Warning, "{File}: {Count} warnings; see them with: edge-agent dbc show {File}")]
    public static partial void DbcWarnings(ILogger logger, string file, int count);

    [LoggerMessage(1402, LogLevel.Debug, "local users are served at {Path}")]
    public static partial void LocalApiServes(ILogger logger, string path);

    [LoggerMessage(1406, LogLevel.Warning, "{Count} entries could not be written to the journal: {Trouble}")]
    public static partial void JournalEntriesLost(ILogger logger, long count, string trouble);

    [LoggerMessage(1410, LogLevel.Warning, "{Bus}: {State}{Details}{Remedy}")]
    public static partial void BusIsTroubled(ILogger logger, BusName bus, string state, string details, string remedy);

    [LoggerMessage(1411, LogLevel.Information, "{Bus}: {State} again{Details}")]
    public static partial void BusIsWell(ILogger logger, BusName bus, string state, string details);

    [LoggerMessage(1412, LogLevel.Warning, "{Bus}: {Errors}; the last: {Last}; {Remedy}")]
    public static partial void BusHasErrors(ILogger logger, BusName bus, string errors, string last, string remedy);

    [LoggerMessage(1413, LogLevel.Information, "{Bus}: no frame for {Seconds} s: silent")]
    public static partial void BusFellSilent(ILogger logger, BusName bus, double seconds);

    [LoggerMessage(1414, LogLevel.Information, "{Bus}: awake again after {Seconds} s of silence")]
    public static partial void BusWoke(ILogger logger, BusName bus, double seconds);

    [LoggerMessage(1415, LogLevel.Warning, "{Bus}: its controller was restarted after bus-off (attempt {Attempt}); the next time after {Seconds} s")]
    public static partial void ControllerRestarted(ILogger logger, BusName bus, int attempt, double seconds);

    // The trouble names the bus in its own words; this is for the journal's EDGE_BUS.
#pragma warning disable SYSLIB1015
    [LoggerMessage(1416, LogLevel.Warning, "its controller cannot be restarted after bus-off: {Trouble}")]
    public static partial void ControllerNotRestarted(ILogger logger, BusName bus, string trouble);
#pragma warning restore SYSLIB1015

    [LoggerMessage(1417, LogLevel.Warning, "{Bus}: another vehicle than before")]
    public static partial void VehicleIsAnother(ILogger logger, BusName bus);

    [LoggerMessage(1418, LogLevel.Warning, "which vehicle this is cannot be kept for the next start: {Trouble}")]
    public static partial void VehicleIsNotKept(ILogger logger, string trouble);

    [LoggerMessage(1403, LogLevel.Error, "local users cannot be served: {Trouble}; everything else goes on")]
    public static partial void NoLocalApi(ILogger logger, string trouble);

    [LoggerMessage(1404, LogLevel.Critical, "the {Loop} loop has not moved for {Seconds:0.#} s; until it does there is no heartbeat for the service manager, which then starts the agent anew")]
    public static partial void LoopStalled(ILogger logger, string loop, double seconds);

    [LoggerMessage(1405, LogLevel.Warning, "the {Loop} loop moves again")]
    public static partial void LoopMovesAgain(ILogger logger, string loop);

    [LoggerMessage(1430, LogLevel.Warning, "{Address}: somebody asked with a wrong token")]
    public static partial void WrongToken(ILogger logger, string address);

    [LoggerMessage(1431, LogLevel.Error, "{Path}: no token: {Trouble}; nobody is served at /localApi/port")]
    public static partial void NoToken(ILogger logger, string path, string trouble);
}
