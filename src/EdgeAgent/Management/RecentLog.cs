using System.Globalization;
using EdgeAgent.Tenancy.Documents;
using Microsoft.Extensions.Logging;

namespace EdgeAgent.Management;

/// <summary>Remembers the last lines that were logged, for whoever looks for a fault. Any thread.</summary>
internal sealed class RecentLog(TimeProvider time) : ILoggerProvider
{
    public const int Capacity = 500;

    private readonly Lock _gate = new();
    private readonly Queue<string> _lines = new(Capacity);

    /// <summary>The oldest first, each on one line and at most 500 characters long.</summary>
    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_gate) return [.. _lines];
        }
    }

    /// <summary>Forgets them: what was logged while the device was one tenant's is not for the next.</summary>
    public void Clear()
    {
        lock (_gate) _lines.Clear();
    }

    public ILogger CreateLogger(string categoryName) => new Writer(this);

    public void Dispose()
    {
    }

    private void Add(LogLevel level, EventId id, string text)
    {
        string line = Quoted.Line(string.Create(CultureInfo.InvariantCulture, $"{time.GetUtcNow():yyyy-MM-dd'T'HH:mm:ss.fff'Z'} {level.ToString().ToLowerInvariant()} {id.Id} {text}"));
        lock (_gate)
        {
            if (_lines.Count == Capacity) _lines.Dequeue();
            _lines.Enqueue(line);
        }
    }

    private sealed class Writer(RecentLog log) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            log.Add(logLevel, eventId, exception is null ? formatter(state, exception) : $"{formatter(state, exception)}: {exception.GetType().Name}: {exception.Message}");
    }
}
