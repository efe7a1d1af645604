using EdgeAgent.Publishing;

namespace EdgeAgent.Simulation.Tests.Agents;

/// <summary>
/// The device's side of the network: what is sent arrives in order after a while, or is lost with the connection.
/// </summary>
internal sealed class SimulatedLink : IBrokerLink
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(15);

    private readonly SimulatedBroker _broker;
    private readonly Agenda _agenda;
    private readonly SingleThread _thread;
    private readonly Func<bool> _isDead;
    private readonly List<Action<BrokerException>> _pending = [];
    private IncomingQueue? _incoming;
    private TaskCompletionSource<string> _lost = NewSignal();
    private TimeSpan _lastUp, _lastDown;
    private int _connection;
    private bool _isConnected;

    /// <param name="broker">At the other end.</param>
    /// <param name="agenda">When things happen.</param>
    /// <param name="thread">Where everything happens.</param>
    /// <param name="isDead">True once the device's power is off: then nothing leaves it.</param>
    public SimulatedLink(SimulatedBroker broker, Agenda agenda, SingleThread thread, Func<bool> isDead) =>
        (_broker, _agenda, _thread, _isDead) = (broker, agenda, thread, isDead);

    public bool SessionIsPresent { get; private set; }

    public Task<string> Lost => _lost.Task;

    public int ReceiveMaximum => 16;

    public string? NetworkInterface => "eth0";

    /// <summary>The simulated broker keeps within the queue's room.</summary>
    public Action<string> PassedOver { get; set; } = topic => throw new InvalidOperationException($"{topic}: passed over");

    public Func<IncomingMessage, Task> Received
    {
        set => _incoming = new IncomingQueue(async message =>
        {
            _thread.AssertHere();
            _broker.Offered(message);
            await value(message);
            _thread.AssertHere();
            if (!_isDead()) _broker.DealtWith(message);
        }, 4 * SimulatedBroker.MostInFlight);
    }

    public Task ConnectAsync(Publication? will, CancellationToken stop)
    {
        _lost = NewSignal();
        return Answer(_broker.Delay(), () =>
        {
            if (_broker.IsAway) throw new BrokerException("mqtt://broker:1883 cannot be reached: Connection refused");
            _isConnected = true;
            _connection++;
            SessionIsPresent = _broker.Connect(this, will);
            return true;
        }, stop);
    }

    public Task PublishAsync(Publication publication, CancellationToken stop)
    {
        _thread.AssertHere();
        if (_isDead()) return Never<bool>();
        if (!_isConnected) return Task.FromException(new BrokerException("the connection was lost"));
        _broker.Leaving(publication);
        int connection = _connection;
        var answer = Pending<bool>(stop);
        _lastUp = Later(_lastUp);
        _agenda.After(_lastUp - _agenda.Now, () =>
        {
            // What is under way when a connection breaks arrives or does not, and the sender never learns which.
            if (connection != _connection && !_broker.HappensHalfTheTime()) return;
            bool isTaken = _broker.Receive(publication);
            if (_broker.Loses()) return;
            _agenda.After(_broker.Delay(), () =>
            {
                if (connection != _connection) return;
                if (isTaken) answer.TrySetResult(true);
                else answer.TrySetException(new PublicationRefusedException($"refuses {publication.Topic}: NotAuthorized (0x87)"));
            });
        });
        _agenda.After(Timeout, () => answer.TrySetException(new BrokerException("no answer within 15 s")));
        return answer.Task;
    }

    public Task<IReadOnlyList<RefusedSubscription>> SubscribeAsync(IReadOnlyCollection<string> filters, CancellationToken stop) =>
        Ask(() => _broker.Subscribe(filters), stop);

    public Task UnsubscribeAsync(IReadOnlyCollection<string> filters, CancellationToken stop) =>
        Ask(() =>
        {
            _broker.Unsubscribe(filters);
            return true;
        }, stop);

    public Task DisconnectAsync()
    {
        _thread.AssertHere();
        if (!_isConnected || _isDead()) return Task.CompletedTask;
        _broker.Gone(this, hasSaidGoodBye: true);
        Lose("disconnected");
        return Task.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        _incoming?.Complete();
        return new ValueTask(DisconnectAsync());
    }

    /// <summary>The connection is over.</summary>
    public void Lose(string why)
    {
        _isConnected = false;
        _connection++;
        _lost.TrySetResult($"mqtt://broker:1883 closed the connection: {why}");
        foreach (var fail in _pending.ToArray()) fail(new BrokerException($"the connection was lost: {why}"));
        _pending.Clear();
    }

    /// <summary>The broker sends a message.</summary>
    public void Deliver(SimulatedBroker.Outgoing message)
    {
        int connection = _connection;
        _lastDown = Later(_lastDown);
        _agenda.After(_lastDown - _agenda.Now, () =>
        {
            if (connection != _connection || _isDead()) return;
            Arrive(message, connection, isAgain: false);
            if (_broker.HappensTwice()) Arrive(message, connection, isAgain: true);
        });
    }

    private void Arrive(SimulatedBroker.Outgoing message, int connection, bool isAgain) =>
        _thread.Run(() => _incoming!.Add(new IncomingMessage(message.Topic, message.Payload.ToArray()), () => connection == _connection && _isConnected, () =>
        {
            if (!isAgain && !_isDead()) _broker.Acknowledge(message);
            return Task.CompletedTask;
        }));

    private Task<T> Ask<T>(Func<T> ask, CancellationToken stop)
    {
        if (!_isConnected) return Task.FromException<T>(new BrokerException("the connection was lost"));
        int connection = _connection;
        _lastUp = Later(_lastUp);
        return Answer(_lastUp - _agenda.Now + _broker.Delay(), () => connection == _connection ? ask() : throw new BrokerException("the connection was lost"), stop);
    }

    private Task<T> Answer<T>(TimeSpan wait, Func<T> ask, CancellationToken stop)
    {
        _thread.AssertHere();
        if (_isDead()) return Never<T>();
        var answer = Pending<T>(stop);
        _agenda.After(wait, () =>
        {
            if (answer.Task.IsCompleted || _isDead()) return;
            try
            {
                answer.TrySetResult(ask());
            }
            catch (BrokerException e)
            {
                answer.TrySetException(e);
            }
        });
        return answer.Task;
    }

    private TaskCompletionSource<T> Pending<T>(CancellationToken stop)
    {
        var answer = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        var stopping = stop.Register(() => answer.TrySetCanceled(stop));
        void Fail(BrokerException e) => answer.TrySetException(e);
        _pending.Add(Fail);
        _ = answer.Task.ContinueWith(
            _ =>
            {
                stopping.Unregister();
                _pending.Remove(Fail);
            },
            CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.FromCurrentSynchronizationContext());
        return answer;
    }

    /// <summary>A connection keeps the order of what it carries.</summary>
    private TimeSpan Later(TimeSpan last)
    {
        var at = _agenda.Now + _broker.Delay();
        return at > last ? at : last;
    }

    private static Task<T> Never<T>() => new TaskCompletionSource<T>().Task;

    private static TaskCompletionSource<string> NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
