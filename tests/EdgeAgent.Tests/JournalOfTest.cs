using Microsoft.Extensions.Logging;

namespace EdgeAgent.Tests;

/// <summary>What was logged.</summary>
/// <param name="levels">Whether each line begins with its level.</param>
internal sealed class JournalOfTest(bool levels = false) : ILogger
{
    public List<string> Lines { get; } = [];

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        string line = formatter(state, exception);
        lock (Lines) Lines.Add(levels ? $"{logLevel} {line}" : line);
    }
}
