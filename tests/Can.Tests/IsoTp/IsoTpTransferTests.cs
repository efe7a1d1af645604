using CsCheck;
using EdgeAgent.Can.IsoTp;

namespace EdgeAgent.Can.Tests.IsoTp;

/// <summary>Sender and receiver against each other on a bus that delays, loses and doubles frames, in a time of its own.</summary>
public sealed class IsoTpTransferTests
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(10);

    private static readonly Gen<byte[]> Messages = Gen.OneOf(Gen.Byte.Array[1, 30], Gen.Byte.Array[1, 130], Gen.Byte.Array[1, 4095], Gen.Byte.Array[4094, 4097], Gen.Byte.Array[8300, 9000]);

    private static readonly Gen<IsoTpOptions> Receivers =
        from blockSize in Gen.OneOf(Gen.Byte[0, 3], Gen.Byte)
        from separation in Gen.Byte
        from padding in Gen.Byte.Nullable()
        from dataLength in Gen.Int[0, 8].Select(i => new[] { 8, 8, 12, 16, 20, 24, 32, 48, 64 }[i])
        select new IsoTpOptions
        {
            BlockSize = blockSize,
            SeparationTime = new SeparationTime(separation),
            Padding = padding,
            DataLength = dataLength,
            Fd = dataLength > 8,
            MaxMessageLength = 10_000,
            WaitInterval = TimeSpan.FromMilliseconds(300),
        };

    private static readonly Gen<byte?> Addresses = Gen.Byte.Nullable();

    [Fact]
    public void Any_message_arrives_whatever_the_receiver_asks_for() =>
        Gen.Select(Messages, Receivers, Addresses, Gen.Int[0, 20], Gen.Int[0, 3]).Sample((message, options, address, delayMs, waits) =>
        {
            var run = new Run(message, options, address, _ => Fate.Arrives, delayMs, waits);
            run.UntilQuiet();
            Assert.Equal(IsoTpResult.Ok, run.Sender.Result);
            Assert.Equal([Convert.ToHexString(message)], run.Received);
            Assert.Empty(run.Aborted);
            Assert.True(run.ShortestSeparation >= options.SeparationTime.Time, $"{run.ShortestSeparation} < {options.SeparationTime.Time}");
        }, iter: 400);

    [Fact]
    public void With_loss_a_message_arrives_whole_or_not_at_all_and_both_sides_come_to_an_end() =>
        Gen.Select(Messages, Receivers, Addresses, Gen.Int[0, 20], Gen.Int).Sample((message, options, address, delayMs, seed) =>
        {
            var random = new Random(seed);
            var run = new Run(message, options, address, _ => random.Next(40) switch { 0 => Fate.IsLost, 1 => Fate.IsDoubled, _ => Fate.Arrives }, delayMs, waits: 0);
            run.UntilQuiet();
            Assert.False(run.Sender.IsSending);
            Assert.False(run.Receiver.IsReceiving);
            Assert.All(run.Received, received => Assert.Equal(Convert.ToHexString(message), received));
            if (run.Received.Count == 0 && run.Sender.Result == IsoTpResult.Ok) Assert.True(run.FramesLost > 0 || run.Aborted.Count > 0);
        }, iter: 400);

    private enum Fate
    {
        Arrives,
        IsLost,
        IsDoubled,
    }

    private sealed class Run
    {
        private readonly Func<int, Fate> _fate;
        private readonly TimeSpan _delay;
        private readonly PriorityQueue<(bool ToReceiver, byte[] Payload), (TimeSpan, int)> _bus = new();
        private readonly IsoTpLayout _layout;
        private TimeSpan _now;
        private TimeSpan? _lastConsecutive;
        private int _frames, _waits;

        public Run(byte[] message, IsoTpOptions options, byte? address, Func<int, Fate> fate, int delayMs, int waits)
        {
            _fate = fate;
            _delay = TimeSpan.FromMilliseconds(delayMs);
            _layout = new IsoTpLayout(address, options.DataLength, options.Padding);
            _waits = waits;
            Sender = new IsoTpSender(options, address);
            Receiver = new IsoTpReceiver(options, _layout.AddressBytes) { IsBusy = waits > 0 };
            Sender.Start(message, _now);
        }

        public IsoTpSender Sender { get; }

        public IsoTpReceiver Receiver { get; }

        public List<string> Received { get; } = [];

        public List<IsoTpResult> Aborted { get; } = [];

        public TimeSpan ShortestSeparation { get; private set; } = TimeSpan.MaxValue;

        public int FramesLost { get; private set; }

        public void UntilQuiet()
        {
            var payload = new byte[64];
            while (Sender.IsSending || Receiver.IsReceiving || _bus.Count > 0)
            {
                Assert.True(_now < Long, "it does not come to an end");
                while (Sender.TryNext(_now, payload, out int length))
                {
                    Assert.Equal(length, CanFrame.PaddedLength(length));
                    Assert.True(length <= _layout.DataLength);
                    if (payload[_layout.AddressBytes] >> 4 == 2)
                    {
                        if (_lastConsecutive is { } last && _now - last < ShortestSeparation) ShortestSeparation = _now - last;
                        _lastConsecutive = _now;
                    }
                    Put(true, payload[..length]);
                    Sender.Confirm(_now);
                }
                Note(Receiver.Check(_now));
                if (_bus.TryPeek(out var next, out var at) && at.Item1 <= _now)
                {
                    _bus.Dequeue();
                    Deliver(next.ToReceiver, next.Payload);
                    continue;
                }
                var due = Sender.Due < Receiver.Deadline ? Sender.Due : Receiver.Deadline;
                if (_bus.Count > 0 && at.Item1 < due) due = at.Item1;
                if (due == TimeSpan.MaxValue) break;
                _now = due > _now ? due : _now;
            }
        }

        private void Deliver(bool toReceiver, byte[] payload)
        {
            if (toReceiver) Note(Receiver.Accept(payload, _now));
            else if (IsoTpCodec.TryRead(payload, out var frame, _layout.AddressBytes)) Sender.Accept(frame.FlowControl, _now);
        }

        private void Note(IsoTpReception reception)
        {
            if (reception.IsComplete) Received.Add(Convert.ToHexString(Receiver.Message));
            if (reception.Aborted is { } reason) Aborted.Add(reason);
            if (reception.Reply is not { } reply) return;
            if (reply.Status == FlowStatus.Wait && --_waits == 0) Receiver.IsBusy = false;
            PutFlowControl(reply);
        }

        private void PutFlowControl(FlowControl flowControl)
        {
            Span<byte> payload = stackalloc byte[8];
            int length = IsoTpCodec.WriteFlowControl(flowControl, _layout, payload);
            Put(false, payload[..length].ToArray());
        }

        private void Put(bool toReceiver, byte[] payload)
        {
            var fate = _fate(_frames);
            if (fate == Fate.IsLost) FramesLost++;
            else for (int i = fate == Fate.IsDoubled ? 2 : 1; i > 0; i--) _bus.Enqueue((toReceiver, payload), (_now + _delay, _frames++));
        }
    }
}
