using CsCheck;

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

    // 34 zeros, since the CRC of zeros is zero: a one is put in behind each five.
    [Fact]
    public void The_bits_of_a_frame_of_zeros_are_counted() =>
        Assert.Equal(new BusBits(34 + 6 + 13, 0), BusLoad.Bits(CanFrame.Data(CanId.Standard(0), []), BitStuffing.Exact));

    [Fact]
    public void Bits_are_counted_as_by_writing_them_down_and_are_never_more_than_the_worst()
    {
        Gen.Select(Gen.UInt[0, CanId.MaxExtended], Gen.Bool, Gen.Byte.Array[0, 64], Gen.Bool, Gen.Bool).Sample((id, extended, data, fd, switched) =>
        {
            var canId = extended ? CanId.Extended(id) : CanId.Standard(id & CanId.MaxStandard);
            var frame = CanFrame.Data(canId, fd ? data : data.AsSpan(0, Math.Min(8, data.Length)), fd, fd && switched);
            var (exact, worst) = (BusLoad.Bits(frame, BitStuffing.Exact), BusLoad.Bits(frame, BitStuffing.Worst));
            Assert.InRange(exact.Nominal + exact.Data, 1, worst.Nominal + worst.Data);
            if (!fd) Assert.Equal(Stuffed(ClassicBits(frame)).Length + 13, exact.Nominal);
            else Assert.Equal(FdBits(frame), exact);
        });
    }

    private static string ClassicBits(CanFrame frame)
    {
        string length = Convert.ToString(frame.Length, 2).PadLeft(4, '0');
        string all = frame.Id.IsExtended
            ? "0" + Binary(frame.Id.Value >> 18, 11) + "11" + Binary(frame.Id.Value & 0x3FFFF, 18) + "000" + length
            : "0" + Binary(frame.Id.Value, 11) + "000" + length;
        all += string.Concat(frame.Payload.ToArray().Select(value => Binary(value, 8)));
        return all + Remainder(all);
    }

    private static BusBits FdBits(CanFrame frame)
    {
        int[] lengths = [0, 1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 20, 24, 32, 48, 64];
        string arbitration = (frame.Id.IsExtended
            ? "0" + Binary(frame.Id.Value >> 18, 11) + "11" + Binary(frame.Id.Value & 0x3FFFF, 18) + "010"
            : "0" + Binary(frame.Id.Value, 11) + "0010") + (frame.BitRateSwitch ? "1" : "0");
        string rest = "0" + Binary((uint)Array.IndexOf(lengths, frame.Length), 4) + string.Concat(frame.Payload.ToArray().Select(value => Binary(value, 8)));
        int before = Stuffed(arbitration).Length, all = Stuffed(arbitration + rest, isOpen: true).Length;
        int check = frame.Length <= 16 ? 27 : 32;
        return frame.BitRateSwitch ? new BusBits(before + 13, all - before + check) : new BusBits(all + check + 13, 0);
    }

    private static string Stuffed(string bits, bool isOpen = false)
    {
        var sent = new System.Text.StringBuilder();
        for (int i = 0; i < bits.Length; i++)
        {
            sent.Append(bits[i]);
            string tail = sent.Length >= 5 ? sent.ToString(sent.Length - 5, 5) : "";
            if (tail == "00000" && !(isOpen && i == bits.Length - 1)) sent.Append('1');
            else if (tail == "11111" && !(isOpen && i == bits.Length - 1)) sent.Append('0');
        }
        return sent.ToString();
    }

    /// <summary>Division by x^15 + x^14 + x^10 + x^8 + x^7 + x^4 + x^3 + 1.</summary>
    private static string Remainder(string bits)
    {
        const string polynomial = "1100010110011001";
        char[] left = [.. bits, .. new string('0', 15)];
        for (int i = 0; i < bits.Length; i++)
        {
            if (left[i] == '0') continue;
            for (int j = 0; j < polynomial.Length; j++) left[i + j] = left[i + j] == polynomial[j] ? '0' : '1';
        }
        return new string(left[^15..]);
    }

    private static string Binary(uint value, int digits) => Convert.ToString(value, 2).PadLeft(digits, '0');

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
