using EdgeAgent.Can;

namespace EdgeAgent.Obd.Elm;

/// <summary>
/// An adapter with an ELM327 or STN chip on a serial port, for all who ask through it. Opens the port with the first request, on a thread of its
/// own, and again when it was lost; sets the adapter up anew when the next one wants it otherwise. Thread-safe.
/// </summary>
public sealed class ElmAdapter : IDisposable
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromMilliseconds(100);

    private readonly ObdTiming _timing;
    private readonly ExchangeThread _thread;
    private ElmOptions? _options;
    private ElmSession? _session;
    private SerialLine? _line;

    /// <summary>Does not open it yet.</summary>
    /// <param name="port">The serial port, such as <c>/dev/ttyUSB0</c>.</param>
    /// <param name="timing">How often an ECU may ask for time, and the gap between requests.</param>
    /// <param name="time">The system's clock: the port does not follow another one.</param>
    public ElmAdapter(string port, ObdTiming timing, TimeProvider time)
    {
        Port = port;
        _timing = timing;
        _thread = new ExchangeThread($"OBD {port}", timing.Gap, time);
    }

    /// <summary>The serial port.</summary>
    public string Port { get; }

    /// <summary>No request may be under way.</summary>
    public void Dispose()
    {
        _thread.Dispose();
        _line?.Dispose();
    }

    /// <summary>Begins something in the session, runs it to its end and returns what came of it.</summary>
    /// <exception cref="CanSourceException">The adapter or the bus cannot be used.</exception>
    /// <exception cref="ObdException">The request could not be sent.</exception>
    internal Task<T> RunAsync<T>(ElmOptions options, Action<ElmSession> begin, Func<ElmSession, T> result, CancellationToken stop) =>
        _thread.RunAsync(() =>
        {
            try
            {
                var session = Open(options);
                begin(session);
                Exchange(session, _line!, stop);
                return result(session);
            }
            catch (CanSourceException) when (_session?.Trouble is null)
            {
                Close();
                throw;
            }
        }, stop);

    private ElmSession Open(ElmOptions options)
    {
        if (options != _options)
        {
            if (options.Baud != _options?.Baud) Close();
            _options = options;
            _session = new ElmSession(options, _timing);
        }
        if (_line is null)
        {
            _session = new ElmSession(options, _timing);
            _line = SerialLine.Open(Port, options.Baud);
        }
        return _session!;
    }

    private void Close()
    {
        _line?.Dispose();
        _line = null;
    }

    private void Exchange(ElmSession session, SerialLine line, CancellationToken stop)
    {
        while (!session.IsOver)
        {
            stop.ThrowIfCancellationRequested();
            if (session.TryNext(_thread.Now, out var bytes))
            {
                line.Write(bytes);
                continue;
            }
            if (session.IsOver) break;
            var wait = session.Due - _thread.Now;
            var received = line.Read(wait < TimeSpan.Zero ? TimeSpan.Zero : wait < LongestWait ? wait : LongestWait);
            if (!received.IsEmpty) session.Accept(received, _thread.Now);
        }
        if (session.Trouble is not { } trouble) return;
        if (trouble.IsOfBus) throw new CanSourceException(CanSourceFault.Other, $"{Port}: {trouble.Message}");
        throw new ObdException(ObdFault.NotSent, $"{Port}: {trouble.Message}");
    }
}
