using EdgeAgent.Can;
using EdgeAgent.Can.Dbc;
using EdgeAgent.Can.SocketCan;

namespace EdgeAgent.Simulation;

/// <summary>A simulated vehicle on a CAN interface: its ECUs answer and its messages are sent, each on a thread of its own, until it is disposed of.</summary>
internal sealed class VehicleBus : IDisposable
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromMilliseconds(200);

    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource<CanSourceException> _lost = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<Thread> _threads = [];
    private readonly List<EcuServer> _servers = [];
    private readonly SimulatedVehicle _vehicle;
    private readonly TimeProvider _time;
    private readonly double _speed;
    private readonly long _begun;
    private CanSocket? _sender;
    private long _sent;

    /// <param name="interfaceName">Where.</param>
    /// <param name="scenario">What.</param>
    /// <param name="database">The messages that are sent; null for none.</param>
    /// <param name="speed">How many seconds of the vehicle's drive pass in one.</param>
    /// <param name="time">The system's clock: the interface does not follow another one.</param>
    /// <exception cref="CanSourceException">The interface cannot be used.</exception>
    public VehicleBus(string interfaceName, Scenario scenario, DbcDatabase? database, double speed, TimeProvider time)
    {
        _time = time;
        _speed = speed;
        _begun = time.GetTimestamp();
        _vehicle = new SimulatedVehicle(scenario.Drive);
        try
        {
            foreach (var ecu in scenario.Ecus)
                _servers.Add(new EcuServer(interfaceName, new RuledEcu(ecu, scenario.Rules, new Random(scenario.Seed + _servers.Count)), () => State, time));
            foreach (var server in _servers) Start(server.Run);
            if (database is null) return;
            Broadcast = new Broadcast(database, scenario.Signals);
            _sender = CanSocket.Open(interfaceName, new CanSocketOptions { Filter = [], ErrorFrames = false, ReceiveBufferBytes = 1 });
            Start(stop => Send(_sender, Broadcast, stop));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The vehicle as it is now.</summary>
    public VehicleState State => _vehicle.At(_time.GetElapsedTime(_begun) * _speed);

    /// <summary>What is sent cyclically; null for nothing.</summary>
    public Broadcast? Broadcast { get; }

    /// <summary>Frames sent cyclically.</summary>
    public long Sent => Volatile.Read(ref _sent);

    /// <summary>Completes if the interface is lost.</summary>
    public Task<CanSourceException> Lost => _lost.Task;

    public void Dispose()
    {
        _stop.Cancel();
        foreach (var thread in _threads) thread.Join();
        foreach (var server in _servers) server.Dispose();
        _sender?.Dispose();
        _sender = null;
        _stop.Dispose();
    }

    private void Start(Action<CancellationToken> loop)
    {
        var thread = new Thread(() =>
        {
            try
            {
                loop(_stop.Token);
            }
            catch (CanSourceException e)
            {
                _lost.TrySetResult(e);
            }
        })
        { IsBackground = true, Name = "simulated vehicle" };
        _threads.Add(thread);
        thread.Start();
    }

    private void Send(CanSocket socket, Broadcast broadcast, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            var now = _time.GetElapsedTime(_begun);
            foreach (var frame in broadcast.TakeDue(now, State))
            {
                switch (socket.Send(frame))
                {
                    case SendOutcome.Sent: Volatile.Write(ref _sent, _sent + 1); break;
                    case SendOutcome.Lost: throw new CanSourceException(CanSourceFault.Down, $"{socket.InterfaceName} is down or gone; bring it up with: ip link set {socket.InterfaceName} up");
                }
            }
            var wait = broadcast.NextDue - _time.GetElapsedTime(_begun);
            if (wait > TimeSpan.Zero) stop.WaitHandle.WaitOne(wait < LongestWait ? wait : LongestWait);
        }
    }
}
