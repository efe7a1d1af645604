using EdgeAgent.Can.Dbc;
using EdgeAgent.Can.J1939;
using EdgeAgent.Can.SocketCan;

namespace EdgeAgent.Can.Tests.J1939;

/// <summary>Against the kernel's own J1939 stack, on vcan2 as <c>tests/rig/with-vcan.sh</c> sets it up.</summary>
[Trait("needs", "vcan")]
public sealed class J1939VcanTests
{
    private const string Bus = "vcan2";
    private const byte Own = 0x20, Kernel = 0x80;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly ParameterGroupNumber Proprietary = ParameterGroupNumber.From(0xEF00), Text = ParameterGroupNumber.From(0xFEEC);

    private readonly ITestOutputHelper _output;

    public J1939VcanTests(ITestOutputHelper output)
    {
        if (!File.Exists($"/sys/class/net/{Bus}/ifindex")) Assert.Skip($"no {Bus} here: run with tests/rig/with-vcan.sh (Debian packages user-mode-linux, iproute2, kmod)");
        _output = output;
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Connections_of_every_size_go_to_the_kernel_and_come_from_it()
    {
        using var kernel = new KernelJ1939Socket(Bus, Kernel);
        int[] sizes = [9, 13, 14, 15, 16, 111, 112, 113, 255, 256, 1000, 1778, 1779, 1784, 1785];
        foreach (int block in (int[])[1, 16, 255])
        {
            using var channel = J1939Channel.Open(Bus, Own, new J1939Options { PacketsPerClearToSend = block }, TimeProvider.System);
            foreach (int size in sizes)
            {
                byte[] message = Message(size, size);
                var received = Task.Run(kernel.Receive, Stop);
                Assert.Equal(new J1939Outcome(TransportResult.Ok), channel.Send(Proprietary, Kernel, message, Stop));
                var got = await received;
                Assert.Equal((Proprietary, Own, Convert.ToHexString(message)), (got.Group, got.Source, Convert.ToHexString(got.Data)));

                kernel.Send(Proprietary, Own, message);
                AssertReceived(channel, Proprietary, Kernel, message);
            }
        }
        _output.WriteLine($"{sizes.Length * 3} connections to the kernel and as many from it, 9–1785 bytes, equal");
    }

    /// <summary>All at once, since a broadcast takes 50 ms a packet, 13 s at most.</summary>
    [Fact]
    public async Task Broadcasts_and_connections_of_many_nodes_at_once_go_both_ways()
    {
        int[] sizes = [9, 14, 15, 100, 350, 700, 1001, 1400, 1784, 1785];
        KernelJ1939Socket[] kernels = [.. sizes.Select((_, i) => new KernelJ1939Socket(Bus, (byte)(Kernel + i)))];
        using var listening = J1939Channel.Open(Bus, Own, new J1939Options(), TimeProvider.System);
        using var listener = new KernelJ1939Socket(Bus, 0x70);
        var heard = Task.Run(() => Enumerable.Range(0, 2 * sizes.Length).Select(_ => listener.Receive()).ToDictionary(message => message.Source), Stop);

        // Each kernel's node broadcasts and, for itself, opens a connection; each of ours broadcasts meanwhile.
        for (int i = 0; i < sizes.Length; i++)
        {
            kernels[i].Send(Text, J1939Address.Global, Message(sizes[i], i));
            kernels[i].Send(Proprietary, Own, Message(sizes[^(i + 1)], 100 + i));
        }
        var sending = sizes.Select((size, i) => Task.Run(() =>
        {
            using var channel = J1939Channel.Open(Bus, (byte)(0x30 + i), new J1939Options { BroadcastInterval = TimeSpan.FromMilliseconds(20) }, TimeProvider.System);
            return channel.Send(Text, J1939Address.Global, Message(size, 200 + i), Stop);
        }, Stop)).ToArray();

        Dictionary<(ParameterGroupNumber, byte), string> received = [];
        while (received.Count < 3 * sizes.Length)
        {
            Assert.True(listening.TryReceive(Patience, Stop, out var message), $"{received.Count} messages came");
            Assert.Equal(TransportResult.Ok, message.Result);
            if (message.Id.Group == Text || message.Id.Group == Proprietary) received.Add((message.Id.Group, message.Id.Source), Convert.ToHexString(message.Data.Span));
        }
        Assert.All(await Task.WhenAll(sending), outcome => Assert.Equal(TransportResult.Ok, outcome.Result));
        var heardByKernel = await heard;
        for (int i = 0; i < sizes.Length; i++)
        {
            Assert.Equal(Convert.ToHexString(Message(sizes[i], i)), received[(Text, (byte)(Kernel + i))]);
            Assert.Equal(Convert.ToHexString(Message(sizes[^(i + 1)], 100 + i)), received[(Proprietary, (byte)(Kernel + i))]);
            Assert.Equal(Convert.ToHexString(Message(sizes[i], 200 + i)), received[(Text, (byte)(0x30 + i))]);
            Assert.Equal(Convert.ToHexString(Message(sizes[i], 200 + i)), Convert.ToHexString(heardByKernel[(byte)(0x30 + i)].Data));
        }
        _output.WriteLine($"{sizes.Length} broadcasts of the kernel, as many of ours heard by both, and {sizes.Length} connections, all at once, 9–1785 bytes, equal");
        foreach (var kernel in kernels) kernel.Dispose();
    }

    [Fact]
    public async Task A_node_that_is_held_waits()
    {
        using var busy = J1939Channel.Open(Bus, Own + 32, new J1939Options { HoldInterval = TimeSpan.FromMilliseconds(100) }, TimeProvider.System);
        using var sender = J1939Channel.Open(Bus, Kernel + 32, new J1939Options(), TimeProvider.System);
        using var raw = CanSocket.Open(Bus, new CanSocketOptions { Filter = [new J1939Id(7, ParameterGroupNumber.TransportConnection, Kernel + 32, Own + 32).ToCanId()] });
        byte[] message = Message(300, 1);
        busy.IsBusy = true;
        var sending = Task.Run(() => sender.Send(Proprietary, busy.Address, message, Stop), Stop);
        Assert.False(await Task.Run(() => busy.TryReceive(TimeSpan.FromMilliseconds(700), Stop, out _), Stop));
        busy.IsBusy = false;
        await Task.Run(() => AssertReceived(busy, Proprietary, Kernel + 32, message), Stop);
        Assert.Equal(new J1939Outcome(TransportResult.Ok), await sending);
        using var batch = new FrameBatch();
        Assert.Equal(ReadOutcome.Frames, raw.Read(batch));
        Assert.InRange(Enumerable.Range(0, batch.Count).Count(i => batch[i].Payload[0] == 17 && batch[i].Payload[1] == 0), 3, 8);
    }

    /// <summary>Linux takes a clear to send that follows another, as after a hold, for a duplicate.</summary>
    [Fact]
    public void The_kernels_abort_is_understood()
    {
        using var kernel = new KernelJ1939Socket(Bus, Kernel + 35);
        using var channel = J1939Channel.Open(Bus, Own + 35, new J1939Options { HoldInterval = TimeSpan.FromMilliseconds(100) }, TimeProvider.System);
        channel.IsBusy = true;
        kernel.Send(Proprietary, channel.Address, Message(300, 1));
        Assert.True(channel.TryReceive(Patience, Stop, out var aborted));
        Assert.Equal((TransportResult.AbortedByPeer, Proprietary, (byte)(Kernel + 35), 0), (aborted.Result, aborted.Id.Group, aborted.Id.Source, aborted.Data.Length));
    }

    [Fact]
    public void A_node_that_is_not_there_is_a_timeout_which_the_bus_hears_of()
    {
        using var channel = J1939Channel.Open(Bus, Own + 33, new J1939Options { AnswerTimeout = TimeSpan.FromMilliseconds(300) }, TimeProvider.System);
        using var raw = CanSocket.Open(Bus, new CanSocketOptions { Filter = [new J1939Id(7, ParameterGroupNumber.TransportConnection, 0xF0, Own + 33).ToCanId()] });
        Assert.Equal(new J1939Outcome(TransportResult.Timeout, TransportAbortReason.Timeout), channel.Send(Proprietary, 0xF0, Message(20, 0), Stop));
        using var batch = new FrameBatch();
        Assert.Equal(ReadOutcome.Frames, raw.Read(batch));
        Assert.Equal("FF03FFFFFF00EF00", Convert.ToHexString(batch[batch.Count - 1].Payload));
    }

    [Fact]
    public async Task What_is_asked_for_comes_or_is_refused_or_nobody_answers()
    {
        using var kernel = new KernelJ1939Socket(Bus, Kernel + 34);
        using var channel = J1939Channel.Open(Bus, Own + 34, new J1939Options(), TimeProvider.System);
        byte[] text = Message(40, 4);
        var answering = Task.Run(() =>
        {
            for (int i = 0; i < 3; i++)
            {
                var request = kernel.Receive();
                Assert.Equal(ParameterGroupNumber.Request, request.Group);
                Assert.True(J1939Request.TryRead(request.Data, out var group));
                if (group == Text) kernel.Send(Text, request.Source, text);
                else if (group == ParameterGroupNumber.ActiveTroubleCodes) kernel.Send(ParameterGroupNumber.Acknowledgment, J1939Address.Global, [1, 0xFF, 0xFF, 0xFF, request.Source, 0xCA, 0xFE, 0x00]);
            }
        }, Stop);
        var answer = await Task.Run(() => channel.Request(Text, Kernel + 34, Patience, Stop), Stop);
        Assert.Equal(Convert.ToHexString(text), Convert.ToHexString(answer.Message!.Value.Data.Span));
        answer = await Task.Run(() => channel.Request(ParameterGroupNumber.ActiveTroubleCodes, Kernel + 34, Patience, Stop), Stop);
        Assert.Equal(new J1939Answer(null, J1939AcknowledgmentKind.Negative), answer);
        answer = await Task.Run(() => channel.Request(Proprietary, Kernel + 34, TimeSpan.FromMilliseconds(300), Stop), Stop);
        Assert.Equal(default, answer);
        await answering;

        // And the other way: the kernel's node asks, ours declines.
        kernel.Send(ParameterGroupNumber.Request, channel.Address, [0xCA, 0xFE, 0x00]);
        Assert.True(channel.TryReceive(Patience, Stop, out var asked));
        Assert.Equal((ParameterGroupNumber.Request, (byte)(Kernel + 34)), (asked.Id.Group, asked.Id.Source));
        Assert.Equal(TransportResult.Ok, channel.Acknowledge(J1939AcknowledgmentKind.CannotRespond, ParameterGroupNumber.ActiveTroubleCodes, asked.Id.Source, Stop).Result);
        var word = await Task.Run(kernel.Receive, Stop);
        Assert.True(J1939Acknowledgment.TryRead(word.Data, out var acknowledgment));
        Assert.Equal(new J1939Acknowledgment(J1939AcknowledgmentKind.CannotRespond, 0xFF, Kernel + 34, ParameterGroupNumber.ActiveTroubleCodes), acknowledgment);
    }

    [Fact]
    public void The_kernel_lets_the_groups_of_a_plan_through_whoever_sends_them()
    {
        var plan = DecodePlan.Compile(DbcFile.Parse("""
            BO_ 2364539904 EEC1: 8 Vector__XXX
             SG_ EngineSpeed : 24|16@1+ (0.125,0) [0|0] "rpm" Vector__XXX
            BO_ 2565808638 PropA: 8 Vector__XXX
             SG_ A : 0|8@1+ (1,0) [0|0] "" Vector__XXX
            BA_DEF_ "ProtocolType" STRING;
            BA_DEF_DEF_ "ProtocolType" "J1939";
            """));
        using var sender = CanSocket.Open(Bus);
        using var receiver = CanSocket.Open(Bus, new CanSocketOptions { Filter = J1939Decoder.FilterOf(plan) });
        foreach (uint id in (uint[])[0x0CF00427, 0x18F00527, 0x1CEF0B17, 0x18EE0B17, 0x1CECFF05, 0x1CEB0005, 0x0CF00400]) sender.Send(CanFrame.Data(CanId.Extended(id), new byte[8]));
        sender.Send(CanFrame.Data(CanId.Standard(0x427), new byte[8]));
        using var batch = new FrameBatch();
        Assert.Equal(ReadOutcome.Frames, receiver.Read(batch));
        Assert.Equal(["0CF00427", "1CEF0B17", "1CECFF05", "1CEB0005", "0CF00400"], Enumerable.Range(0, batch.Count).Select(i => batch[i].Id.ToString()));
    }

    private static void AssertReceived(J1939Channel channel, ParameterGroupNumber group, byte source, byte[] message)
    {
        Assert.True(channel.TryReceive(Patience, Stop, out var received));
        Assert.Equal((TransportResult.Ok, group, source), (received.Result, received.Id.Group, received.Id.Source));
        Assert.Equal(Convert.ToHexString(message), Convert.ToHexString(received.Data.Span));
    }

    private static byte[] Message(int length, int seed)
    {
        byte[] message = new byte[length];
        new Random(seed).NextBytes(message);
        return message;
    }
}
