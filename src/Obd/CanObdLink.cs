using EdgeAgent.Can;
using EdgeAgent.Can.IsoTp;
using EdgeAgent.Can.SocketCan;

namespace EdgeAgent.Obd;

/// <summary>Takes a request that is about to be sent.</summary>
/// <param name="id">Its identifier.</param>
/// <param name="request">Service and parameters.</param>
public delegate void RequestSending(CanId id, ReadOnlySpan<byte> request);

/// <summary>
/// The ECUs of a CAN interface, over ISO-TP. Opens the interface with the first request, on a thread of its own, and again when it was lost.
/// On an interface that only listens it never sends anything.
/// </summary>
public sealed class CanObdLink : IObdLink, IDisposable
{
    private readonly string _name;
    private readonly ObdAddressing _addressing;
    private readonly ObdTiming _timing;
    private readonly TimeProvider _time;
    private readonly ExchangeThread _thread;
    private IsoTpChannel? _channel;

    /// <summary>Does not open it yet.</summary>
    /// <param name="interfaceName">The interface, such as <c>can0</c>.</param>
    /// <param name="addressing">Which identifiers its ECUs use.</param>
    /// <param name="timing">How long to wait.</param>
    /// <param name="time">The system's clock: the interface does not follow another one.</param>
    public CanObdLink(string interfaceName, ObdAddressing addressing, ObdTiming timing, TimeProvider time)
    {
        _name = interfaceName;
        _addressing = addressing;
        _timing = timing;
        _time = time;
        _thread = new ExchangeThread($"OBD {interfaceName}", timing.Gap, time);
    }

    /// <summary>Told of each request with its identifier before it is sent, on the link's thread.</summary>
    public RequestSending? Sending { get; init; }

    private TimeSpan Now => _thread.Now;

    /// <inheritdoc/>
    public Task<IReadOnlyList<ObdAnswer>> RequestAsync(CanId? ecu, ReadOnlyMemory<byte> request, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfZero(request.Length, nameof(request));
        var id = ecu is { } one ? _addressing.RequestIdOf(one) : _addressing.Functional;
        return _thread.RunAsync(() => Exchange(ecu, id, request, cancellation), cancellation);
    }

    /// <summary>No request may be under way.</summary>
    public void Dispose()
    {
        _thread.Dispose();
        _channel?.Dispose();
    }

    private IReadOnlyList<ObdAnswer> Exchange(CanId? ecu, CanId id, ReadOnlyMemory<byte> request, CancellationToken stop)
    {
        try
        {
            var channel = _channel ??= Open();
            channel.Discard();
            var exchange = new ObdExchange(ecu, request, _timing);
            channel.Selector = exchange.Wants;
            Sending?.Invoke(id, request.Span);
            var sent = channel.Send(id, request, stop);
            if (sent != IsoTpResult.Ok) throw new ObdException(ObdFault.NotSent, $"{_name}: the request could not be sent: {Describe(sent)}");
            exchange.Sent(Now);
            while (!exchange.IsOver(Now))
            {
                if (!channel.TryReceive(exchange.Deadline - Now, stop, out var message)) continue;
                if (message.Result == IsoTpResult.Ok) exchange.Accept(message.From, message.Data, Now);
                else exchange.BreakOff(message.From);
            }
            return exchange.Answers;
        }
        catch (CanSourceException)
        {
            _channel?.Dispose();
            _channel = null;
            throw;
        }
    }

    private IsoTpChannel Open()
    {
        var channel = IsoTpChannel.Open(_name, _addressing.Ecus, new IsoTpOptions(), _time);
        // After the opening: whoever changes the mode has to bring the interface down, and then the socket is lost.
        if (!CanLinkInfo.Read(_name).IsListenOnly) return channel;
        channel.Dispose();
        throw new CanSourceException(CanSourceFault.ListenOnly, $"{_name} is set to listen only, so no ECU can be asked");
    }

    private static string Describe(IsoTpResult result) => result switch
    {
        IsoTpResult.SendTimeout => "nobody acknowledges on the bus, or it is overloaded",
        IsoTpResult.FlowControlTimeout => "the ECU does not say how to go on",
        IsoTpResult.BufferOverflow => "it is too long for the ECU",
        _ => "the ECU does not take it",
    };
}
