using System.Globalization;
using EdgeAgent.Management.Commands;
using EdgeAgent.Tenancy;
using Microsoft.Extensions.Logging;

namespace EdgeAgent.Diagnostics.Journal;

/// <summary>
/// Logs to journald with fields: PRIORITY, SYSLOG_IDENTIFIER, MESSAGE_ID and EDGE_EVENT of the event, whatever the entry and its scopes
/// name (<c>{Bus}</c> is EDGE_BUS), and whose the device is. Never waits and never throws: what journald does not take is counted and
/// told later. Any thread.
/// </summary>
internal sealed class JournalLoggerProvider : ILoggerProvider, ISupportExternalScope
{
    public const string Identifier = "edge-agent";

    private readonly JournalSocket _socket;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private readonly JournalEntry _entry = new();
    private readonly JournalRepeats _repeats = new();
    private readonly ITimer _timer;
    private readonly long _begun;
    private IExternalScopeProvider? _scopes;
    private long _lost;
    private string _lostWhy = "";
    private bool _isDisposed;

    /// <param name="socket">The way to journald; disposed with this.</param>
    /// <param name="time">For what is held back (<see cref="JournalRepeats"/>).</param>
    public JournalLoggerProvider(JournalSocket socket, TimeProvider time)
    {
        (_socket, _time, _begun) = (socket, time, time.GetTimestamp());
        _timer = time.CreateTimer(_ => TellHeld(all: false), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Whose the device is, for entries that name no tenant. Called for each entry.</summary>
    public Func<(DeviceId Device, Assignment? Assignment)>? Owner { get; set; }

    private TimeSpan Now => _time.GetElapsedTime(_begun);

    public ILogger CreateLogger(string categoryName) => new Writer(this);

    public void SetScopeProvider(IExternalScopeProvider scopeProvider) => _scopes = scopeProvider;

    /// <summary>Tells what was held back.</summary>
    public void Dispose()
    {
        TellHeld(all: true);
        lock (_gate)
        {
            _isDisposed = true;
            _timer.Dispose();
            _socket.Dispose();
        }
    }

    private void Write<TState>(LogLevel level, EventId id, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        lock (_gate)
        {
            if (_isDisposed) return;
            try
            {
                if (_lost > 0) TellLost();
                string text = exception is null ? formatter(state, exception) : $"{formatter(state, exception)}: {exception.GetType().Name}: {exception.Message}";
                var (bus, stateOfBus) = AddFields(level, id, state, exception);
                var kind = new RepeatedKind(id.Id, bus is null ? text : $"{bus} {stateOfBus}");
                if (id.Id is CommandsLog.ExecutedEvent or CommandsLog.RefusedEvent || _repeats.MayPass(kind, Now)) Send(text);
                else Hold(kind, text);
            }
            catch (Exception e)
            {
                // Whoever logs has other worries. A value may not be able to say what it is.
                Lose(e.Message);
            }
        }
    }

    private (string? Bus, string? State) AddFields<TState>(LogLevel level, EventId id, TState state, Exception? exception)
    {
        _entry.Clear();
        _entry.TryAdd("PRIORITY", PriorityOf(level));
        _entry.TryAdd("SYSLOG_IDENTIFIER", Identifier);
        if (JournalMessageId.Of(id.Id) is { } message) _entry.TryAdd("MESSAGE_ID", message);
        if (id.Name is { } name) _entry.TryAdd("EDGE_EVENT", name);
        string? bus = null, stateOfBus = null;
        if (state is IReadOnlyList<KeyValuePair<string, object?>> members)
        {
            for (int i = 0; i < members.Count; i++)
            {
                string? value = Add(_entry, members[i]);
                // What the text does not name has the parameter's own letters.
                if (members[i].Key.Equals("Bus", StringComparison.OrdinalIgnoreCase)) bus = value;
                else if (members[i].Key == "State") stateOfBus = value;
            }
        }
        _scopes?.ForEachScope(
            static (scope, entry) =>
            {
                if (scope is not IEnumerable<KeyValuePair<string, object?>> named) return;
                foreach (var member in named) Add(entry, member);
            },
            _entry);
        if (exception is not null) _entry.TryAdd("EDGE_EXCEPTION", exception.ToString());
        AddOwner();
        return (bus, stateOfBus);
    }

    private static string? Add(JournalEntry entry, KeyValuePair<string, object?> member)
    {
        if (member.Value is not { } value || JournalEntry.NameOf(member.Key) is not { } name) return null;
        string text = Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
        entry.TryAdd(name, text);
        return text;
    }

    /// <summary>An entry about a tenant says itself which and, where that matters, of which epoch.</summary>
    private void AddOwner()
    {
        if (Owner?.Invoke() is not var (device, assignment)) return;
        _entry.TryAdd("EDGE_DEVICE", device.ToString());
        if (assignment is null || _entry.Has("EDGE_TENANT") || _entry.Has("EDGE_EPOCH")) return;
        _entry.TryAdd("EDGE_TENANT", assignment.Tenant.ToString());
        _entry.TryAdd("EDGE_EPOCH", assignment.Epoch.ToString());
    }

    private void Send(string text)
    {
        _entry.AddText(text);
        if (_socket.TrySend(_entry.Bytes) is { } trouble) Lose(trouble);
    }

    private void Hold(RepeatedKind kind, string text)
    {
        _repeats.Hold(kind, _entry.Bytes.ToArray(), text);
        Arm();
    }

    private void Lose(string why)
    {
        (_lost, _lostWhy) = (_lost + 1, why);
        Arm();
    }

    private void TellLost()
    {
        long lost = _lost;
        _lost = 0;
        DiagnosticsLog.JournalEntriesLost(new Writer(this), lost, _lostWhy);
        // It did not go either, and is no loss.
        if (_lost > 0) _lost += lost - 1;
    }

    private void TellHeld(bool all)
    {
        lock (_gate)
        {
            if (_isDisposed) return;
            if (_lost > 0) TellLost();
            foreach (var repeated in _repeats.TakeDue(Now, all))
            {
                _entry.Restore(repeated.Fields);
                _entry.TryAdd("EDGE_REPEATED", repeated.Count.ToString(CultureInfo.InvariantCulture));
                Send(string.Create(CultureInfo.InvariantCulture, $"{repeated.Text} (the last of {repeated.Count} within {repeated.Within.TotalSeconds:0} s)"));
            }
            Arm();
        }
    }

    private void Arm()
    {
        var due = _repeats.NextDue - Now;
        if (_lost > 0 && !(due < JournalRepeats.Interval)) due = JournalRepeats.Interval;
        if (due is { } wait) _timer.Change(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }

    private static string PriorityOf(LogLevel level) => level switch
    {
        LogLevel.Critical => "2",
        LogLevel.Error => "3",
        LogLevel.Warning => "4",
        LogLevel.Information => "6",
        _ => "7",
    };

    private sealed class Writer(JournalLoggerProvider journal) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => journal._scopes?.Push(state);

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            journal.Write(logLevel, eventId, state, exception, formatter);
    }
}
