using System.Globalization;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;

namespace EdgeAgent.Simulation.Tests;

/// <summary>What happened, for whoever has to find out why a seed fails: the simulation's steps and the agent's own log, in order.</summary>
internal sealed class Trace : ILogger
{
    private const int MostLines = 400;

    private static readonly string? File = Environment.GetEnvironmentVariable("EDGE_SIMULATION_TRACE");

    private readonly Queue<string> _lines = new();
    private readonly XxHash3 _hash = new();
    private long _count;

    /// <summary>All lines in a few characters: the same for the same story.</summary>
    public string Story
    {
        get
        {
            lock (_lines) return string.Create(CultureInfo.InvariantCulture, $"{_count} lines, {_hash.GetCurrentHashAsUInt64():x16}");
        }
    }

    public void Add(string line)
    {
        lock (_lines)
        {
            _lines.Enqueue(line);
            _count++;
            _hash.Append(MemoryMarshal.AsBytes(line.AsSpan()));
            if (_lines.Count > MostLines) _lines.Dequeue();
            if (File is not null) System.IO.File.AppendAllLines(File, [line]);
        }
    }

    public override string ToString()
    {
        lock (_lines) return string.Join(Environment.NewLine, _lines);
    }

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Add(exception is null ? $"    {logLevel}: {formatter(state, exception)}" : $"    {logLevel}: {formatter(state, exception)}: {exception}");
}
