using EdgeAgent.Can.IsoTp;

namespace EdgeAgent.Can.Tests.Fuzz;

/// <summary>Sequences of ISO-TP frames at times, to a receiver and to a sender: no message is delivered that was not sent whole.</summary>
internal sealed class IsoTpFuzz : FuzzTarget
{
    private const int Longest = 600;

    private static readonly IsoTpLayout Layout = new(null, CanFrame.MaxClassicLength, IsoTpLayout.DefaultPadding);

    public override string Name => "isotp";

    public override int LongestInput => 2048;

    public override long AllocationLimit(int inputLength) => 32 * 1024 + (400L * inputLength);

    // The first byte: block size, whether the receiver is busy; the second: the length of the sender's message.
    public override IReadOnlyList<byte[]> Seeds { get; } =
    [
        [0, 5, .. FrameScript.Frame(0, 1, "03 0102 03")],
        [2, 20, .. Message(0)],
        [0, 100, .. Message(0), .. FrameScript.Frame(1, 1, "30 02 00"), .. FrameScript.Frame(1, 1, "31 00 00"), .. FrameScript.Frame(1, 9, "30 00 F1")],
        [0x80, 20, .. Message(20), .. Message(110)],
        [1, 20, .. FrameScript.Frame(0, 0, "1000 0000 0014 0102"), .. FrameScript.Frame(0, 0, "21 01020304050607"), .. FrameScript.Frame(1, 0, "32 00 00"), .. FrameScript.Frame(0, 0, "22 01020304050607")],
    ];

    public override IReadOnlyList<byte[]> Words { get; } =
    [
        [0, 0, 8, 0x10], [0, 0, 8, 0x21], [0, 0, 8, 0x22], [1, 0, 3, 0x30, 0, 0], [1, 0, 3, 0x31, 0, 0], [1, 0, 3, 0x32, 0, 0], [0, 101, 0], FrameScript.Frame(0, 0, "10 14 010203040506"),
    ];

    public override string Run(ReadOnlySpan<byte> input)
    {
        if (input.Length < 2) return "empty";
        var options = new IsoTpOptions { BlockSize = (byte)(input[0] & 0x0F), MaxMessageLength = Longest, MaxWaits = 3 };
        var receiver = new IsoTpReceiver(options) { IsBusy = (input[0] & 0x80) != 0 };
        var sender = new IsoTpSender(options);
        byte[] message = [.. Enumerable.Range(0, 1 + (input[1] * 4)).Select(i => (byte)i)];
        var sent = new MessageCheck();
        var received = new MessageCheck();
        var script = new FrameScript(input[2..], CanFrame.MaxClassicLength);
        var outcomes = new SortedSet<string>(StringComparer.Ordinal);
        sender.Start(message, script.Now);
        byte[] payload = new byte[CanFrame.MaxClassicLength];
        while (script.TryNext())
        {
            if (script.Choice % 16 == 15) receiver.IsBusy = !receiver.IsBusy;
            if (script.Choice % 2 == 0)
            {
                received.Note(script.Payload);
                Conclude(receiver.Accept(script.Payload, script.Now));
            }
            else if (IsoTpCodec.TryRead(script.Payload, out var frame) && frame.Type == IsoTpFrameType.FlowControl)
            {
                sender.Accept(frame.FlowControl, script.Now);
            }
            Conclude(receiver.Check(script.Now));
            while (sender.TryNext(script.Now, payload, out int length))
            {
                sent.Note(payload.AsSpan(0, length));
                if (script.Choice < 250) sender.Confirm(script.Now);
            }
            Assert.True(receiver.IsReceiving == (receiver.Deadline != TimeSpan.MaxValue));
            Assert.True(sender.IsSending == (sender.Due != TimeSpan.MaxValue));
        }
        if (!sender.IsSending && sender.Result == IsoTpResult.Ok) Assert.True(sent.Holds(message), "the sender says that it has sent what it has not");
        outcomes.Add(sender.IsSending ? "sending" : sender.Result.ToString());
        return string.Join(' ', outcomes);

        void Conclude(in IsoTpReception reception)
        {
            if (reception.Aborted is { } reason) outcomes.Add($"receiver {reason}");
            if (reception.Reply is { } reply) Assert.InRange(IsoTpCodec.WriteFlowControl(reply, Layout, new byte[CanFrame.MaxClassicLength]), 3, CanFrame.MaxClassicLength);
            if (!reception.IsComplete) return;
            Assert.InRange(receiver.Message.Length, 1, Longest);
            Assert.True(received.Holds(receiver.Message), $"{Convert.ToHexString(receiver.Message)} was not sent whole");
            outcomes.Add(receiver.Message.Length > 7 ? "long message" : "short message");
        }
    }

    private static byte[] Message(int step) =>
        [.. FrameScript.Frame(0, step, "10 14 010203040506"), .. FrameScript.Frame(0, step, "21 0708090A0B0C0D"), .. FrameScript.Frame(0, step, "22 0E0F1011121314")];

    /// <summary>The frames since the last first frame, or the last single frame: told apart without the receiver's own rules.</summary>
    private sealed class MessageCheck
    {
        private readonly List<(int Sequence, byte[] Data)> _parts = [];
        private byte[] _first = [];
        private uint _length;

        public void Note(ReadOnlySpan<byte> payload)
        {
            if (!IsoTpCodec.TryRead(payload, out var frame)) return;
            if (frame.Type == IsoTpFrameType.ConsecutiveFrame)
            {
                _parts.Add((frame.SequenceNumber, frame.Data.ToArray()));
            }
            else if (frame.Type is IsoTpFrameType.SingleFrame or IsoTpFrameType.FirstFrame)
            {
                _parts.Clear();
                _first = frame.Data.ToArray();
                _length = frame.Type == IsoTpFrameType.FirstFrame ? frame.MessageLength : (uint)frame.Data.Length;
            }
        }

        /// <summary>True if the message is what these frames carry, in order.</summary>
        public bool Holds(ReadOnlySpan<byte> message)
        {
            if (message.Length != _length || !message.StartsWith(_first)) return false;
            var rest = message[_first.Length..];
            int sequence = 1;
            foreach (var (number, data) in _parts)
            {
                if (rest.IsEmpty) break;
                // All but the last are full (ISO 15765-2 §9.6.4.1).
                int part = Math.Min(rest.Length, CanFrame.MaxClassicLength - 1);
                if (data.Length < part || number != (sequence & 0x0F) || !data.AsSpan(0, part).SequenceEqual(rest[..part])) continue;
                rest = rest[part..];
                sequence++;
            }
            return rest.IsEmpty;
        }
    }
}
