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
    private readonly byte[] _buffer;
    private int _length, _received, _leftInBlock;
    private int _sequence;

    /// <summary>With room for <see cref="IsoTpOptions.MaxMessageLength"/> bytes.</summary>
    public IsoTpReceiver(IsoTpOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxMessageLength, IsoTpCodec.MaxSingleLength + 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.MaxMessageLength, IsoTpCodec.MaxMessageLength, nameof(options));
        _options = options;
        _buffer = new byte[options.MaxMessageLength];
    }

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
        if (!IsoTpCodec.TryRead(payload, out var frame)) return late;
        switch (frame.Type)
        {
            case IsoTpFrameType.SingleFrame:
                var before = GiveUp(IsoTpResult.UnexpectedFrame) ?? late.Aborted;
                frame.Data.CopyTo(_buffer);
                _length = frame.Data.Length;
                return new IsoTpReception(true, null, before);
            case IsoTpFrameType.FirstFrame:
                return Begin(frame, now, late.Aborted);
            // §9.8.3: a consecutive frame that nobody waits for is ignored. A frame that is short before the end cannot be one of ours.
            case IsoTpFrameType.ConsecutiveFrame when IsReceiving && frame.Data.Length >= Math.Min(IsoTpCodec.ConsecutiveFrameData, _length - _received):
                return Continue(frame, now);
            default:
                return late;
        }
    }

    /// <summary>Gives up what has waited for longer than N_Cr.</summary>
    public IsoTpReception Check(TimeSpan now) =>
        IsReceiving && now >= Deadline ? new IsoTpReception(false, null, GiveUp(IsoTpResult.ConsecutiveFrameTimeout)) : default;

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
        IsReceiving = true;
        return new IsoTpReception(false, NextBlock(now), before);
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
        return _options.BlockSize > 0 && --_leftInBlock == 0 ? new IsoTpReception(false, NextBlock(now)) : default;
    }

    /// <summary>There is always room for the whole message, so the receiver never has to say WAIT (N_WFTmax 0, §9.7).</summary>
    private FlowControl NextBlock(TimeSpan now)
    {
        _leftInBlock = _options.BlockSize;
        Deadline = now + _options.ConsecutiveFrameTimeout;
        return new FlowControl(FlowStatus.ContinueToSend, _options.BlockSize, _options.SeparationTime);
    }

    private IsoTpResult? GiveUp(IsoTpResult reason)
    {
        bool receiving = IsReceiving;
        IsReceiving = false;
        Deadline = TimeSpan.MaxValue;
        _length = 0;
        return receiving ? reason : null;
    }
}
