using System.Diagnostics;
using EdgeAgent.Can.SocketCan;

namespace EdgeAgent.Can.Tests.SocketCan;

/// <summary>On the kernel's own virtual interfaces: vcan0 (classic) and vcan1 (CAN FD), as <c>tests/rig/with-vcan.sh</c> sets them up.</summary>
[Trait("needs", "vcan")]
public sealed class VcanTests
{
    public VcanTests()
    {
        if (!File.Exists("/sys/class/net/vcan0/ifindex")) Assert.Skip("no vcan0 here: run with tests/rig/with-vcan.sh (Debian packages user-mode-linux, iproute2, kmod)");
    }

    [Fact]
    public void Classic_frames_pass_from_socket_to_socket_with_the_kernels_time()
    {
        using var sender = CanSocket.Open("vcan0");
        using var receiver = CanSocket.Open("vcan0");
        using var batch = new FrameBatch();
        long before = Libc.RealTimeNs();
        Assert.Equal(SendOutcome.Sent, sender.Send(CanFrame.Data(CanId.Standard(0x123), [1, 2, 3])));
        Assert.Equal(SendOutcome.Sent, sender.Send(CanFrame.Data(CanId.Extended(0x18FEF100), [4])));
        Assert.Equal(SendOutcome.Sent, sender.Send(CanFrame.Remote(CanId.Standard(0x124), 2)));

        Assert.Equal(3, ReadAll(receiver, batch, frame => $"{frame.Id}#{(frame.IsRemote ? "R" : "")}{Convert.ToHexString(frame.Payload)}", out var seen));
        Assert.Equal(["123#010203", "18FEF100#04", "124#R"], seen);
        Assert.InRange(batch.TimestampNs(batch.Count - 1), before, Libc.RealTimeNs());
    }

