using EdgeAgent.Can.SocketCan;

namespace EdgeAgent.Can.IsoTp;

/// <summary>A message that arrived, or broke off.</summary>
/// <param name="Peer">From whom.</param>
/// <param name="Result">How it ended; the data is empty unless that is <see cref="IsoTpResult.Ok"/>.</param>
/// <param name="Data">The message.</param>
public readonly record struct IsoTpMessage(IsoTpAddress Peer, IsoTpResult Result, ReadOnlyMemory<byte> Data)
{
    /// <summary>The identifier of the peer's frames.</summary>
    public CanId From => Peer.Receive;
}

/// <summary>Whether a message that begins with these bytes (at least one) shall be received; of one that is not, nothing is answered.</summary>
public delegate bool IsoTpSelector(CanId from, ReadOnlySpan<byte> beginning);

/// <summary>
/// ISO-TP conversations with several peers over a socket of its own, which receives nothing but their frames. One thread at a time; it waits
/// in the calls. Frames are sent by the time at which the kernel took the last one.
/// </summary>
public sealed class IsoTpChannel : IDisposable
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromMilliseconds(100);

    private readonly CanSocket _socket;
    private readonly IsoTpOptions _options;
    private readonly TimeProvider _time;
    private readonly long _begun;
    private readonly Dictionary<(CanId Receive, byte? Byte), Peer> _peers;
    private readonly Queue<IsoTpMessage> _arrived = new();
    private readonly FrameBatch _batch = new();
    private int _receiving;

    internal IsoTpChannel(CanSocket socket, IReadOnlyCollection<IsoTpAddress> peers, IsoTpOptions options, TimeProvider time)
    {
        _socket = socket;
        options.Check();
        _options = options;
        _time = time;
        _begun = time.GetTimestamp();
        _peers = peers.ToDictionary(address => (address.Receive, address.ReceiveByte), address => new Peer(address, options));
    }

    /// <summary>Opens an interface for conversations with at most 512 peers, no two of which send with the same identifier and address byte.</summary>
    /// <exception cref="CanSourceException">As <see cref="CanSocket.Open"/>.</exception>
    public static IsoTpChannel Open(string interfaceName, IReadOnlyCollection<IsoTpAddress> peers, IsoTpOptions options, TimeProvider time)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(peers.Count, Libc.MaxFilters, nameof(peers));
        var socket = CanSocket.Open(interfaceName, new CanSocketOptions
        {
            Filter = [.. peers.Select(peer => CanIdMask.FromCanId(peer.Receive)).Distinct()],
            ErrorFrames = false,
            ReceiveBufferBytes = 1024 * 1024,
        });
        return new IsoTpChannel(socket, peers, options, time);
    }

    /// <summary>Which messages are received; all of them, if never set.</summary>
    public IsoTpSelector? Selector { get; set; }

    /// <summary>While true, whoever sends a message of several frames is told to wait, as <see cref="IsoTpReceiver.IsBusy"/> describes.</summary>
    public bool IsBusy { get; set; }

    private TimeSpan Now => _time.GetElapsedTime(_begun);

    /// <summary>Sends to the peer to which this identifier belongs; to an identifier of no peer, as <see cref="Send(in IsoTpAddress, ReadOnlyMemory{byte}, CancellationToken)"/>.</summary>
    /// <exception cref="CanSourceException">The interface is down or gone.</exception>
    public IsoTpResult Send(CanId to, ReadOnlyMemory<byte> message, CancellationToken stop) =>
        Send(_peers.Values.FirstOrDefault(peer => peer.Address.Transmit == to)?.Address ?? new IsoTpAddress(to, default), message, stop);

    /// <summary>
    /// Sends one message and returns when its last frame is on its way or it is given up. To an address that belongs to no peer, or to all of
    /// them at once, only a message that fits a single frame can go: on classic CAN one of 1–7 bytes, with an address byte 1–6.
    /// </summary>
    /// <exception cref="CanSourceException">The interface is down or gone.</exception>
    public IsoTpResult Send(in IsoTpAddress to, ReadOnlyMemory<byte> message, CancellationToken stop)
    {
        var peer = _peers.TryGetValue((to.Receive, to.ReceiveByte), out var known) && known.Address == to && !to.IsFunctional ? known : null;
        if (peer is null) ArgumentOutOfRangeException.ThrowIfGreaterThan(message.Length, new IsoTpLayout(to.TransmitByte, _options.DataLength, null).MaxSingleLength, nameof(message));
        var sender = peer?.Sender ?? new IsoTpSender(_options, to.TransmitByte);
        sender.Start(message, Now);
        Span<byte> payload = stackalloc byte[CanFrame.MaxLength];
        try
        {
            while (sender.IsSending)
            {
                if (!sender.TryNext(Now, payload, out int length))
                {
                    if (sender.IsSending) Pump(sender.Due, stop);
                }
                else if (Transmit(to.Transmit, payload[..length], stop))
                {
                    sender.Confirm(Now);
                }
            }
        }
        finally
        {
            if (sender.IsSending) peer?.ForgetSender();
        }
        return sender.Result;
    }

    /// <summary>Waits for a message. One that has begun in time is waited for until it is complete or breaks off.</summary>
    /// <returns>False if none began in time.</returns>
    /// <exception cref="CanSourceException">The interface is down or gone.</exception>
    public bool TryReceive(TimeSpan timeout, CancellationToken stop, out IsoTpMessage message)
    {
        var until = Now + timeout;
        while (!_arrived.TryDequeue(out message))
        {
            CheckDeadlines(stop);
            if (_arrived.Count > 0) continue;
            bool isOver = Now >= until;
            if (isOver && _receiving == 0) return false;
            Pump(isOver ? NextDeadline() : until, stop);
        }
        return true;
    }

    /// <summary>Forgets what has arrived: messages, parts of them and frames not read yet.</summary>
    public void Discard()
    {
        while (_socket.Wait(TimeSpan.Zero))
        {
            if (_socket.Read(_batch) == ReadOutcome.Lost) throw _socket.Fault!;
        }
        _arrived.Clear();
        foreach (var peer in _peers.Values) peer.Forget();
        _receiving = 0;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _socket.Dispose();
        _batch.Dispose();
    }

    /// <summary>Takes the frames that are there, or that come until a moment.</summary>
    private void Pump(TimeSpan until, CancellationToken stop)
    {
        stop.ThrowIfCancellationRequested();
        var wait = until - Now;
        if (!_socket.Wait(wait < TimeSpan.Zero ? TimeSpan.Zero : wait < LongestWait ? wait : LongestWait)) return;
        if (_socket.Read(_batch) == ReadOutcome.Lost) throw _socket.Fault!;
        for (int i = 0; i < _batch.Count; i++)
        {
            ref readonly var frame = ref _batch[i];
            if (frame.IsFd != _options.Fd || frame.IsRemote || frame.IsError) continue;
            var payload = frame.Payload;
            if (_peers.TryGetValue((frame.Id, null), out var peer) || !payload.IsEmpty && _peers.TryGetValue((frame.Id, payload[0]), out peer)) Take(peer, payload, stop);
        }
    }

    private void Take(Peer peer, ReadOnlySpan<byte> payload, CancellationToken stop)
    {
        if (!IsoTpCodec.TryRead(payload, out var frame, peer.AddressBytes)) return;
        if (frame.Type == IsoTpFrameType.FlowControl)
        {
            peer.Sender.Accept(frame.FlowControl, Now);
            return;
        }
        // §9.4.2: what is for all nodes at once is a single frame.
        if (peer.Address.IsFunctional && frame.Type != IsoTpFrameType.SingleFrame) return;
        if (frame.Type != IsoTpFrameType.ConsecutiveFrame && Selector?.Invoke(peer.Address.Receive, frame.Data) == false) return;

        bool before = peer.Receiver.IsReceiving;
        peer.Receiver.IsBusy = IsBusy;
        Conclude(peer, before, peer.Receiver.Accept(payload, Now), stop);
    }

    private void CheckDeadlines(CancellationToken stop)
    {
        if (_receiving == 0) return;
        foreach (var peer in _peers.Values)
        {
            if (peer.IsIdle) continue;
            peer.Receiver.IsBusy = IsBusy;
            Conclude(peer, true, peer.Receiver.Check(Now), stop);
        }
    }

    /// <summary>Keeps count, reports and answers.</summary>
    private void Conclude(Peer peer, bool wasReceiving, in IsoTpReception reception, CancellationToken stop)
    {
        _receiving += (peer.Receiver.IsReceiving ? 1 : 0) - (wasReceiving ? 1 : 0);
        Report(peer, reception);
        if (reception.Reply is not { } reply) return;
        Span<byte> answer = stackalloc byte[CanFrame.MaxClassicLength];
        int length = IsoTpCodec.WriteFlowControl(reply, new IsoTpLayout(peer.Address.TransmitByte, _options.DataLength, _options.Padding), answer);
        if (Transmit(peer.Address.Transmit, answer[..length], stop) || !peer.Receiver.IsReceiving) return;
        _receiving--;
        Report(peer, peer.Receiver.FailReply());
    }

    private TimeSpan NextDeadline() => _peers.Values.Where(peer => !peer.IsIdle).Min(peer => peer.Receiver.Deadline);

    private void Report(Peer peer, in IsoTpReception reception)
    {
        if (reception.Aborted is { } reason) _arrived.Enqueue(new IsoTpMessage(peer.Address, reason, default));
        if (reception.IsComplete) _arrived.Enqueue(new IsoTpMessage(peer.Address, IsoTpResult.Ok, peer.Receiver.Message.ToArray()));
    }

    private bool Transmit(CanId id, ReadOnlySpan<byte> payload, CancellationToken stop) =>
        _socket.Send(CanFrame.Data(id, payload, _options.Fd, _options is { Fd: true, BitRateSwitch: true }), _options.SendTimeout, _time, stop);

    /// <summary>Of 256 ECUs that may be on a bus, few are: the others have no buffers.</summary>
    private sealed class Peer(IsoTpAddress address, IsoTpOptions options)
    {
        private IsoTpReceiver? _receiver;
        private IsoTpSender? _sender;

        public IsoTpAddress Address { get; } = address;

        public int AddressBytes => Address.ReceiveByte is null ? 0 : 1;

        public bool IsIdle => _receiver is not { IsReceiving: true };

        public IsoTpReceiver Receiver => _receiver ??= new IsoTpReceiver(options, AddressBytes);

        public IsoTpSender Sender => _sender ??= new IsoTpSender(options, Address.TransmitByte);

        public void Forget()
        {
            if (!IsIdle) _receiver = null;
        }

        public void ForgetSender() => _sender = null;
    }
}
