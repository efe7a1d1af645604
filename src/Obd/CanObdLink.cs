using EdgeAgent.Can;
using EdgeAgent.Can.IsoTp;
using EdgeAgent.Can.SocketCan;

namespace EdgeAgent.Obd;

/// <summary>Takes a request that is about to be sent.</summary>
/// <param name="id">Its identifier.</param>
/// <param name="request">Service and parameters.</param>
public delegate void RequestSending(CanId id, ReadOnlySpan<byte> request);

/// <summary>
/// The ECUs of a CAN interface, over ISO-TP: several at once, each with one request at a time, and a request to all by itself. Opens the interface
/// with the first request, on threads of its own, and again when it was lost.
/// On an interface that only listens it never sends anything.
/// </summary>
public sealed class CanObdLink : IObdLink, IDisposable
{
    private readonly string _name;
    private readonly ObdAddressing _addressing;
    private readonly ObdTiming _timing;
    private readonly TimeProvider _time;
    private readonly ObdTurns _turns = new(MaxAtOnce);
    private readonly Lock _gate = new();
    private readonly List<Lane> _lanes = [];
    private readonly Stack<Lane> _free = [];
    private IsoTpAddress[] _ecus;

    /// <summary>The most ECUs that are asked at once.</summary>
    public const int MaxAtOnce = 4;

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
        _ecus = [.. addressing.Ecus];
    }

    /// <summary>Told of each request with its identifier before it is sent, on the link's thread.</summary>
    public RequestSending? Sending { get; init; }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<ObdAnswer>> RequestAsync(CanId? ecu, ReadOnlyMemory<byte> request, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfZero(request.Length, nameof(request));
        var address = ecu is { } one ? AddressOf(one) : new IsoTpAddress(_addressing.Functional, default);
        await _turns.TakeAsync(ecu, cancellation);
        try
        {
            var lane = TakeLane();
            try
            {
                return await lane.Thread.RunAsync(() => Exchange(lane, ecu, address, request, cancellation), cancellation);
            }
            finally
            {
                lock (_gate) _free.Push(lane);
            }
        }
        finally
        {
            _turns.Return(ecu);
        }
    }

    /// <summary>Makes more ECUs known than the addressing has, such as those that a manufacturer put elsewhere. Those with an identifier of answers that is known stay as they are.</summary>
    public void Reach(IReadOnlyList<IsoTpAddress> ecus)
    {
        lock (_gate)
        {
            IsoTpAddress[] more = [.. ecus.DistinctBy(ecu => ecu.Receive).Where(ecu => !_ecus.Any(known => known.Receive == ecu.Receive))];
            if (more.Length == 0) return;
            _ecus = [.. _ecus, .. more];
        }
    }

    /// <summary>No request may be under way.</summary>
    public void Dispose()
    {
        foreach (var lane in _lanes)
        {
            lane.Thread.Dispose();
            lane.Channel?.Dispose();
        }
    }

    private IsoTpAddress AddressOf(CanId ecu)
    {
        lock (_gate)
        {
            foreach (var address in _ecus)
            {
                if (address.Receive == ecu) return address;
            }
        }
        throw new ObdException(ObdFault.Arguments, $"{ecu} is no identifier of a known ECU's answers ({_addressing.Name})");
    }

    private IReadOnlyList<ObdAnswer> Exchange(Lane lane, CanId? ecu, IsoTpAddress address, ReadOnlyMemory<byte> request, CancellationToken stop)
    {
        try
        {
            var channel = ChannelOf(lane);
            channel.Discard();
            var exchange = new ObdExchange(ecu, request, _timing);
            channel.Selector = exchange.Wants;
            Sending?.Invoke(address.Transmit, request.Span);
            var sent = channel.Send(address, request, stop);
            if (sent != IsoTpResult.Ok) throw new ObdException(ObdFault.NotSent, $"{_name}: the request could not be sent: {Describe(sent)}");
            exchange.Sent(lane.Thread.Now);
            while (!exchange.IsOver(lane.Thread.Now))
            {
                if (!channel.TryReceive(exchange.Deadline - lane.Thread.Now, stop, out var message)) continue;
                if (message.Result == IsoTpResult.Ok) exchange.Accept(message.From, message.Data, lane.Thread.Now);
                else exchange.BreakOff(message.From);
            }
            return exchange.Answers;
        }
        catch (CanSourceException)
        {
            lane.Channel?.Dispose();
            lane.Channel = null;
            throw;
        }
    }

    private Lane TakeLane()
    {
        lock (_gate)
        {
            // The last one first: where one is enough there is one.
            if (_free.TryPop(out var lane)) return lane;
            _lanes.Add(lane = new Lane(new ExchangeThread($"OBD {_name}", _timing.Gap, _time)));
            return lane;
        }
    }

    private IsoTpChannel ChannelOf(Lane lane)
    {
        IsoTpAddress[] ecus;
        lock (_gate) ecus = _ecus;
        if (lane.Channel is { } channel && lane.Ecus == ecus) return channel;
        lane.Channel?.Dispose();
        lane.Channel = null;
        lane.Ecus = ecus;
        return lane.Channel = Open(ecus);
    }

    private IsoTpChannel Open(IsoTpAddress[] ecus)
    {
        var channel = IsoTpChannel.Open(_name, ecus, new IsoTpOptions(), _time);
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

    /// <summary>A thread and a socket for one exchange at a time.</summary>
    private sealed class Lane(ExchangeThread thread)
    {
        public ExchangeThread Thread { get; } = thread;

        public IsoTpChannel? Channel { get; set; }

        /// <summary>Whom the channel reaches.</summary>
        public IsoTpAddress[] Ecus { get; set; } = [];
    }
}
