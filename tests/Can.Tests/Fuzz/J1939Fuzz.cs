using System.Runtime.InteropServices;
using EdgeAgent.Can.J1939;

namespace EdgeAgent.Can.Tests.Fuzz;

/// <summary>
/// Sequences of J1939 frames at times, to a listener, to a receiver and a sender: no message is delivered that was not sent whole. What is
/// delivered is read as a diagnostic message.
/// </summary>
internal sealed class J1939Fuzz : FuzzTarget
{
    private const byte Own = 1;

    private static readonly byte[] Destinations = [J1939Address.Global, Own, 2, J1939Address.Global];

    public override string Name => "j1939";

    public override int LongestInput => 4096;

    // A listener with its table, and a buffer a source: there are four.
    public override long AllocationLimit(int inputLength) => 64 * 1024 + (200L * inputLength);

    // The choice of a frame: bit 0 connection management or packet, bits 1–2 the source, bits 3–4 the destination.
    public override IReadOnlyList<byte[]> Seeds { get; } =
    [
        [3, .. Broadcast(0)],
        [40, .. Broadcast(2), .. Broadcast(4)],
        [1, .. Connection(0), .. FrameScript.Frame(0x08, 5, "11 00 FF FFFF 00EF00"), .. FrameScript.Frame(0x08, 5, "11 05 01 FFFF 00EF00"), .. FrameScript.Frame(0x08, 5, "13 0900 02 FF 00EF00")],
        [200, .. Connection(0), .. Broadcast(4), .. FrameScript.Frame(0x08, 120, "FF 03 FFFFFF 00EF00")],
        [9, .. FrameScript.Frame(0, 1, "00FF B804030A"), .. FrameScript.Frame(0, 1, "54C3 0097038A 9700038A FFFF")],
    ];

    public override IReadOnlyList<byte[]> Words { get; } =
    [
        [0, 0, 8, 0x20], [8, 0, 8, 0x10], [8, 0, 8, 0x11], [8, 0, 8, 0x13], [8, 0, 8, 0xFF], [1, 0, 8, 1], [1, 0, 8, 2], [9, 0, 8, 1], [9, 0, 8, 2], [0xCA, 0xFE, 0], [0, 0xEF, 0], [0, 200, 0], [9, 0, 2],
    ];

    public override string Run(ReadOnlySpan<byte> input)
    {
        if (input.IsEmpty) return "empty";
        var run = new Exchange(input[0]);
        var script = new FrameScript(input[1..], CanFrame.MaxClassicLength);
        run.Begin(script.Now);
        while (script.TryNext()) run.Take(script.Choice, script.Payload, script.Now);
        // As a message of one frame, too.
        Diagnose(input);
        return run.Outcome;
    }

    private static void Diagnose(ReadOnlySpan<byte> payload)
    {
        byte[] written = new byte[J1939TroubleCode.Bytes];
        foreach (var older in (ReadOnlySpan<SpnConversion>)[SpnConversion.Version1, SpnConversion.Version2, SpnConversion.Version3])
        {
            if (!DiagnosticMessage.TryRead(payload, out var message, older)) return;
            Assert.InRange((int)message.MalfunctionIndicator.Status + (int)message.Protect.Flash, 0, 6);
            for (int place = 0; place < message.Places; place++)
            {
                message[place].Write(written);
                if (!payload.Slice(2 + (4 * place), 4).SequenceEqual(written)) Assert.Fail($"{message[place]} is written {Convert.ToHexString(written)}");
            }
        }
    }

    private static byte[] Broadcast(int source) =>
        [.. FrameScript.Frame(source, 5, "20 0A00 02 FF CAFE00"), .. FrameScript.Frame(source | 1, 5, "01 47D3B804030A5B"), .. FrameScript.Frame(source | 1, 5, "02 000381FFFFFFFF")];

    private static byte[] Connection(int source) =>
        [.. FrameScript.Frame(source | 8, 5, "10 0A00 02 FF 00EF00"), .. FrameScript.Frame(source | 9, 5, "02 000381FFFFFFFF"), .. FrameScript.Frame(source | 9, 5, "01 47D3B804030A5B")];

    private sealed class Exchange(int choice)
    {
        private readonly TransportListener _listener = new();
        private readonly TransportReceiver _receiver = new(new J1939Options { PacketsPerClearToSend = 1 + (choice % 5) });
        private readonly TransportSender _sender = new(new J1939Options());
        private readonly byte[] _message = [.. Enumerable.Range(0, 9 + choice).Select(i => (byte)i)];
        private readonly List<CanFrame> _bus = [];
        private readonly SortedSet<string> _outcomes = new(StringComparer.Ordinal);
        private bool _isAcknowledged;

