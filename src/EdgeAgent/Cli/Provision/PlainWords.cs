using Microsoft.Extensions.Logging;

namespace EdgeAgent.Cli.Provision;

/// <summary>What a service would log, as a command says it: a line on stderr.</summary>
internal sealed class PlainWords : ILoggerProvider, ILogger
{
    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Console.Error.WriteLine($"edge-agent: {formatter(state, exception)}");

    public void Dispose()
    {
    }
}
