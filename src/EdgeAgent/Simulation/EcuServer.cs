using EdgeAgent.Can;
using EdgeAgent.Can.IsoTp;
using EdgeAgent.Can.SocketCan;

namespace EdgeAgent.Simulation;

/// <summary>Puts an ECU on a CAN interface. Its loop waits in system calls, so it has a thread of its own.</summary>
internal sealed class EcuServer : IDisposable
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromMilliseconds(200), FlowControlPatience = TimeSpan.FromSeconds(1);

    private readonly RuledEcu _ecu;
    private readonly Func<VehicleState> _vehicle;
    private readonly TimeProvider _time;
    private readonly long _begun;
    private readonly IsoTpAddress _tester;
    private readonly IsoTpChannel _channel;
    private readonly CanSocket _raw;
    private readonly FrameBatch _batch = new(8);
    private readonly PriorityQueue<PlannedAnswer, TimeSpan> _planned = new();

    /// <param name="interfaceName">Where.</param>
    /// <param name="ecu">Who.</param>
    /// <param name="vehicle">The vehicle as it is now.</param>
    /// <param name="time">For delays.</param>
    /// <exception cref="CanSourceException">The interface cannot be used.</exception>
    public EcuServer(string interfaceName, RuledEcu ecu, Func<VehicleState> vehicle, TimeProvider time)
    {
        _ecu = ecu;
        _vehicle = vehicle;
        _time = time;
        _begun = time.GetTimestamp();
        var addressing = ecu.Description.Addressing;
        // The tester's side turned round.
        _tester = new IsoTpAddress(ecu.Description.Id, addressing.RequestIdOf(ecu.Description.Id));
        _channel = IsoTpChannel.Open(interfaceName, [_tester, new IsoTpAddress(ecu.Description.Id, addressing.Functional) { IsFunctional = true }],
            new IsoTpOptions { Padding = 0xAA }, time);
        try
        {
            _raw = CanSocket.Open(interfaceName, new CanSocketOptions { Filter = [_tester.Receive], ErrorFrames = false, ReceiveBufferBytes = 64 * 1024 });
        }
        catch
        {
            _channel.Dispose();
            throw;
        }
    }

    private TimeSpan Now => _time.GetElapsedTime(_begun);

    /// <summary>Answers until it is told to stop.</summary>
    /// <exception cref="CanSourceException">The interface is down or gone.</exception>
    public void Run(CancellationToken stop)
    {
        try
        {
            while (true)
            {
                var wait = LongestWait;
                if (_planned.TryPeek(out var next, out var due))
                {
                    if (due <= Now)
                    {
                        _planned.Dequeue();
                        Send(next, stop);
                        continue;
                    }
                    if (due - Now < wait) wait = due - Now;
                }
                if (!_channel.TryReceive(wait, stop, out var request) || request.Result != IsoTpResult.Ok) continue;
                foreach (var answer in _ecu.Plan(request.Data, request.From != _tester.Receive, _vehicle(), Now)) _planned.Enqueue(answer, Now + answer.After);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
        }
    }

    public void Dispose()
    {
        _channel.Dispose();
        _raw.Dispose();
        _batch.Dispose();
    }

    private void Send(in PlannedAnswer answer, CancellationToken stop)
    {
        // How a message of one frame could be out of order nobody knows.
        if (answer.Manner is AnswerManner.WrongSequence or AnswerManner.CutOff && answer.Message.Length > IsoTpCodec.MaxClassicSingleLength) SendBroken(answer, stop);
        else _channel.Send(_tester, answer.Message, stop); // a tester that does not take it is the tester's trouble
    }

    /// <summary>Frames as an ECU that is broken sends them, the first with everything that is right.</summary>
    private void SendBroken(in PlannedAnswer answer, CancellationToken stop)
    {
        var message = answer.Message.Span;
        while (_raw.Wait(TimeSpan.Zero) && _raw.Read(_batch) == ReadOutcome.Frames) { }
        Transmit([(byte)(0x10 | message.Length >> 8), (byte)message.Length, .. message[..6]]);
        if (!AwaitFlowControl(stop)) return;
        int sequence = 1;
        for (int at = 6; at < message.Length; at += 7, sequence++)
        {
            bool isLast = at + 7 >= message.Length;
            if (answer.Manner == AnswerManner.CutOff && isLast) return;
            int said = answer.Manner == AnswerManner.WrongSequence && sequence == 2 || answer.Manner == AnswerManner.WrongSequence && isLast ? sequence + 3 : sequence;
            Transmit([(byte)(0x20 | said & 0x0F), .. message[at..Math.Min(at + 7, message.Length)]]);
        }
    }

    private bool AwaitFlowControl(CancellationToken stop)
    {
        for (var until = Now + FlowControlPatience; Now < until; stop.ThrowIfCancellationRequested())
        {
            if (!_raw.Wait(LongestWait) || _raw.Read(_batch) != ReadOutcome.Frames) continue;
            for (int i = 0; i < _batch.Count; i++)
            {
                if (_batch[i].Payload is [>= 0x30 and < 0x40, ..]) return true;
            }
        }
        return false;
    }

    private void Transmit(ReadOnlySpan<byte> payload) => _raw.Send(CanFrame.Data(_tester.Transmit, payload));
}
