namespace EdgeAgent.Can.IsoTp;

/// <summary>What a frame brought a receiver. All three may come of one frame: the old message is given up, a new one begins.</summary>
/// <param name="IsComplete">True if <see cref="IsoTpReceiver.Message"/> now holds a whole message.</param>
/// <param name="Reply">A FlowControl to be sent now.</param>
/// <param name="Aborted">Why the message that was being received will never be complete.</param>
public readonly record struct IsoTpReception(bool IsComplete, FlowControl? Reply = null, IsoTpResult? Aborted = null);

/// <summary>
/// Puts the messages of one peer together: frames in, FlowControls and messages out, at times that are given, from any fixed beginning.
/// Not thread-safe; allocates nothing after its making.
/// </summary>
public sealed class IsoTpReceiver
{
    private readonly IsoTpOptions _options;
    private readonly int _addressBytes;
    private readonly byte[] _buffer;
    private int _length, _received, _leftInBlock, _partLength, _sequence, _waits;
    private bool _isHeld;

    /// <summary>With room for <see cref="IsoTpOptions.MaxMessageLength"/> bytes.</summary>
    /// <param name="options">How.</param>
    /// <param name="addressBytes">1 if frames begin with an address byte, which whoever hands them over has looked at; 0 with normal addressing.</param>
    public IsoTpReceiver(IsoTpOptions options, int addressBytes = 0)
    {
        options.Check();
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)addressBytes, 1u, nameof(addressBytes));
        _options = options;
        _addressBytes = addressBytes;
        _buffer = new byte[options.MaxMessageLength];
    }

    /// <summary>
    /// While true, senders are told to WAIT instead of to go on (§9.6.5.1), each <see cref="IsoTpOptions.WaitInterval"/> and at most
    /// <see cref="IsoTpOptions.MaxWaits"/> times. A <see cref="Check"/> after it has become false lets them go on.
    /// </summary>
    public bool IsBusy { get; set; }

    /// <summary>True between a first frame and the last of its message.</summary>
    public bool IsReceiving { get; private set; }

    /// <summary>When to call <see cref="Check"/> at the latest, if nothing arrives before.</summary>
    public TimeSpan Deadline { get; private set; } = TimeSpan.MaxValue;

    /// <summary>The message that was completed last; valid until the next frame.</summary>
    public ReadOnlySpan<byte> Message => IsReceiving ? [] : _buffer.AsSpan(0, _length);

    /// <summary>Takes the payload of a frame from the peer.</summary>
    public IsoTpReception Accept(ReadOnlySpan<byte> payload, TimeSpan now)
    {
        var late = Check(now);
        if (!IsoTpCodec.TryRead(payload, out var frame, _addressBytes)) return late;
        switch (frame.Type)
        {
            case IsoTpFrameType.SingleFrame when HasPadding(payload, _addressBytes + (payload.Length > CanFrame.MaxClassicLength ? 2 : 1), frame.Data.Length):
                var before = GiveUp(IsoTpResult.UnexpectedFrame) ?? late.Aborted;
                frame.Data.CopyTo(_buffer);
                _length = frame.Data.Length;
                return new IsoTpReception(true, null, before);
            case IsoTpFrameType.FirstFrame:
                _partLength = payload.Length - _addressBytes - 1;
                return Begin(frame, now, late.Aborted);
            // §9.8.3: a consecutive frame that nobody waits for is ignored. All are as long as the first frame (RX_DL), but the last may be shorter (§9.6.4.1).
            case IsoTpFrameType.ConsecutiveFrame when IsReceiving && !_isHeld && late.Reply is null
                && frame.Data.Length >= Math.Min(_partLength, _length - _received) && frame.Data.Length <= _partLength
                && HasPadding(payload, _addressBytes + 1, Math.Min(frame.Data.Length, _length - _received)):
                return Continue(frame, now);
            default:
                return late;
        }
    }

    /// <summary>Gives up what has waited for longer than N_Cr; to a sender that was told to wait, says what comes next.</summary>
    public IsoTpReception Check(TimeSpan now)
    {
        if (!IsReceiving) return default;
        if (_isHeld && (!IsBusy || now >= Deadline)) return GoOn(now);
        return now >= Deadline ? new IsoTpReception(false, null, GiveUp(IsoTpResult.ConsecutiveFrameTimeout)) : default;
    }

    /// <summary>The last FlowControl could not be sent (N_TIMEOUT_A, §9.8.1).</summary>
    public IsoTpReception FailReply() => new(false, null, GiveUp(IsoTpResult.SendTimeout));

    private IsoTpReception Begin(in IsoTpFrame frame, TimeSpan now, IsoTpResult? late)
    {
        // §9.8.3: a new message ends the one before.
        var before = GiveUp(IsoTpResult.UnexpectedFrame) ?? late;
        // §9.6.3.2
        if (frame.MessageLength > _buffer.Length) return new IsoTpReception(false, new FlowControl(FlowStatus.Overflow), before ?? IsoTpResult.BufferOverflow);
        frame.Data.CopyTo(_buffer);
        _length = (int)frame.MessageLength;
        _received = frame.Data.Length;
        _sequence = 1;
        _waits = 0;
        IsReceiving = true;
        var reception = GoOn(now);
        return reception with { Aborted = before ?? reception.Aborted };
    }

    private IsoTpReception Continue(in IsoTpFrame frame, TimeSpan now)
    {
        // §9.6.4.3
        if (frame.SequenceNumber != _sequence) return new IsoTpReception(false, null, GiveUp(IsoTpResult.WrongSequenceNumber));
        _sequence = (_sequence + 1) & 0x0F;
        int part = Math.Min(frame.Data.Length, _length - _received);
        frame.Data[..part].CopyTo(_buffer.AsSpan(_received));
        _received += part;
        if (_received == _length)
        {
            IsReceiving = false;
            Deadline = TimeSpan.MaxValue;
            return new IsoTpReception(true);
        }
        Deadline = now + _options.ConsecutiveFrameTimeout;
        return _options.BlockSize > 0 && --_leftInBlock == 0 ? GoOn(now) : default;
    }

    /// <summary>The sender waits for a FlowControl: it gets one, unless it was told to wait too often (N_WFT_OVRN).</summary>
    private IsoTpReception GoOn(TimeSpan now)
    {
        _isHeld = IsBusy;
        if (!IsBusy)
        {
            _waits = 0;
            _leftInBlock = _options.BlockSize;
            Deadline = now + _options.ConsecutiveFrameTimeout;
            return new IsoTpReception(false, new FlowControl(FlowStatus.ContinueToSend, _options.BlockSize, _options.SeparationTime));
        }
        if (++_waits > _options.MaxWaits) return new IsoTpReception(false, null, GiveUp(IsoTpResult.TooManyWaits));
        Deadline = now + _options.WaitInterval;
        return new IsoTpReception(false, new FlowControl(FlowStatus.Wait));
    }

    /// <summary>Whether the bytes behind a frame's part of the message are as <see cref="IsoTpOptions.PaddingCheck"/> asks.</summary>
    /// <param name="payload">The whole frame.</param>
    /// <param name="before">Address and control bytes.</param>
    /// <param name="data">Message bytes.</param>
    private bool HasPadding(ReadOnlySpan<byte> payload, int before, int data)
    {
        if (_options.PaddingCheck == IsoTpPaddingCheck.None) return true;
        int used = before + data;
        int expected = used > CanFrame.MaxClassicLength ? CanFrame.PaddedLength(used) : _options.Padding is null ? used : CanFrame.MaxClassicLength;
        if (payload.Length != expected) return false;
        return _options.PaddingCheck == IsoTpPaddingCheck.Length || !payload[used..].ContainsAnyExcept(_options.Padding ?? IsoTpLayout.DefaultPadding);
    }

    private IsoTpResult? GiveUp(IsoTpResult reason)
    {
        bool receiving = IsReceiving;
        IsReceiving = false;
        _isHeld = false;
        Deadline = TimeSpan.MaxValue;
        _length = 0;
        return receiving ? reason : null;
    }
}
