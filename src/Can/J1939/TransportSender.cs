namespace EdgeAgent.Can.J1939;

/// <summary>
/// Sends one message after the other to one destination by the transport protocol (SAE J1939-21 §5.10): messages and the destination's
/// commands in, frames out, at times that are given, from any fixed beginning. Whoever drives it takes a frame with <see cref="TryNext"/>, sends it,
/// confirms it, and comes back at <see cref="Due"/> or when a command arrives. Not thread-safe; allocates nothing.
/// </summary>
public sealed partial class TransportSender
{
    private enum State
    {
        Idle,
        Announcing,
        Packets,
        Unconfirmed,
        AwaitingAnswer,
        Aborting,
    }

    private readonly J1939Options _options;
    private State _state;
    private ReadOnlyMemory<byte> _message;
    private ParameterGroupNumber _group;
    private bool _isBroadcast;
    private int _packets, _next, _last, _asked, _furthest, _retransmissions;
    private TransportResult _resultOfAbort;

    /// <param name="options">How.</param>
    public TransportSender(J1939Options options)
    {
        options.Check();
        _options = options;
    }

    /// <summary>True until the message is sent or given up, and the other side knows it.</summary>
    public bool IsSending => _state != State.Idle;

    /// <summary>How the last message ended; meaningless while one is being sent.</summary>
    public TransportResult Result { get; private set; }

    /// <summary>The reason in the abort that was sent or received last; <see cref="TransportAbortReason.None"/> if there was none.</summary>
    public TransportAbortReason AbortReason { get; private set; }

    /// <summary>When to call <see cref="TryNext"/> again, if no command arrives before.</summary>
    public TimeSpan Due { get; private set; } = TimeSpan.MaxValue;

    /// <summary>Begins a message of 1–1785 bytes, which stays as it is until it is sent.</summary>
    /// <param name="group">The message's group.</param>
    /// <param name="message">Its data.</param>
    /// <param name="isBroadcast">True to announce it to everybody (BAM), false to ask one node (RTS).</param>
    /// <param name="now">The time.</param>
    /// <exception cref="InvalidOperationException">Another one is being sent.</exception>
    public void Start(ParameterGroupNumber group, ReadOnlyMemory<byte> message, bool isBroadcast, TimeSpan now)
    {
        ArgumentOutOfRangeException.ThrowIfZero(message.Length, nameof(message));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(message.Length, J1939Limits.MessageBytes, nameof(message));
        if (IsSending) throw new InvalidOperationException("A message is being sent.");
        (_group, _message, _isBroadcast) = (group, message, isBroadcast);
        _packets = TransportCommand.PacketsOf(message.Length);
        (_next, _last, _asked, _furthest, _retransmissions) = (1, isBroadcast ? _packets : 0, 0, 0, 0);
        AbortReason = TransportAbortReason.None;
        _state = State.Announcing;
        Due = now;
    }

    /// <summary>The next frame, if one may be sent now; <see cref="Confirm"/> follows. Gives the message up if a timeout has passed.</summary>
    /// <param name="now">The time.</param>
    /// <param name="payload">Room for its eight bytes.</param>
    /// <param name="group"><see cref="ParameterGroupNumber.TransportConnection"/> or <see cref="ParameterGroupNumber.TransportData"/>.</param>
    public bool TryNext(TimeSpan now, Span<byte> payload, out ParameterGroupNumber group)
    {
        group = ParameterGroupNumber.TransportConnection;
        if (_state == State.Idle || now < Due) return false;
        switch (_state)
        {
            case State.Unconfirmed:
                Finish(TransportResult.SendTimeout);
                return false;
            case State.AwaitingAnswer:
                // T3 or T4.
                Abort(TransportResult.Timeout, TransportAbortReason.Timeout, now);
                break;
        }
        switch (_state)
        {
            case State.Aborting:
                TransportCommand.Abort(_group, AbortReason).Write(payload);
                // Nothing depends on its way; who does not hear it has a timeout.
                Finish(_resultOfAbort);
                return true;
            case State.Announcing:
                new TransportCommand(_isBroadcast ? TransportControl.BroadcastAnnouncement : TransportControl.RequestToSend,
                    _group, _message.Length, _packets, J1939Limits.MaxPackets).Write(payload);
                break;
            default:
                group = ParameterGroupNumber.TransportData;
                WritePacket(payload);
                break;
        }
        _state = State.Unconfirmed;
        Due = now + _options.SendTimeout;
        return true;
    }

    /// <summary>The last frame is on its way: intervals and timeouts count from here.</summary>
    public void Confirm(TimeSpan now)
    {
        if (_state != State.Unconfirmed) return;
        if (_next <= _last)
        {
            _state = State.Packets;
            Due = _isBroadcast ? now + _options.BroadcastInterval : now;
        }
        else if (_isBroadcast)
        {
            Finish(TransportResult.Ok);
        }
        else
        {
            _state = State.AwaitingAnswer;
            Due = now + _options.AnswerTimeout;
        }
    }

    /// <summary>Gives up a message without a word to the other side, which then has a timeout.</summary>
    public void Forget()
    {
        if (IsSending) Finish(TransportResult.SendTimeout);
    }

    private void WritePacket(Span<byte> payload)
    {
        payload[..CanFrame.MaxClassicLength].Fill(0xFF);
        payload[0] = (byte)_next;
        int offset = (_next - 1) * J1939Limits.PacketBytes;
        _message.Span.Slice(offset, Math.Min(J1939Limits.PacketBytes, _message.Length - offset)).CopyTo(payload[1..]);
        _furthest = Math.Max(_furthest, _next++);
    }

    private void Abort(TransportResult result, TransportAbortReason reason, TimeSpan now)
    {
        _resultOfAbort = result;
        AbortReason = reason;
        _state = State.Aborting;
        Due = now;
    }

    private void Finish(TransportResult result)
    {
        _state = State.Idle;
        _message = default;
        Result = result;
        Due = TimeSpan.MaxValue;
    }
}
