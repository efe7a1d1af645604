using System.Net;
using System.Net.Sockets;

namespace EdgeAgent.Demo.Broker;

/// <summary>
/// Stands between agent and broker, so that any broker can be cut off: closed, it resets its connections and refuses new ones, as a
/// host without a broker does. Keeps its port all the time.
/// </summary>
internal sealed class Relay : IAsyncDisposable
{
    private readonly BrokerAddress _broker;
    private readonly Lock _gate = new();
    private readonly HashSet<Socket> _sockets = [];
    private Socket _door;
    private Task _accepting = Task.CompletedTask;
    private bool _isOpen;
    private volatile bool _losesAnswers;

    public Relay(BrokerAddress broker)
    {
        _broker = broker;
        _door = Bind(0);
        Port = ((IPEndPoint)_door.LocalEndPoint!).Port;
    }

    public int Port { get; }

    public void Open()
    {
        lock (_gate)
        {
            if (_isOpen) return;
            _isOpen = true;
            _losesAnswers = false;
            _door.Listen();
            _accepting = AcceptAsync(_door);
        }
    }

    /// <summary>From now on until it is opened anew nothing comes back from the broker.</summary>
    public void LoseAnswers() => _losesAnswers = true;

    public async Task CloseAsync()
    {
        Task accepting;
        lock (_gate)
        {
            if (!_isOpen) return;
            _isOpen = false;
            _door.Dispose();
            foreach (var socket in _sockets) Abort(socket);
            // Bound but not listening: whoever connects is refused, and nobody else gets the port.
            _door = Bind(Port);
            accepting = _accepting;
        }
        await accepting;
    }

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        _door.Dispose();
    }

    private async Task AcceptAsync(Socket door)
    {
        List<Task> connections = [];
        try
        {
            while (true)
            {
                var agent = await door.AcceptAsync();
                connections.RemoveAll(connection => connection.IsCompleted);
                connections.Add(ConnectAsync(agent));
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Closed.
        }
        await Task.WhenAll(connections);
    }

    private async Task ConnectAsync(Socket agent)
    {
        var broker = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        agent.NoDelay = true;
        try
        {
            if (!TryKeep(agent, broker)) return;
            await broker.ConnectAsync(_broker.Host, _broker.Port);
            await Task.WhenAll(PumpAsync(agent, broker, areAnswers: false), PumpAsync(broker, agent, areAnswers: true));
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            Abort(agent);
        }
        finally
        {
            lock (_gate)
            {
                _sockets.Remove(agent);
                _sockets.Remove(broker);
            }
            agent.Dispose();
            broker.Dispose();
        }
    }

    private async Task PumpAsync(Socket from, Socket to, bool areAnswers)
    {
        byte[] buffer = new byte[16 * 1024];
        try
        {
            while (await from.ReceiveAsync(buffer) is > 0 and var length)
            {
                if (areAnswers && _losesAnswers) continue;
                for (int sent = 0; sent < length;) sent += await to.SendAsync(buffer.AsMemory(sent, length - sent));
            }
            to.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // One side is gone: so is the other.
            Abort(from);
            Abort(to);
        }
    }

    private bool TryKeep(Socket agent, Socket broker)
    {
        lock (_gate) return _isOpen && _sockets.Add(agent) && _sockets.Add(broker);
    }

    /// <summary>Ends a connection with a reset: what is under way in it is lost.</summary>
    private static void Abort(Socket socket)
    {
        try
        {
            socket.LingerState = new LingerOption(true, 0);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It is gone already.
        }
        socket.Dispose();
    }

    private static Socket Bind(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
        return socket;
    }
}