    [Fact]
    public void Fd_frames_pass_on_an_fd_interface_and_are_refused_on_a_classic_one()
    {
        using var sender = CanSocket.Open("vcan1");
        using var receiver = CanSocket.Open("vcan1");
        using var batch = new FrameBatch();
        var frame = CanFrame.Data(CanId.Standard(0x55), [.. Enumerable.Range(0, 64).Select(i => (byte)i)], fd: true, bitRateSwitch: true);
        sender.Send(frame);
        Assert.Equal(ReadOutcome.Frames, receiver.Read(batch));
        Assert.Equal(frame.Wire.ToArray(), batch[0].Wire.ToArray());

        using var classic = CanSocket.Open("vcan0");
        var e = Assert.Throws<CanSourceException>(() => classic.Send(frame));
        Assert.Contains("vcan0 carries no CAN FD frames", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_kernel_lets_only_chosen_identifiers_through()
    {
        using var sender = CanSocket.Open("vcan0");
        using var receiver = CanSocket.Open("vcan0", new CanSocketOptions { Filter = [CanId.Standard(0x123), CanId.Extended(0x100)] });
        using var batch = new FrameBatch();
        sender.Send(CanFrame.Data(CanId.Standard(0x100), []));
        sender.Send(CanFrame.Data(CanId.Extended(0x123), []));
        sender.Send(CanFrame.Remote(CanId.Standard(0x123), 1));
        sender.Send(CanFrame.Data(CanId.Standard(0x123), []));
        sender.Send(CanFrame.Data(CanId.Extended(0x100), []));
        ReadAll(receiver, batch, frame => frame.Id.ToString(), out var seen);
        Assert.Equal(["123", "00000100"], seen);
    }

    [Fact]
    public void Error_frames_come_unless_they_are_not_wanted()
    {
        using var sender = CanSocket.Open("vcan0");
        using var wanting = CanSocket.Open("vcan0", new CanSocketOptions { Filter = [CanId.Standard(1)] });
        using var other = CanSocket.Open("vcan0", new CanSocketOptions { ErrorFrames = false });
        using var batch = new FrameBatch();
        sender.Send(CanFrame.Error(0x40, [0, 8, 0, 0, 0, 0, 0, 0]));
        Assert.Equal(ReadOutcome.Frames, wanting.Read(batch));
        Assert.True(batch[0].IsError);
        Assert.Equal(0x40u, batch[0].ErrorClass);
        Assert.Equal(ReadOutcome.Idle, other.Read(batch));
    }

    [Theory]
    [InlineData("vcan0", false)]
    [InlineData("vcan1", true)]
    public void Frames_sent_are_frames_read_and_frames_dropped(string name, bool fd)
    {
        using var sender = CanSocket.Open(name);
        using var receiver = CanSocket.Open(name, new CanSocketOptions { ReceiveBufferBytes = 64 * 1024 });
        using var batch = new FrameBatch();
        const int sent = 3000;
        SendNumbered(sender, sent, fd);
        int read = ReadAll(receiver, batch, _ => "", out _);
        Assert.InRange(read, 1, sent - 1);
        Assert.Equal(sent, read + receiver.Dropped);
        TestContext.Current.SendDiagnosticMessage($"sent {sent} = read {read} + dropped {receiver.Dropped}");
    }

    [Fact]
    public async Task Frames_sent_on_two_FD_buses_at_once_are_those_read_and_dropped_on_each()
    {
        Ip("link add vcan8 type vcan");
        try
        {
            Ip("link set vcan8 mtu 72 up");
            foreach (var counts in await Task.WhenAll(OverrunAsync("vcan1"), OverrunAsync("vcan8")))
            {
                TestContext.Current.SendDiagnosticMessage($"{counts.Sent} sent, {counts.Read} read, {counts.Dropped} dropped, {counts.OutOfOrder} out of order");
                Assert.InRange(counts.Dropped, 1, counts.Sent - 1);
                Assert.Equal((counts.Sent, 0), (counts.Read + counts.Dropped, counts.OutOfOrder));
            }
        }
        finally
        {
            Ip("link del vcan8");
        }
    }

    /// <summary>Overruns a socket that nobody reads yet, then goes on sending while it is read.</summary>
    private static async Task<(long Sent, long Read, long Dropped, int OutOfOrder)> OverrunAsync(string name)
    {
        const int burst = 2000, meanwhile = 3000;
        using var sender = CanSocket.Open(name);
        using var receiver = CanSocket.Open(name, new CanSocketOptions { ReceiveBufferBytes = 64 * 1024 });
        SendNumbered(sender, burst, fd: true);
        var sending = Task.Factory.StartNew(() => SendNumbered(sender, meanwhile, fd: true, burst), TaskCreationOptions.LongRunning);
        var reading = Task.Factory.StartNew(
            () =>
            {
                using var batch = new FrameBatch();
                int read = 0, outOfOrder = 0, last = -1;
                while (true)
                {
                    // Asked before the read, so that what it finds empty is empty for good.
                    bool isOver = sending.IsCompleted;
                    if (receiver.Read(batch) != ReadOutcome.Frames && isOver) return (read, outOfOrder);
                    for (int i = 0; i < batch.Count; i++)
                    {
                        int number = BitConverter.ToInt32(batch[i].Payload);
                        if (number <= last) outOfOrder++;
                        last = number;
                    }
                    read += batch.Count;
                }
            },
            TaskCreationOptions.LongRunning);
        await sending;
        var (count, wrong) = await reading;
        return (burst + meanwhile, count, receiver.Dropped, wrong);
    }

    private static void SendNumbered(CanSocket sender, int count, bool fd, int first = 0)
    {
        byte[] payload = new byte[fd ? CanFrame.MaxLength : CanFrame.MaxClassicLength];
        for (int i = 0; i < count; i++)
        {
            BitConverter.TryWriteBytes(payload, first + i);
            Assert.Equal(SendOutcome.Sent, sender.Send(CanFrame.Data(CanId.Standard(1), payload, fd)));
        }
    }

    [Fact]
    public void An_interface_that_goes_down_or_away_is_a_state_with_a_remedy()
    {
        Ip("link add vcan7 type vcan");
        try
        {
            var e = Assert.Throws<CanSourceException>(() => CanSocket.Open("vcan7"));
            Assert.Equal(CanSourceFault.Down, e.Fault);
            Assert.StartsWith("vcan7 is down; bring it up with: ip link set vcan7 up", e.Message, StringComparison.Ordinal);

            Ip("link set vcan7 up");
            using var socket = CanSocket.Open("vcan7");
            using var batch = new FrameBatch();
            Assert.Equal(ReadOutcome.Idle, socket.Read(batch));
            Ip("link set vcan7 down");
            Assert.Equal(ReadOutcome.Lost, socket.Read(batch));
            Assert.Equal(CanSourceFault.Down, socket.Fault!.Fault);

            Ip("link set vcan7 up");
            using var again = CanSocket.Open("vcan7");
            Ip("link del vcan7");
            Assert.Equal(ReadOutcome.Lost, again.Read(batch));
            Assert.Equal(SendOutcome.Lost, again.Send(CanFrame.Data(CanId.Standard(1), [])));
            Assert.Equal(CanSourceFault.Missing, Assert.Throws<CanSourceException>(() => CanSocket.Open("vcan7")).Fault);
        }
        finally
        {
            if (Directory.Exists("/sys/class/net/vcan7")) Ip("link del vcan7");
        }
    }

    [Fact]
    public void The_receive_buffer_is_what_was_asked_for()
    {
        using var socket = CanSocket.Open("vcan0", new CanSocketOptions { ReceiveBufferBytes = 3 * 1024 * 1024 });
        Assert.Equal(6 * 1024 * 1024, socket.ReceiveBufferBytes); // the kernel doubles it for its own use
    }

    private static int ReadAll(CanSocket socket, FrameBatch batch, Func<CanFrame, string> describe, out List<string> seen)
    {
        seen = [];
        int count = 0;
        using var last = new FrameBatch(batch.Capacity);
        while (socket.Read(last) == ReadOutcome.Frames)
        {
            batch.Clear();
            for (int i = 0; i < last.Count; i++)
            {
                batch.Add(last[i], last.TimestampNs(i));
                seen.Add(describe(last[i]));
            }
            count += last.Count;
        }
        return count;
    }

    private static void Ip(string arguments)
    {
        using var process = Process.Start("ip", arguments.Split(' '))!;
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }
}
