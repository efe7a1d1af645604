using CsCheck;
using EdgeAgent.Can.J1939;

namespace EdgeAgent.Can.Tests.J1939;

/// <summary>Sender and receiver against each other, with somebody listening, on a bus that delays, loses, doubles and reorders, in a time of its own.</summary>
public sealed class TransportTransferTests
{
    private static readonly ParameterGroupNumber Group = ParameterGroupNumber.From(0xEF00);

    private static readonly Gen<byte[]> Messages = Gen.OneOf(Gen.Byte.Array[1, 30], Gen.Byte.Array[9, 300], Gen.Byte.Array[1779, 1785]);

    [Fact]
    public void Any_message_arrives_whatever_the_receiver_allows_at_a_time() =>
        Gen.Select(Messages, Gen.Int[1, 255], Gen.Int[0, 20], Gen.Int[0, 3]).Sample((message, block, delayMs, holds) =>
        {
            var run = new Run(message, block, (_, _) => Fate.Arrives, delayMs) { Holds = holds };
            run.UntilQuiet();
            Assert.Equal((TransportResult.Ok, TransportAbortReason.None), (run.Sender.Result, run.Sender.AbortReason));
            Assert.Equal([Convert.ToHexString(message)], run.Received);
            Assert.Equal([Convert.ToHexString(message)], run.Heard);
            Assert.Empty(run.Failures);
            Assert.Equal(TransportCommand.PacketsOf(message.Length), run.PacketsSent);
        }, iter: 300);

    [Fact]
    public void Lost_packets_are_asked_for_again_and_the_message_arrives() =>
        Gen.Select(Gen.Byte.Array[50, 1785], Gen.Int[4, 255], Gen.Int).Sample((message, block, seed) =>
        {
            // No packet is lost twice, and none right behind a command: it may be the only one, and of nothing but silence both sides tire at the same time (T2 = T3).
            var lost = new HashSet<int>();
            var random = new Random(seed);
            bool isFirst = true;
            var run = new Run(message, block, (isData, payload) =>
            {
                bool mayBeLost = isData && !isFirst;
                isFirst = !isData;
                return mayBeLost && random.Next(10) == 0 && lost.Add(payload[0]) ? Fate.IsLost : Fate.Arrives;
            }, delayMs: 1);
            run.UntilQuiet();
            Assert.Equal(TransportResult.Ok, run.Sender.Result);
            Assert.Equal([Convert.ToHexString(message)], run.Received);
            Assert.Equal(TransportCommand.PacketsOf(message.Length) + lost.Count, run.PacketsSent);
        }, iter: 200);

    [Fact]
    public void On_a_bad_bus_a_message_arrives_whole_or_both_sides_say_why_not() =>
        Gen.Select(Messages, Gen.Int[1, 255], Gen.Int[0, 20], Gen.Int).Sample((message, block, delayMs, seed) =>
        {
            var random = new Random(seed);
            int badness = random.Next(4, 60);
            var run = new Run(message, block, (_, _) => random.Next(badness) switch { 0 => Fate.IsLost, 1 => Fate.IsDoubled, 2 => Fate.IsLate, _ => Fate.Arrives }, delayMs);
            run.UntilQuiet();
            Assert.False(run.Sender.IsSending);
            Assert.False(run.Receiver.IsReceiving);
            Assert.All(run.Received, received => Assert.Equal(Convert.ToHexString(message), received));
            Assert.All(run.Heard, heard => Assert.Equal(Convert.ToHexString(message), heard));
            if (run.Sender.Result == TransportResult.Ok) Assert.NotEmpty(run.Received);
            else Assert.NotEqual(TransportAbortReason.None, run.Sender.AbortReason);
            // A receiver that has begun either has everything or has failed.
            if (run.HasBegun) Assert.True(run.Received.Count + run.Failures.Count > 0);
        }, iter: 500);

    private enum Fate
    {
        Arrives,
        IsLost,
        IsDoubled,
        IsLate,
    }

