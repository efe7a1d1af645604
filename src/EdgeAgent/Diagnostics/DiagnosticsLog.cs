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

    [LoggerMessage(1403, LogLevel.Error, "local users cannot be served: {Trouble}; everything else goes on")]
    public static partial void NoLocalApi(ILogger logger, string trouble);
}
