namespace EdgeAgent.Can.IsoTp;

/// <summary>
/// Cuts one message after the other for one peer: messages and FlowControls in, frames out, at times that are given, from any fixed
/// beginning. Whoever drives it takes a frame with <see cref="TryNext"/>, sends it, confirms it, and comes back at <see cref="Due"/>
/// or when a FlowControl arrives. Not thread-safe; allocates nothing.
/// </summary>
public sealed class IsoTpSender
{
    private enum State
    {
        Idle,
        FrameReady,
        Unconfirmed,
        AwaitingFlowControl,
    }

    private readonly IsoTpOptions _options;
    private readonly IsoTpLayout _layout;
    private State _state;
    private ReadOnlyMemory<byte> _message;
    private int _sent, _firstFrameData, _sequence, _leftInBlock, _waits;
    private bool _blockIsUnlimited;
    private TimeSpan _separation, _confirmed;

    /// <param name="options">How.</param>
    /// <param name="address">The byte with which each frame begins; null with normal addressing.</param>
    public IsoTpSender(IsoTpOptions options, byte? address = null)
    {
        options.Check();
        _options = options;
        _layout = new IsoTpLayout(address, _options.DataLength, _options.Padding);
    }

    /// <summary>True until the message is sent or given up.</summary>
    public bool IsSending => _state != State.Idle;

    /// <summary>How the last message ended; meaningless while one is being sent.</summary>
    public IsoTpResult Result { get; private set; }

    /// <summary>When to call <see cref="TryNext"/> again, if no FlowControl arrives before.</summary>
    public TimeSpan Due { get; private set; } = TimeSpan.MaxValue;

    /// <summary>Begins a message of at least one byte, which stays as it is until it is sent.</summary>
    /// <exception cref="InvalidOperationException">Another one is being sent.</exception>
    public void Start(ReadOnlyMemory<byte> message, TimeSpan now)
    {
        ArgumentOutOfRangeException.ThrowIfZero(message.Length, nameof(message));
        if (IsSending) throw new InvalidOperationException("A message is being sent.");
        _message = message;
        _sent = 0;
        _sequence = 1;
        _leftInBlock = 0;
        _blockIsUnlimited = false;
        _waits = 0;
        _state = State.FrameReady;
        Due = now;
    }

    /// <summary>The next frame, if one may be sent now; <see cref="Confirm"/> follows. Gives the message up if a timeout has passed.</summary>
    /// <param name="now">The time.</param>
    /// <param name="payload">Room for <see cref="IsoTpOptions.DataLength"/> bytes.</param>
    /// <param name="length">The length of the frame's payload.</param>
    public bool TryNext(TimeSpan now, Span<byte> payload, out int length)
    {
        length = 0;
        if (_state == State.Idle || now < Due) return false;
        switch (_state)
        {
            case State.Unconfirmed:
                Finish(IsoTpResult.SendTimeout);
                return false;
            case State.AwaitingFlowControl:
                Finish(IsoTpResult.FlowControlTimeout);
                return false;
        }
        var message = _message.Span;
        if (message.Length <= _layout.MaxSingleLength)
        {
            length = IsoTpCodec.WriteSingle(message, _layout, payload);
            _sent = message.Length;
        }
        else if (_sent == 0)
        {
            length = IsoTpCodec.WriteFirst(message, _layout, payload);
            _sent = _firstFrameData = _layout.FirstFrameData(message.Length);
        }
        else
        {
            var part = message.Slice(_sent, Math.Min(_layout.ConsecutiveFrameData, message.Length - _sent));
            length = IsoTpCodec.WriteConsecutive(part, _sequence++, _layout, payload);
            _sent += part.Length;
            if (_leftInBlock > 0) _leftInBlock--;
        }
        _state = State.Unconfirmed;
        Due = now + _options.SendTimeout;
        return true;
    }

    /// <summary>The last frame is on its way (L_Data.confirm): separation time and N_Bs count from here.</summary>
    public void Confirm(TimeSpan now)
    {
        if (_state != State.Unconfirmed) return;
        _confirmed = now;
        if (_sent == _message.Length)
        {
            Finish(IsoTpResult.Ok);
        }
        else if (NeedsFlowControl)
        {
            _state = State.AwaitingFlowControl;
            Due = now + _options.FlowControlTimeout;
        }
        else
        {
            _state = State.FrameReady;
            Due = now + _separation;
        }
    }

    /// <summary>Takes a FlowControl from the peer. One that nobody waits for is ignored (§9.8.3).</summary>
    public void Accept(in FlowControl flowControl, TimeSpan now)
    {
        // It may overtake the confirmation of the frame that asked for it.
        bool expected = _state == State.AwaitingFlowControl || (_state == State.Unconfirmed && _sent < _message.Length && NeedsFlowControl);
        if (!expected) return;
        switch (flowControl.Status)
        {
            case FlowStatus.ContinueToSend:
                // §9.6.5.6: each FlowControl may bring another block size and separation time.
                _blockIsUnlimited = flowControl.BlockSize == 0;
                _leftInBlock = flowControl.BlockSize;
                _separation = flowControl.SeparationTime.Time;
                _waits = 0;
                // The separation holds between the last frame of a block and the first of the next, too.
                var next = _sent > _firstFrameData ? _confirmed + _separation : now;
                _state = State.FrameReady;
                Due = next > now ? next : now;
                break;
            case FlowStatus.Wait when ++_waits > _options.MaxWaits:
                Finish(IsoTpResult.TooManyWaits);
                break;
            case FlowStatus.Wait:
                _state = State.AwaitingFlowControl;
                Due = now + _options.FlowControlTimeout;
                break;
            case FlowStatus.Overflow:
                Finish(IsoTpResult.BufferOverflow);
                break;
            default:
                Finish(IsoTpResult.InvalidFlowStatus);
                break;
        }
    }

    private bool NeedsFlowControl => !_blockIsUnlimited && _leftInBlock == 0;

    private void Finish(IsoTpResult result)
    {
        _state = State.Idle;
        _message = default;
        Result = result;
        Due = TimeSpan.MaxValue;
    }
}
