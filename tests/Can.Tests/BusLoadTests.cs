namespace EdgeAgent.Can.Tests;

public sealed class BusLoadTests
{
    // Without stuffing a frame has 47 + 8n bits (11-bit) or 67 + 8n (29-bit), intermission included; of these 34 + 8n or 54 + 8n are stuffed.
    [Theory]
    [InlineData(false, 0, 47 + 1, 47 + 8)]
    [InlineData(false, 8, 111 + 3, 111 + 24)]
    [InlineData(true, 0, 67 + 1, 67 + 13)]
    [InlineData(true, 8, 131 + 3, 131 + 29)]
    public void A_classic_frame_has_the_bits_of_the_standard(bool extended, int length, int average, int worst)
    {
        var frame = CanFrame.Data(extended ? CanId.Extended(1) : CanId.Standard(1), new byte[length]);
        Assert.Equal(new BusBits(average, 0), BusLoad.Bits(frame));
        Assert.Equal(new BusBits(worst, 0), BusLoad.Bits(frame, BitStuffing.Worst));
    }

    [Fact]
    public void A_remote_frame_carries_no_data_and_an_error_frame_is_none()
    {
        Assert.Equal(BusLoad.Bits(CanFrame.Data(CanId.Standard(1), [])), BusLoad.Bits(CanFrame.Remote(CanId.Standard(1), 8)));
        Assert.Equal(default, BusLoad.Bits(CanFrame.Error(0x40, [])));
    }

    // Arbitration 17 bits, then ESI, DLC and data, stuff count 4, CRC 17 or 21 and 6 or 7 fixed stuff bits; 13 at the end at the nominal rate.
    [Theory]
    [InlineData(8, 17 + 13, 5 + 64 + 27 + (17 + 69) / 30)]
    [InlineData(64, 17 + 13, 5 + 512 + 32 + (17 + 517) / 30)]
    public void The_data_phase_of_an_fd_frame_counts_at_its_own_rate(int length, int nominal, int data)
    {
        var frame = CanFrame.Data(CanId.Standard(1), new byte[length], fd: true, bitRateSwitch: true);
        Assert.Equal(new BusBits(nominal, data), BusLoad.Bits(frame));
        var slow = CanFrame.Data(CanId.Standard(1), new byte[length], fd: true);
        Assert.Equal(new BusBits(nominal + data, 0), BusLoad.Bits(slow));
    }

    [Fact]
    public void A_bus_on_which_frames_follow_each_other_at_the_bit_rate_is_full()
    {
        var frame = CanFrame.Data(CanId.Standard(0x123), new byte[8]);
        BusBits sum = default;
        for (int i = 0; i < 4386; i++) sum += BusLoad.Bits(frame); // 500 000 / 114
        Assert.Equal(1.0, sum.LoadOf(500_000, 0, TimeSpan.FromSeconds(1)), 3);
        Assert.Equal(0.5, (sum + sum - sum).LoadOf(500_000, 2_000_000, TimeSpan.FromSeconds(2)), 3);
        Assert.Equal(0.75, new BusBits(250_000, 500_000).LoadOf(500_000, 2_000_000, TimeSpan.FromSeconds(1)), 9);
    }

    [Fact]
    public void Counting_allocates_nothing()
    {
        var frame = CanFrame.Data(CanId.Extended(5), new byte[64], fd: true, bitRateSwitch: true);
        BusBits sum = default;
        for (int i = 0; i < 1000; i++) sum += BusLoad.Bits(frame);
        Assert.Equal(0, Allocations.Least(() =>
        {
            for (int i = 0; i < 10_000; i++) sum += BusLoad.Bits(frame);
        }));
        Assert.True(sum.Data > sum.Nominal);
    }
}
