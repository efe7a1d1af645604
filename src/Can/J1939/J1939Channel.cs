using EdgeAgent.Can.SocketCan;

namespace EdgeAgent.Can.J1939;

/// <summary>A message that arrived, or broke off.</summary>
/// <param name="Id">Its group, source, destination and priority.</param>
/// <param name="Result">How it ended; the data is empty unless that is <see cref="TransportResult.Ok"/>.</param>
/// <param name="Data">The message, 0–1785 bytes.</param>
public readonly record struct J1939Message(J1939Id Id, TransportResult Result, ReadOnlyMemory<byte> Data);

/// <summary>How the sending of a message ended.</summary>
/// <param name="Result">How.</param>
/// <param name="Reason">What an abort said, ours or the other side's.</param>
public readonly record struct J1939Outcome(TransportResult Result, TransportAbortReason Reason = TransportAbortReason.None);

/// <summary>What became of a request.</summary>
/// <param name="Message">The group that was asked for; null if it did not come.</param>
/// <param name="Acknowledgment">What was said instead; null if nothing was.</param>
public readonly record struct J1939Answer(J1939Message? Message, J1939AcknowledgmentKind? Acknowledgment);

/// <summary>
/// A node with a fixed address on a J1939 bus, over a socket of its own, which receives nothing but what is for this address or everybody. It
/// claims no address (J1939-81): whoever opens it knows that the address is free. One thread at a time; it waits in the calls, and answers others in them.
/// </summary>
public sealed partial class J1939Channel : IDisposable
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromMilliseconds(100);

    private readonly CanSocket _socket;
    private readonly J1939Options _options;
    private readonly TimeProvider _time;
    private readonly long _begun;
    private readonly TransportSender _sender;
    private readonly FrameBatch _batch = new();
    private byte _sendingTo;

    private J1939Channel(CanSocket socket, byte address, J1939Options options, TimeProvider time)
    {
        _socket = socket;
        Address = address;
        _options = options;
        _time = time;
        _begun = time.GetTimestamp();
        _sender = new TransportSender(options);
    }

    /// <summary>Opens an interface as a node.</summary>
    /// <param name="interfaceName">The CAN interface.</param>
    /// <param name="address">The node's address, 0–253.</param>
    /// <param name="options">How messages of several packets go.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="CanSourceException">As <see cref="CanSocket.Open"/>.</exception>
    public static J1939Channel Open(string interfaceName, byte address, J1939Options options, TimeProvider time)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(address, J1939Address.Null);
        options.Check();
        var socket = CanSocket.Open(interfaceName, new CanSocketOptions
        {
            // All groups of PDU2, whose format is F0 or above; of the others what is for this node, or for all.
            Filter =
            [
                new CanIdMask(CanId.Extended(0x00F0_0000), 0x00F0_0000),
                new CanIdMask(CanId.Extended((uint)address << 8), 0xFF00),
                new CanIdMask(CanId.Extended(J1939Address.Global << 8), 0xFF00),
            ],
            ErrorFrames = false,
            ReceiveBufferBytes = 1024 * 1024,
        });
        return new J1939Channel(socket, address, options, time);
    }

    /// <summary>This node's address.</summary>
    public byte Address { get; }

    private TimeSpan Now => _time.GetElapsedTime(_begun);

    /// <summary>
    /// Sends one message of 0–1785 bytes and returns when its last frame is on its way, has been acknowledged, or it is given up. More than 8 bytes
    /// go to everybody as a broadcast (BAM), which takes 50 ms a packet, and to one node by a connection (RTS/CTS).
    /// </summary>
    /// <param name="group">The group.</param>
    /// <param name="destination">To whom; <see cref="J1939Address.Global"/> for everybody. A short message of a group without destination goes to everybody.</param>
    /// <param name="message">The data.</param>
    /// <param name="stop">Ends the wait; a connection is aborted then by the other side's timeout.</param>
    /// <param name="priority">0–7, of its frames.</param>
    /// <exception cref="CanSourceException">The interface is down or gone.</exception>
    public J1939Outcome Send(ParameterGroupNumber group, byte destination, ReadOnlyMemory<byte> message, CancellationToken stop, byte priority = J1939Id.DefaultPriority)
    {
        if (message.Length <= CanFrame.MaxClassicLength)
        {
            var id = new J1939Id(priority, group, destination, Address);
            return new J1939Outcome(Transmit(id, message.Span, stop) ? TransportResult.Ok : TransportResult.SendTimeout);
        }
        if (destination == Address) throw new ArgumentOutOfRangeException(nameof(destination), destination, "A node has no connection to itself.");
        _sendingTo = destination;
        _sender.Start(group, message, destination == J1939Address.Global, Now);
        Span<byte> payload = stackalloc byte[CanFrame.MaxClassicLength];
        try
        {
            while (_sender.IsSending)
            {
                if (!_sender.TryNext(Now, payload, out var transport))
                {
                    if (_sender.IsSending) Pump(_sender.Due, stop);
                }
                else if (Transmit(new J1939Id(J1939Id.LowestPriority, transport, destination, Address), payload, stop))
                {
                    _sender.Confirm(Now);
                }
            }
        }
        finally
        {
            _sender.Forget();
        }
        return new J1939Outcome(_sender.Result, _sender.AbortReason);
    }

    /// <summary>Asks for a group and waits for it, or for a word about it.</summary>
    /// <param name="group">What to ask for.</param>
    /// <param name="destination">Whom; of everybody the first answer counts.</param>
    /// <param name="timeout">How long to wait for the beginning of an answer; 1250 ms is usual (T3).</param>
    /// <param name="stop">Ends the wait.</param>
    /// <exception cref="CanSourceException">The interface is down or gone.</exception>
    public J1939Answer Request(ParameterGroupNumber group, byte destination, TimeSpan timeout, CancellationToken stop)
    {
        byte[] payload = new byte[J1939Request.Bytes];
        group.Write(payload);
        _asked = new Asked(group, destination);
        _answer = null;
        try
        {
            if (Send(ParameterGroupNumber.Request, destination, payload, stop).Result != TransportResult.Ok) return default;
            var until = Now + timeout;
            while (_answer is null && (Now < until || (IsReceiving && Now < until + J1939Limits.LongestTransfer))) Pump(until, stop);
            return _answer ?? default;
        }
        finally
        {
            _asked = null;
        }
    }

    /// <summary>Answers a request that cannot be answered by its group, or a command (J1939-21 §5.4.4: to everybody, with the address of whoever asked).</summary>
    /// <exception cref="CanSourceException">The interface is down or gone.</exception>
    public J1939Outcome Acknowledge(J1939AcknowledgmentKind kind, ParameterGroupNumber group, byte requester, CancellationToken stop)
    {
        byte[] payload = new byte[J1939Acknowledgment.Bytes];
        new J1939Acknowledgment(kind, 0xFF, requester, group).Write(payload);
        return Send(ParameterGroupNumber.Acknowledgment, J1939Address.Global, payload, stop);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _socket.Dispose();
        _batch.Dispose();
    }

    private bool Transmit(in J1939Id id, ReadOnlySpan<byte> payload, CancellationToken stop) =>
        _socket.Send(CanFrame.Data(id.ToCanId(), payload), _options.SendTimeout, _time, stop);
}
