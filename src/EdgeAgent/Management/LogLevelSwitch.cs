using Microsoft.Extensions.Logging;

namespace EdgeAgent.Management;

/// <summary>What is logged: the configured level, and for a while another. Any thread; asked for each entry, so it waits for nothing.</summary>
internal sealed class LogLevelSwitch(LogLevel configured, TimeProvider time)
{
    private readonly Lock _gate = new();
    private volatile State _state = new(configured, configured, 0);

    /// <summary>The configured level.</summary>
    public LogLevel Configured
    {
        get => _state.Configured;
        set
        {
            lock (_gate) _state = _state with { Configured = value };
        }
    }

    /// <summary>The level that counts now.</summary>
    public LogLevel Current
    {
        get
        {
            var state = _state;
            return state.Until != 0 && time.GetTimestamp() < state.Until ? state.Temporary : state.Configured;
        }
    }

    public bool IsEnabled(LogLevel level) => level >= Current;

    /// <summary>The configured level alone, at once.</summary>
    public void Reset(LogLevel level)
    {
        lock (_gate) _state = new State(level, level, 0);
    }

    /// <summary>Sets another level for a while; afterwards the configured one counts again by itself.</summary>
    public void Set(LogLevel level, TimeSpan duration)
    {
        long until = time.GetTimestamp() + (long)(duration.TotalSeconds * time.TimestampFrequency);
        lock (_gate) _state = _state with { Temporary = level, Until = until };
    }

    private sealed record State(LogLevel Configured, LogLevel Temporary, long Until);
}