    private sealed class Run
    {
        private readonly Func<bool, byte[], Fate> _fate;
        private readonly TimeSpan _delay;
        private readonly PriorityQueue<(bool ToReceiver, bool IsData, byte[] Payload), (TimeSpan, int)> _bus = new();
        private readonly TransportListener _listener = new();
        private TimeSpan _now;
        private int _frames;

        public Run(byte[] message, int block, Func<bool, byte[], Fate> fate, int delayMs)
        {
            _fate = fate;
            _delay = TimeSpan.FromMilliseconds(delayMs);
            var options = new J1939Options { PacketsPerClearToSend = block };
            Sender = new TransportSender(options);
            Receiver = new TransportReceiver(options);
            Sender.Start(Group, message, isBroadcast: false, _now);
        }

        public TransportSender Sender { get; }

        public TransportReceiver Receiver { get; }

        public int Holds { get; init; }

        public List<string> Received { get; } = [];

        public List<string> Heard { get; } = [];

        public List<TransportResult> Failures { get; } = [];

        public int PacketsSent { get; private set; }

        public bool HasBegun { get; private set; }

        public void UntilQuiet()
        {
            int held = 0;
            byte[] payload = new byte[8];
            while (Sender.IsSending || Receiver.IsReceiving || _bus.Count > 0)
            {
                Assert.True(_now < TimeSpan.FromMinutes(10), "it does not come to an end");
                while (Sender.TryNext(_now, payload, out var group))
                {
                    bool isData = group == ParameterGroupNumber.TransportData;
                    if (isData) PacketsSent++;
                    Put(true, isData, [.. payload]);
                    Sender.Confirm(_now);
                }
                Receiver.IsBusy = held < Holds;
                if (Receiver.Deadline <= _now) held++;
                Note(Receiver.Check(_now));
                if (_bus.TryPeek(out var next, out var at) && at.Item1 <= _now)
                {
                    _bus.Dequeue();
                    Deliver(next.ToReceiver, next.IsData, next.Payload);
                    continue;
                }
                var due = new[] { Sender.Due, Receiver.Deadline, _bus.TryPeek(out _, out at) ? at.Item1 : TimeSpan.MaxValue }.Min();
                if (due == TimeSpan.MaxValue) break;
                if (due > _now) _now = due;
            }
        }

        private void Put(bool toReceiver, bool isData, byte[] payload)
        {
            var fate = _fate(isData, payload);
            if (fate == Fate.IsLost) return;
            var at = _now + _delay + (fate == Fate.IsLate ? TimeSpan.FromMilliseconds(30) : TimeSpan.Zero);
            for (int i = 0; i < (fate == Fate.IsDoubled ? 2 : 1); i++) _bus.Enqueue((toReceiver, isData, payload), (at, _frames++));
        }

        private void Deliver(bool toReceiver, bool isData, byte[] payload)
        {
            var group = isData ? ParameterGroupNumber.TransportData : ParameterGroupNumber.TransportConnection;
            if (_listener.Accept(new J1939Id(7, group, toReceiver ? (byte)2 : (byte)1, toReceiver ? (byte)1 : (byte)2), payload, _now).IsComplete) Heard.Add(Convert.ToHexString(_listener.Message));
            if (isData)
            {
                Note(Receiver.Accept(payload, _now));
                return;
            }
            Assert.True(TransportCommand.TryRead(payload, out var command));
            HasBegun |= toReceiver && command.Control == TransportControl.RequestToSend;
            if (toReceiver) Note(Receiver.Accept(command, _now));
            else Sender.Accept(command, _now);
        }

        private void Note(in TransportReception reception)
        {
            if (reception.Failed is { } reason) Failures.Add(reason);
            if (reception.IsComplete) Received.Add(Convert.ToHexString(Receiver.Message));
            if (reception.Reply is not { } reply) return;
            byte[] payload = new byte[8];
            reply.Write(payload);
            Put(false, false, payload);
        }
    }
}