        public string Outcome => string.Join(' ', _outcomes.Append(_sender.IsSending ? "sending" : _sender.Result.ToString()));

        public void Begin(TimeSpan now) => _sender.Start(ParameterGroupNumber.From(0xEF00), _message, isBroadcast: false, now);

        public void Take(int kind, ReadOnlySpan<byte> payload, TimeSpan now)
        {
            bool isData = kind % 2 == 1;
            byte destination = Destinations[kind >> 3 & 3];
            var id = new J1939Id(7, isData ? ParameterGroupNumber.TransportData : ParameterGroupNumber.TransportConnection, destination, (byte)(2 + (kind >> 1 & 3)));
            _bus.Add(CanFrame.Data(id.ToCanId(), payload));

            var hearing = _listener.Accept(id, payload, now);
            if (hearing.Failed is { } failed) _outcomes.Add($"listener {failed}");
            if (hearing.IsComplete) Check(_listener.Id, _listener.Message, "heard");
            Assert.InRange(_listener.Active, 0, 4 * 3);

            if (kind >= 128) _receiver.IsBusy = !_receiver.IsBusy;
            // One receiver and one sender, for the node 2 alone.
            if (destination == Own && id.Source == 2)
            {
                if (isData) Conclude(_receiver.Accept(payload, now));
                else if (TransportCommand.TryRead(payload, out var command)) Take(command, now);
            }
            Conclude(_receiver.Check(now));
            byte[] frame = new byte[TransportCommand.Bytes];
            while (_sender.TryNext(now, frame, out _)) _sender.Confirm(now);
            if (!_sender.IsSending && _sender.Result == TransportResult.Ok) Assert.True(_isAcknowledged, "the sender believes an acknowledgment that did not come");
            Assert.True(_receiver.IsReceiving == (_receiver.Deadline != TimeSpan.MaxValue));
            Assert.True(_sender.IsSending == (_sender.Due != TimeSpan.MaxValue));
        }

        private void Take(in TransportCommand command, TimeSpan now)
        {
            _isAcknowledged |= command.Control == TransportControl.EndOfMessageAcknowledgment && command.Length == _message.Length;
            Conclude(_receiver.Accept(command, now));
            _sender.Accept(command, now);
        }

        private void Conclude(in TransportReception reception)
        {
            if (reception.Failed is { } failed) _outcomes.Add($"receiver {failed}");
            if (reception.IsComplete) Check(new J1939Id(7, _receiver.Group, Own, 2), _receiver.Message, "received");
            if (reception.Reply is not { } reply) return;
            byte[] payload = new byte[TransportCommand.Bytes];
            reply.Write(payload);
            Assert.True(TransportCommand.TryRead(payload, out var read));
            Assert.Equal(reply, read);
        }

        /// <summary>Since a message of its length was announced, each of its packets was on the bus.</summary>
        private void Check(J1939Id id, ReadOnlySpan<byte> message, string how)
        {
            Assert.InRange(message.Length, 1, J1939Limits.MessageBytes);
            var frames = CollectionsMarshal.AsSpan(_bus);
            var announcement = id.Destination == J1939Address.Global ? TransportControl.BroadcastAnnouncement : TransportControl.RequestToSend;
            var commands = (id with { Group = ParameterGroupNumber.TransportConnection }).ToCanId();
            var packets = (id with { Group = ParameterGroupNumber.TransportData }).ToCanId();
            int begun = frames.Length - 1;
            TransportCommand command = default;
            while (begun >= 0 && !(frames[begun].Id == commands && TransportCommand.TryRead(frames[begun].Payload, out command) && command.Control == announcement && command.Group == id.Group)) begun--;
            Assert.True(begun >= 0 && command.Length == message.Length, $"{message.Length} bytes were {how} and not announced");
            for (int packet = 1; packet <= TransportCommand.PacketsOf(message.Length); packet++)
            {
                var part = message.Slice((packet - 1) * 7, Math.Min(7, message.Length - ((packet - 1) * 7)));
                if (!WasSent(frames[begun..], packets, packet, part)) Assert.Fail($"packet {packet} was {how} and not sent");
            }
            _outcomes.Add($"{how} {(id.Destination == J1939Address.Global ? "broadcast" : "message")}");
            Diagnose(message);
        }

        private static bool WasSent(ReadOnlySpan<CanFrame> frames, CanId id, int packet, ReadOnlySpan<byte> part)
        {
            foreach (ref readonly var frame in frames)
            {
                if (frame.Id == id && frame.Length > part.Length && frame.Payload[0] == packet && frame.Payload[1..].StartsWith(part)) return true;
            }
            return false;
        }
    }
}
