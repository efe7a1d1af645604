using EdgeAgent.Can;

namespace EdgeAgent.Obd.Elm;

/// <summary>
/// The ECUs behind an adapter with an ELM327 or STN chip on a serial port. Opens the port with the first request, on a thread of its own, and
/// again when it was lost. Thread-safe.
/// </summary>
/// <remarks>
/// Outside of CAN an ECU with address <c>xx</c> is named 18DAF1xx, all are asked whomever a request is for, and answers are given in the form
/// that they have on CAN. An ECU that asks for time has 1.02 s with an ELM327 and 5.1 s with an STN chip.
/// </remarks>
public sealed class ElmObdLink : IObdLink, IDisposable
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromMilliseconds(100);

    private readonly string _port;
    private readonly int _baud;
    private readonly ElmSession _session;
    private readonly ExchangeThread _thread;
    private SerialLine? _line;

    /// <summary>Does not open it yet.</summary>
    /// <param name="port">The serial port, such as <c>/dev/ttyUSB0</c>.</param>
    /// <param name="baud">Its baud rate: 38400 for most adapters with an ELM327, 115200 for those with an STN chip.</param>
    /// <param name="options">How it is used.</param>
    /// <param name="timing">How often an ECU may ask for time, and the gap between requests.</param>
    /// <param name="time">The system's clock: the port does not follow another one.</param>
    public ElmObdLink(string port, int baud, ElmOptions options, ObdTiming timing, TimeProvider time)
    {
        _port = port;
        _baud = baud;
        _session = new ElmSession(options, timing);
        _thread = new ExchangeThread($"OBD {port}", timing.Gap, time);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<ObdAnswer>> RequestAsync(CanId? ecu, ReadOnlyMemory<byte> request, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfZero(request.Length, nameof(request));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(request.Length, ElmOptions.LongestRequest, nameof(request));
        return _thread.RunAsync(() =>
        {
            _session.Start(ecu, request);
            Exchange(cancellation);
            return _session.Answers;
        }, cancellation);
    }

    /// <summary>The battery's voltage as the adapter measures it (AT RV), without a word on the bus; null if it cannot.</summary>
    /// <exception cref="CanSourceException">The adapter cannot be used.</exception>
    public Task<double?> VoltageAsync(CancellationToken cancellation) => _thread.RunAsync(() =>
    {
        _session.StartVoltage();
        Exchange(cancellation);
        return _session.Voltage;
    }, cancellation);

    /// <summary>No request may be under way.</summary>
    public void Dispose()
    {
        _thread.Dispose();
        _line?.Dispose();
    }

    private void Exchange(CancellationToken stop)
    {
        try
        {
            var line = _line ??= SerialLine.Open(_port, _baud);
            while (!_session.IsOver)
            {
                stop.ThrowIfCancellationRequested();
                if (_session.TryNext(_thread.Now, out var bytes))
                {
                    line.Write(bytes);
                    continue;
                }
                if (_session.IsOver) break;
                var wait = _session.Due - _thread.Now;
                var received = line.Read(wait < TimeSpan.Zero ? TimeSpan.Zero : wait < LongestWait ? wait : LongestWait);
                if (!received.IsEmpty) _session.Accept(received, _thread.Now);
            }
        }
        catch (CanSourceException)
        {
            _line?.Dispose();
            _line = null;
            throw;
        }
        if (_session.Trouble is not { } trouble) return;
        if (trouble.IsOfBus) throw new CanSourceException(CanSourceFault.Other, $"{_port}: {trouble.Message}");
        throw new ObdException(ObdFault.NotSent, $"{_port}: {trouble.Message}");
    }
}
