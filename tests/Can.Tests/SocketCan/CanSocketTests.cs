using EdgeAgent.Can.SocketCan;

namespace EdgeAgent.Can.Tests.SocketCan;

public sealed class CanSocketTests
{
    [Fact]
    public void Frames_come_in_order_in_batches_with_kernel_timestamps()
    {
        using var pair = new DatagramSocket();
        using var batch = new FrameBatch(8);
        long before = Libc.RealTimeNs();
        for (uint i = 0; i < 10; i++) pair.Sender.Send(CanFrame.Data(CanId.Standard(i), [(byte)i]));

        Assert.Equal(ReadOutcome.Frames, pair.Receiver.Read(batch));
        Assert.Equal(8, batch.Count);
        Assert.Equal(ReadOutcome.Frames, pair.Receiver.Read(batch));
        Assert.Equal(2, batch.Count);
        Assert.Equal(9u, batch[1].RawId);
        Assert.InRange(batch.TimestampNs(0), before - 1_000_000, Libc.RealTimeNs());
        Assert.True(batch.TimestampNs(1) >= batch.TimestampNs(0));
        Assert.Equal(ReadOutcome.Idle, pair.Receiver.Read(batch));
        Assert.Equal(0, batch.Count);
    }

    [Fact]
    public void The_size_of_a_message_tells_classic_from_fd_whatever_its_flags_byte_says()
    {
        using var pair = new DatagramSocket();
        using var batch = new FrameBatch();
        byte[] classic = CanFrame.Data(CanId.Standard(1), [1, 2]).Wire.ToArray();
        classic[5] = 0xFF; // undefined in a classic frame before Linux 5.17
        pair.SendBytes(classic);
        byte[] fd = CanFrame.Data(CanId.Standard(2), new byte[12], fd: true, bitRateSwitch: true).Wire.ToArray();
        fd[5] &= 0x03; // older kernels do not set the FD flag
        pair.SendBytes(fd);

        pair.Receiver.Read(batch);
        Assert.Equal((false, false), (batch[0].IsFd, batch[0].BitRateSwitch));
        Assert.Equal((true, true, 12), (batch[1].IsFd, batch[1].BitRateSwitch, batch[1].Length));
    }

    [Fact]
    public void A_message_of_another_size_is_passed_over()
    {
        using var pair = new DatagramSocket();
        using var batch = new FrameBatch();
        pair.SendBytes(new byte[10]);
        pair.Sender.Send(CanFrame.Data(CanId.Standard(5), [5]));
        pair.Receiver.Read(batch);
        Assert.Equal(1, batch.Count);
        Assert.Equal(5u, batch[0].RawId);
    }

    [Fact]
    public void Reading_allocates_nothing()
    {
        using var pair = new DatagramSocket();
        using var batch = new FrameBatch();
        var frame = CanFrame.Data(CanId.Standard(1), [1, 2, 3]);
        void Round()
        {
            for (int i = 0; i < 64; i++) pair.Sender.Send(frame);
            pair.Receiver.Read(batch);
        }
        for (int i = 0; i < 200; i++) Round();
        Assert.Equal(0, Allocations.Least(() =>
        {
            for (int i = 0; i < 1000; i++) Round();
        }));
        Assert.Equal(64, batch.Count);
    }

    [Fact]
    public void A_drop_count_that_wraps_or_comes_late_is_followed()
    {
        var drops = new DropCounter();
        drops.Observe(10);
        drops.Observe(7); // carried by a frame that was queued before
        drops.Observe(12);
        Assert.Equal(12, drops.Total);
        foreach (uint count in (uint[])[0x7000_0000, 0xE000_0000, uint.MaxValue]) drops.Observe(count);
        Assert.Equal(uint.MaxValue, drops.Total);
        drops.Observe(4);
        Assert.Equal(uint.MaxValue + 5L, drops.Total);
    }

    [Theory]
    [InlineData("")]
    [InlineData("an-interface-of-more-than-15")]
    [InlineData("cän0")]
    public void A_name_that_no_interface_can_have_is_refused(string name)
    {
        using var pair = new DatagramSocket();
        using var handle = new SocketHandle(Libc.Socket(1, 2, 0));
        var e = Assert.Throws<CanSourceException>(() => CanInterface.RequireUp(name, handle));
        Assert.Equal(CanSourceFault.Missing, e.Fault);
    }

    [Fact]
    public void An_interface_that_is_not_there_is_named_with_what_to_do()
    {
        using var handle = new SocketHandle(Libc.Socket(1, 2, 0));
        var e = Assert.Throws<CanSourceException>(() => CanInterface.RequireUp("can77", handle));
        Assert.Equal("can77 does not exist; `ip link show type can` shows which do", e.Message);
    }

    [Fact]
    public void An_interface_that_carries_no_can_is_refused()
    {
        using var handle = new SocketHandle(Libc.Socket(1, 2, 0));
        var e = Assert.Throws<CanSourceException>(() => CanInterface.RequireUp("lo", handle));
        Assert.Equal(CanSourceFault.NotCan, e.Fault);
    }
}
