using System.IO.Ports;
using EdgeAgent.Can;

namespace EdgeAgent.Obd.Elm;

/// <summary>A serial port, 8 data bits, no parity, one stop bit. One thread at a time; whoever reads waits in the call.</summary>
internal sealed class SerialLine : IDisposable
{
    private readonly SerialPort _port;
    private readonly Stream _stream;
    private readonly byte[] _buffer = new byte[4096];
    private Task<int>? _reading;

    private SerialLine(SerialPort port)
    {
        _port = port;
        _stream = port.BaseStream;
    }

    /// <summary>Opens a port, which nobody else can open then.</summary>
    /// <exception cref="CanSourceException">It is missing, in use, or no serial port.</exception>
    public static SerialLine Open(string path, int baud)
    {
        if (!File.Exists(path)) throw new CanSourceException(CanSourceFault.Missing, $"{path}: no such serial port; `ls /dev/serial/by-id` shows which adapters are plugged in");
        var port = new SerialPort(path, baud, Parity.None, 8, StopBits.One) { Handshake = Handshake.None };
        try
        {
            port.Open();
            port.DiscardInBuffer();
            return new SerialLine(port);
        }
        catch (UnauthorizedAccessException e)
        {
            port.Dispose();
            throw new CanSourceException(CanSourceFault.NotPermitted, $"{path}: is no serial port, is used by somebody else, or not for this user (group dialout)", e);
        }
        catch (Exception e) when (e is IOException or ArgumentException or InvalidOperationException)
        {
            port.Dispose();
            throw new CanSourceException(CanSourceFault.Other, $"{path}: cannot be opened as a serial port of {baud} baud: {e.Message}", e);
        }
        catch (DllNotFoundException e)
        {
            port.Dispose();
            throw new CanSourceException(CanSourceFault.NoKernelSupport, $"{path}: libSystem.IO.Ports.Native.so is missing; it belongs beside the program", e);
        }
    }

    /// <summary>What has come, or comes in time; empty if nothing does. Valid until the next call.</summary>
    /// <exception cref="CanSourceException">The port is lost.</exception>
    public ReadOnlySpan<byte> Read(TimeSpan timeout)
    {
        _reading ??= _stream.ReadAsync(_buffer, CancellationToken.None).AsTask();
        try
        {
            if (!_reading.Wait(timeout)) return [];
        }
        catch (AggregateException e)
        {
            throw Lost(e.InnerException ?? e);
        }
        int count = _reading.Result;
        _reading = null;
        return count > 0 ? _buffer.AsSpan(0, count) : throw Lost(null);
    }

    /// <exception cref="CanSourceException">The port is lost.</exception>
    public void Write(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            _stream.Write(bytes.Span);
        }
        catch (Exception e) when (e is IOException or InvalidOperationException or TimeoutException or UnauthorizedAccessException)
        {
            throw Lost(e);
        }
    }

    public void Dispose() => _port.Dispose();

    private CanSourceException Lost(Exception? inner) =>
        new(CanSourceFault.Missing, $"{_port.PortName}: the serial port is gone{(inner is null ? "" : $" ({inner.Message})")}; was the adapter unplugged?", inner);
}
