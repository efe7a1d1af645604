using Microsoft.Extensions.Logging;

namespace EdgeAgent.Diagnostics;

/// <summary>Events 1400–1499.</summary>
internal static partial class DiagnosticsLog
{
    [LoggerMessage(1400, LogLevel.Warning, "cannot notify the service manager: {Trouble}")]
    public static partial void CannotNotify(ILogger logger, string trouble);

    [LoggerMessage(1401, LogLevel.Warning, "{File}: {Count} warnings; see them with: edge-agent dbc show {File}")]
    public static partial void DbcWarnings(ILogger logger, string file, int count);
}
