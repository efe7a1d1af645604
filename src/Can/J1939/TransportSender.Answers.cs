namespace EdgeAgent.Can.J1939;

/// <summary>What the destination of a connection says.</summary>
public sealed partial class TransportSender
{
    /// <summary>Takes a command of the destination. One about another group, or that nobody waits for, is ignored.</summary>
    public void Accept(in TransportCommand command, TimeSpan now)
    {
        if (_state is State.Idle or State.Aborting || _isBroadcast || command.Group != _group) return;
        switch (command.Control)
        {
            case TransportControl.ClearToSend:
                ClearToSend(command, now);
                break;
            // Before the last packet has gone it cannot be about this message.
            case TransportControl.EndOfMessageAcknowledgment when _furthest == _packets && command.Length == _message.Length:
                Finish(TransportResult.Ok);
                break;
            case TransportControl.Abort:
                AbortReason = command.Reason;
                Finish(TransportResult.AbortedByPeer);
                break;
        }
    }

    private void ClearToSend(in TransportCommand command, TimeSpan now)
    {
        // It may overtake the confirmation of the frame that it answers.
        bool isAwaited = _state == State.AwaitingAnswer || (_state == State.Unconfirmed && _next > _last);
        if (!isAwaited)
        {
            // An announcement that is not on its way yet is not answered; and between packets there is nothing to be asked for.
            if (_state != State.Announcing) Abort(TransportResult.ProtocolViolation, TransportAbortReason.ClearToSendDuringTransfer, now);
            return;
        }
        if (command.Packets == 0)
        {
            _state = State.AwaitingAnswer;
            Due = now + _options.HoldTimeout;
            return;
        }
        if (command.Next == 0 || command.Next > Math.Min(_furthest + 1, _packets))
        {
            Abort(TransportResult.ProtocolViolation, TransportAbortReason.BadSequenceNumber, now);
            return;
        }
        _retransmissions = command.Next > _asked ? 0 : _retransmissions + 1;
        if (_retransmissions > J1939Limits.Retransmissions)
        {
            Abort(TransportResult.RetransmitLimit, TransportAbortReason.RetransmitLimit, now);
            return;
        }
        _asked = _next = command.Next;
        _last = Math.Min(command.Next + command.Packets - 1, _packets);
        _state = State.Packets;
        Due = now;
    }
}
