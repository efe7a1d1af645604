namespace EdgeAgent.Can.J1939;

/// <summary>What a frame brought a receiver.</summary>
/// <param name="IsComplete">True if <see cref="TransportReceiver.Message"/> now holds a whole message.</param>
/// <param name="Reply">A command to be sent now.</param>
/// <param name="Failed">Why the message that was being received will never be complete.</param>
public readonly record struct TransportReception(bool IsComplete, TransportCommand? Reply = null, TransportResult? Failed = null);

/// <summary>
/// Receives the messages that one node sends to this one by connections (SAE J1939-21 §5.10.2, RTS/CTS): frames in, answers and messages out, at
/// times that are given, from any fixed beginning. Packets that are missing are asked for again. Not thread-safe; allocates nothing after its making.
/// </summary>
public sealed class TransportReceiver
{
    private readonly J1939Options _options;
    private readonly PacketBuffer _buffer = new();
    private int _senderLimit, _first, _last, _retransmissions;
    private bool _isHeld;

    /// <param name="options">How.</param>
    public TransportReceiver(J1939Options options)
    {
        options.Check();
        _options = options;
    }

    /// <summary>
    /// While true, senders are told to wait: after the packets that they were allowed, and each <see cref="J1939Options.HoldInterval"/>.
    /// A <see cref="Check"/> after it has become false lets them go on.
    /// </summary>
    public bool IsBusy { get; set; }

    /// <summary>True between a request to send and the end of its message.</summary>
    public bool IsReceiving { get; private set; }

    /// <summary>When to call <see cref="Check"/> at the latest, if nothing arrives before.</summary>
    public TimeSpan Deadline { get; private set; } = TimeSpan.MaxValue;

    /// <summary>The group of the message.</summary>
    public ParameterGroupNumber Group { get; private set; }

    /// <summary>The message that was completed last; valid until the next request to send.</summary>
    public ReadOnlySpan<byte> Message => IsReceiving || !_buffer.IsComplete ? [] : _buffer.Message;

    /// <summary>The reason in the abort that was sent or received last.</summary>
    public TransportAbortReason AbortReason { get; private set; }

    /// <summary>Takes a command of the sender.</summary>
    public TransportReception Accept(in TransportCommand command, TimeSpan now)
    {
        switch (command.Control)
        {
            case TransportControl.RequestToSend when IsReceiving && command.Group != Group:
                // §5.10.3.5: one connection at a time between two nodes in one direction.
                return new TransportReception(false, TransportCommand.Abort(command.Group, TransportAbortReason.Busy));
            case TransportControl.RequestToSend:
                return Begin(command, now);
            case TransportControl.Abort when IsReceiving && command.Group == Group:
                AbortReason = command.Reason;
                return new TransportReception(false, null, GiveUp(TransportResult.AbortedByPeer));
            default:
                return default;
        }
    }

    /// <summary>Takes a packet (TP.DT) of the sender.</summary>
    public TransportReception Accept(ReadOnlySpan<byte> packet, TimeSpan now)
    {
        if (!IsReceiving || _isHeld || packet.IsEmpty) return default;
        int number = packet[0];
        // One that was not asked for, such as one sent again for nothing, brings nothing.
        if (number < _first || number > _last || !_buffer.Put(number, packet[1..])) return default;
        if (_buffer.IsComplete)
        {
            IsReceiving = false;
            Deadline = TimeSpan.MaxValue;
            return new TransportReception(true, new TransportCommand(TransportControl.EndOfMessageAcknowledgment, Group, _buffer.Length, _buffer.Packets));
        }
        if (number == _last) return GoOn(now);
        Deadline = now + _options.PacketTimeout;
        return default;
    }

    /// <summary>Asks again for what has not come in time; gives up after <see cref="J1939Limits.Retransmissions"/>. To a sender that was held, says what comes next.</summary>
    public TransportReception Check(TimeSpan now)
    {
        if (!IsReceiving) return default;
        if (_isHeld && (!IsBusy || now >= Deadline)) return GoOn(now);
        return now >= Deadline ? GoOn(now, isLate: true) : default;
    }

    /// <summary>The last answer could not be sent.</summary>
    public TransportReception FailReply() => new(false, null, GiveUp(TransportResult.SendTimeout));

    private TransportReception Begin(in TransportCommand request, TimeSpan now)
    {
        // §5.10.3.2: of several requests for one group the last counts; the ones before are abandoned without a word.
        var before = GiveUp(TransportResult.Superseded);
        if (!request.IsPossible)
        {
            AbortReason = request.Length > J1939Limits.MessageBytes ? TransportAbortReason.MessageTooLong : TransportAbortReason.Other;
            return new TransportReception(false, TransportCommand.Abort(request.Group, AbortReason), before ?? TransportResult.ProtocolViolation);
        }
        Group = request.Group;
        AbortReason = TransportAbortReason.None;
        _buffer.Begin(request.Length);
        _senderLimit = request.Next is 0 ? J1939Limits.MaxPackets : request.Next;
        (_first, _last, _retransmissions) = (0, 0, 0);
        IsReceiving = true;
        return GoOn(now) with { Failed = before };
    }

    /// <summary>The sender waits for a word: it may send on, has to wait, or has failed too often.</summary>
    private TransportReception GoOn(TimeSpan now, bool isLate = false)
    {
        _isHeld = IsBusy && !isLate;
        if (_isHeld)
        {
            Deadline = now + _options.HoldInterval;
            return new TransportReception(false, TransportCommand.ClearToSend(Group, 0, 0xFF));
        }
        int first = _buffer.FirstMissing();
        _retransmissions = first > _first ? 0 : _retransmissions + 1;
        if (_retransmissions > J1939Limits.Retransmissions)
        {
            AbortReason = isLate ? TransportAbortReason.Timeout : TransportAbortReason.RetransmitLimit;
            return new TransportReception(false, TransportCommand.Abort(Group, AbortReason), GiveUp(isLate ? TransportResult.Timeout : TransportResult.RetransmitLimit));
        }
        int count = _buffer.MissingFrom(first, Math.Min(_options.PacketsPerClearToSend, _senderLimit));
        (_first, _last) = (first, first + count - 1);
        Deadline = now + _options.ClearToSendTimeout;
        return new TransportReception(false, TransportCommand.ClearToSend(Group, count, first));
    }

    private TransportResult? GiveUp(TransportResult reason)
    {
        bool receiving = IsReceiving;
        IsReceiving = false;
        _isHeld = false;
        Deadline = TimeSpan.MaxValue;
        return receiving ? reason : null;
    }
}
