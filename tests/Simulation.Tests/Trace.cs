using Microsoft.Extensions.Logging;

namespace EdgeAgent.Simulation.Tests;

/// <summary>What happened, for whoever has to find out why a seed fails: the simulation's steps and the agent's own log, in order.</summary>
internal sealed class Trace : ILogger
{
    private readonly Queue<string> _lines = new();

    public void Add(string line)
    {
        lock (_lines)
        {
            _lines.Enqueue(line);
            if (_lines.Count > 400) _lines.Dequeue();
        }
    }

    public override string ToString()
    {
        lock (_lines) return string.Join(Environment.NewLine, _lines);
    }

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Add($"    {logLevel}: {formatter(state, exception)}");
}
