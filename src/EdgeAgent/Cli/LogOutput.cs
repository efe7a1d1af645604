using EdgeAgent.Diagnostics;
using EdgeAgent.Diagnostics.Journal;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace EdgeAgent.Cli;

/// <summary>Where the words of a service go: to the journal with fields if stderr goes there, to stderr with priorities if journald has no socket, to anything else with the time.</summary>
internal static class LogOutput
{
    /// <returns>The way to the journal; null if words go elsewhere.</returns>
    public static JournalLoggerProvider? AddTo(ILoggingBuilder logging, TimeProvider time)
    {
        bool isService = JournalStream.IsStandardError();
        if (isService && File.Exists(JournalSocket.DefaultPath))
        {
            var journal = new JournalLoggerProvider(new JournalSocket(JournalSocket.DefaultPath), time);
            logging.Services.AddSingleton<ILoggerProvider>(_ => journal);
            return journal;
        }
        logging.AddConsole(options => options.LogToStandardErrorThreshold = LogLevel.Trace);
        if (isService) logging.AddSystemdConsole();
        else logging.AddSimpleConsole(Readable);
        return null;
    }

    private static void Readable(SimpleConsoleFormatterOptions options)
    {
        options.SingleLine = true;
        options.TimestampFormat = "HH:mm:ss ";
        options.ColorBehavior = Console.IsErrorRedirected ? LoggerColorBehavior.Disabled : LoggerColorBehavior.Default;
    }
}
