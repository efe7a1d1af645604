namespace EdgeAgent.Can.J1939;

/// <summary>What a frame brought a listener.</summary>
/// <param name="IsComplete">True if <see cref="TransportListener.Message"/> now holds a whole message.</param>
/// <param name="Failed">Why a message will never be complete.</param>
public readonly record struct TransportHearing(bool IsComplete, TransportResult? Failed = null);

/// <summary>
/// Puts together what others send each other on a bus by the transport protocol (SAE J1939-21 §5.10), of many nodes at once, without taking
/// part: broadcasts (BAM) and connections (RTS/CTS) with packets that are sent again. A message is delivered only when each of its packets
/// was seen. Not thread-safe; allocates nothing once it has as many buffers as there ever were messages at a time.
/// </summary>
public sealed class TransportListener
{
    // The first _active are in use; keys beside them, so that a search is one scan of 512 bytes at most.
    private readonly Session?[] _sessions = new Session?[J1939Limits.ListenedSessions];
    private readonly ushort[] _keys = new ushort[J1939Limits.ListenedSessions];
    private int _active;
    private Session? _completed;

    /// <summary>Group, source and destination of the message that was completed last.</summary>
    public J1939Id Id => _completed?.Id ?? default;

    /// <summary>The message that was completed last; valid until the next frame.</summary>
    public ReadOnlySpan<byte> Message => _completed is null ? [] : _completed.Buffer.Message;

    /// <summary>Messages that were completed.</summary>
    public long Completed { get; private set; }

    /// <summary>Messages that broke off: aborted, timed out, begun anew, a packet lost, or refused for lack of room.</summary>
    public long Failed { get; private set; }

    /// <summary>Messages being put together now.</summary>
    public int Active => _active;

    /// <summary>True if messages of this group are the listener's.</summary>
    public static bool IsTransport(ParameterGroupNumber group) => group == ParameterGroupNumber.TransportConnection || group == ParameterGroupNumber.TransportData;

    /// <summary>Takes a frame of one of the two groups. Frames of others are ignored.</summary>
    /// <param name="id">Its identifier.</param>
    /// <param name="payload">Its data.</param>
    /// <param name="now">When it was received, from any fixed beginning.</param>
    public TransportHearing Accept(in J1939Id id, ReadOnlySpan<byte> payload, TimeSpan now)
    {
        _completed = null;
        if (id.Group == ParameterGroupNumber.TransportData) return TakePacket(id, payload, now);
        if (id.Group != ParameterGroupNumber.TransportConnection || !TransportCommand.TryRead(payload, out var command)) return default;
        switch (command.Control)
        {
            case TransportControl.BroadcastAnnouncement when id.Destination == J1939Address.Global:
            case TransportControl.RequestToSend when id.Destination != J1939Address.Global:
                return Begin(id, command, now);
            case TransportControl.ClearToSend:
                // It keeps the connection alive, also by asking to wait.
                if (Find(id.Destination, id.Source, command.Group) is >= 0 and var held) _sessions[held]!.LastHeard = now;
                return default;
            case TransportControl.EndOfMessageAcknowledgment:
                // The receiver has everything and this listener has not: it missed a frame.
                return Fail(Find(id.Destination, id.Source, command.Group), TransportResult.PacketLost);
            case TransportControl.Abort:
                int index = Find(id.Destination, id.Source, command.Group);
                return Fail(index >= 0 ? index : Find(id.Source, id.Destination, command.Group), TransportResult.AbortedByPeer);
            default:
                return default;
        }
    }

    /// <summary>Gives up what has been silent for too long (T1 of broadcasts, T2 of connections).</summary>
    public void Expire(TimeSpan now)
    {
        for (int i = _active - 1; i >= 0; i--)
        {
            if (_sessions[i]!.IsExpired(now)) Fail(i, TransportResult.Timeout);
        }
    }

    /// <summary>Gives up everything: frames were lost, so that packets of different messages might be taken for those of one.</summary>
    public void Forget()
    {
        Failed += _active;
        _active = 0;
        _completed = null;
    }

    private TransportHearing Begin(in J1939Id id, in TransportCommand command, TimeSpan now)
    {
        ushort key = Key(id.Source, id.Destination);
        var earlier = Fail(IndexOf(key), TransportResult.Superseded);
        if (!command.IsPossible) return earlier;
        Expire(now);
        if (_active == _sessions.Length)
        {
            Failed++;
            return new TransportHearing(false, TransportResult.NoResources);
        }
        var session = _sessions[_active] ??= new Session();
        _keys[_active++] = key;
        session.Id = new J1939Id(id.Priority, command.Group, id.Destination, id.Source);
        session.Buffer.Begin(command.Length);
        session.LastHeard = now;
        session.LastPacket = 0;
        return earlier;
    }

    private TransportHearing TakePacket(in J1939Id id, ReadOnlySpan<byte> payload, TimeSpan now)
    {
        int index = IndexOf(Key(id.Source, id.Destination));
        if (index < 0 || payload.IsEmpty) return default;
        var session = _sessions[index]!;
        if (session.IsExpired(now)) return Fail(index, TransportResult.Timeout);
        int packet = payload[0];
        if (packet == 0 || packet > session.Buffer.Packets) return session.IsBroadcast ? Fail(index, TransportResult.PacketLost) : default;
        // Nobody can ask for a packet of a broadcast again; the same one twice does no harm.
        if (session.IsBroadcast && packet != session.LastPacket && packet != session.LastPacket + 1) return Fail(index, TransportResult.PacketLost);
        if (!session.Buffer.Put(packet, payload[1..])) return default;
        session.LastPacket = packet;
        session.LastHeard = now;
        if (!session.Buffer.IsComplete) return default;
        Remove(index);
        _completed = session;
        Completed++;
        return new TransportHearing(true);
    }

    private int Find(byte source, byte destination, ParameterGroupNumber group)
    {
        int index = IndexOf(Key(source, destination));
        return index >= 0 && _sessions[index]!.Id.Group == group ? index : -1;
    }

    private int IndexOf(ushort key) => _keys.AsSpan(0, _active).IndexOf(key);

    private TransportHearing Fail(int index, TransportResult reason)
    {
        if (index < 0) return default;
        Remove(index);
        Failed++;
        return new TransportHearing(false, reason);
    }

    private void Remove(int index)
    {
        _active--;
        (_sessions[index], _sessions[_active]) = (_sessions[_active], _sessions[index]);
        _keys[index] = _keys[_active];
    }

    private static ushort Key(byte source, byte destination) => (ushort)(source << 8 | destination);

    private sealed class Session
    {
        public PacketBuffer Buffer { get; } = new();

        public J1939Id Id { get; set; }

        public TimeSpan LastHeard { get; set; }

        public int LastPacket { get; set; }

        public bool IsBroadcast => Id.Destination == J1939Address.Global;

        /// <summary>A clock that has been set back by more than the timeout tells nothing about the silence.</summary>
        public bool IsExpired(TimeSpan now) => (now - LastHeard).Duration() > (IsBroadcast ? J1939Limits.PacketTimeout : J1939Limits.ClearToSendTimeout);
    }
}
