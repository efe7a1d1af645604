namespace EdgeAgent.Can.J1939;

/// <summary>What comes from the bus.</summary>
public sealed partial class J1939Channel
{
    private readonly TransportListener _broadcasts = new();
    private readonly Dictionary<byte, TransportReceiver> _receivers = [];
    private readonly Queue<J1939Message> _arrived = new();
    private Asked? _asked;
    private J1939Answer? _answer;

    private sealed record Asked(ParameterGroupNumber Group, byte Destination);

    /// <summary>While true, whoever sends by a connection is told to wait, as <see cref="TransportReceiver.IsBusy"/> describes.</summary>
    public bool IsBusy { get; set; }

    /// <summary>Messages that were dropped since <see cref="J1939Limits.WaitingMessages"/> waited to be received.</summary>
    public long Overruns { get; private set; }

    private bool IsReceiving => _receivers.Values.Any(receiver => receiver.IsReceiving) || _broadcasts.Active > 0;

    /// <summary>Waits for a message, or for one to break off.</summary>
    /// <returns>False if none was complete in time.</returns>
    /// <exception cref="CanSourceException">The interface is down or gone.</exception>
    public bool TryReceive(TimeSpan timeout, CancellationToken stop, out J1939Message message)
    {
        var until = Now + timeout;
        while (!_arrived.TryDequeue(out message))
        {
            if (Now >= until) return false;
            Pump(until, stop);
        }
        return true;
    }

    /// <summary>Takes the frames that are there, or that come until a moment or a deadline.</summary>
    private void Pump(TimeSpan until, CancellationToken stop)
    {
        stop.ThrowIfCancellationRequested();
        foreach (var receiver in _receivers.Values)
        {
            if (receiver.Deadline < until) until = receiver.Deadline;
        }
        var wait = until - Now;
        _batch.Clear();
        if (_socket.Wait(wait < TimeSpan.Zero ? TimeSpan.Zero : wait < LongestWait ? wait : LongestWait) && _socket.Read(_batch) == ReadOutcome.Lost) throw _socket.Fault!;
        for (int i = 0; i < _batch.Count; i++)
        {
            ref readonly var frame = ref _batch[i];
            if (frame.IsFd || frame.IsRemote || frame.IsError || !J1939Id.TryFrom(frame.Id, out var id)) continue;
            Take(id, frame.Payload, stop);
        }
        // What is still to be read came in time.
        if (_batch.Count < _batch.Capacity) CheckDeadlines(stop);
    }

    private void CheckDeadlines(CancellationToken stop)
    {
        foreach (var (source, receiver) in _receivers)
        {
            receiver.IsBusy = IsBusy;
            Conclude(source, receiver, receiver.Check(Now), stop);
        }
        _broadcasts.Expire(Now);
    }

    private void Take(in J1939Id id, ReadOnlySpan<byte> payload, CancellationToken stop)
    {
        if (id.Destination == J1939Address.Global)
        {
            if (!TransportListener.IsTransport(id.Group)) Arrive(new J1939Message(id, TransportResult.Ok, payload.ToArray()));
            else if (_broadcasts.Accept(id, payload, Now).IsComplete) Arrive(new J1939Message(_broadcasts.Id, TransportResult.Ok, _broadcasts.Message.ToArray()));
        }
        else if (id.Destination == Address && id.Group == ParameterGroupNumber.TransportData)
        {
            if (_receivers.TryGetValue(id.Source, out var receiver)) Conclude(id.Source, receiver, receiver.Accept(payload, Now), stop);
        }
        else if (id.Destination == Address && id.Group == ParameterGroupNumber.TransportConnection)
        {
            if (TransportCommand.TryRead(payload, out var command)) Take(id.Source, command, stop);
        }
        else if (id.Destination == Address)
        {
            Arrive(new J1939Message(id, TransportResult.Ok, payload.ToArray()));
        }
    }

    private void Take(byte source, in TransportCommand command, CancellationToken stop)
    {
        if (_sender.IsSending && source == _sendingTo) _sender.Accept(command, Now);
        if (command.Control == TransportControl.RequestToSend && !HasReceiver(source))
        {
            Reply(source, TransportCommand.Abort(command.Group, TransportAbortReason.Resources), stop);
        }
        else if (_receivers.TryGetValue(source, out var receiver))
        {
            receiver.IsBusy = IsBusy;
            Conclude(source, receiver, receiver.Accept(command, Now), stop);
        }
    }

    /// <summary>Makes room for a connection from a node, if there is any.</summary>
    private bool HasReceiver(byte source)
    {
        if (_receivers.ContainsKey(source)) return true;
        if (_receivers.Count < J1939Limits.ReceivingSessions)
        {
            _receivers.Add(source, new TransportReceiver(_options));
            return true;
        }
        foreach (var (other, receiver) in _receivers)
        {
            if (receiver.IsReceiving) continue;
            _receivers.Remove(other);
            _receivers.Add(source, receiver);
            return true;
        }
        return false;
    }

    private void Conclude(byte source, TransportReceiver receiver, in TransportReception reception, CancellationToken stop)
    {
        if (reception.Reply is { } reply && !Reply(source, reply, stop) && receiver.FailReply().Failed is { } unsent) Report(unsent);
        if (reception.Failed is { } reason) Report(reason);
        if (reception.IsComplete) Arrive(new J1939Message(Id(), TransportResult.Ok, receiver.Message.ToArray()));

        void Report(TransportResult result) => Arrive(new J1939Message(Id(), result, default));
        J1939Id Id() => new(J1939Id.LowestPriority, receiver.Group, Address, source);
    }

    private bool Reply(byte destination, in TransportCommand command, CancellationToken stop)
    {
        Span<byte> payload = stackalloc byte[TransportCommand.Bytes];
        command.Write(payload);
        return Transmit(new J1939Id(J1939Id.LowestPriority, ParameterGroupNumber.TransportConnection, destination, Address), payload, stop);
    }

    private void Arrive(in J1939Message message)
    {
        if (_asked is { } asked && _answer is null && Answer(asked, message) is { } answer) _answer = answer;
        else if (_arrived.Count < J1939Limits.WaitingMessages) _arrived.Enqueue(message);
        else Overruns++;
    }

    private J1939Answer? Answer(Asked asked, in J1939Message message)
    {
        if (asked.Destination != J1939Address.Global && message.Id.Source != asked.Destination) return null;
        if (message.Id.Group == asked.Group && message.Result == TransportResult.Ok) return new J1939Answer(message, null);
        return message.Id.Group == ParameterGroupNumber.Acknowledgment && J1939Acknowledgment.TryRead(message.Data.Span, out var word)
            && word.Group == asked.Group && (word.Address == Address || word.Address == J1939Address.Global) ? new J1939Answer(null, word.Kind) : null;
    }
}
