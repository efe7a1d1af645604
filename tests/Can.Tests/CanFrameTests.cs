using System.Runtime.CompilerServices;
using EdgeAgent.Can.SocketCan;

namespace EdgeAgent.Can.Tests;

public sealed class CanFrameTests
{
    [Fact]
    public void Frames_and_kernel_structures_have_the_sizes_of_the_kernels_headers()
    {
        Assert.Equal(72, Unsafe.SizeOf<CanFrame>());
        Assert.Equal(64, Unsafe.SizeOf<MultiMessageHeader>());
        Assert.Equal(56, Unsafe.SizeOf<MessageHeader>());
        Assert.Equal(16, Unsafe.SizeOf<IoVector>());
        Assert.Equal(16, Unsafe.SizeOf<TimeSpec>());
        Assert.Equal(8, Unsafe.SizeOf<KernelFilter>());
        Assert.Equal(24, Unsafe.SizeOf<CanSocketAddress>());
        Assert.Equal(40, Unsafe.SizeOf<InterfaceRequest>());
    }

    [Fact]
    public void A_frame_lies_in_memory_as_the_kernel_has_it()
    {
        var frame = CanFrame.Data(CanId.Extended(0x18FEF100), [1, 2, 3], fd: true, bitRateSwitch: true);
        Assert.Equal(72, frame.Wire.Length);
        Assert.Equal([0x00, 0xF1, 0xFE, 0x98, 3, 0x05, 0, 0, 1, 2, 3], frame.Wire[..11].ToArray());
        Assert.Equal(16, CanFrame.Data(CanId.Standard(0x123), [1]).Wire.Length);
        Assert.Equal([0x23, 0x01, 0, 0x40, 4], CanFrame.Remote(CanId.Standard(0x123), 4).Wire[..5].ToArray());
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(8, 8)]
    [InlineData(9, 12)]
    [InlineData(13, 16)]
    [InlineData(17, 20)]
    [InlineData(21, 24)]
    [InlineData(25, 32)]
    [InlineData(33, 48)]
    [InlineData(49, 64)]
    [InlineData(64, 64)]
    public void Fd_payloads_are_padded_to_a_length_that_a_data_length_code_can_express(int given, int expected) =>
        Assert.Equal(expected, CanFrame.Data(CanId.Standard(1), new byte[given], fd: true).Length);

    [Fact]
    public void What_does_not_fit_is_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => CanFrame.Data(CanId.Standard(1), new byte[9]));
        Assert.Throws<ArgumentOutOfRangeException>(() => CanFrame.Data(CanId.Standard(1), new byte[65], fd: true));
        Assert.Throws<ArgumentOutOfRangeException>(() => CanFrame.Remote(CanId.Standard(1), 9));
        Assert.Throws<ArgumentOutOfRangeException>(() => CanId.Standard(0x800));
        Assert.Throws<ArgumentOutOfRangeException>(() => CanId.Extended(0x2000_0000));
    }

    [Fact]
    public void A_length_beyond_the_structure_never_reads_past_it()
    {
        var frame = CanFrame.Data(CanId.Standard(1), new byte[64], fd: true);
        Unsafe.Add(ref Unsafe.As<CanFrame, byte>(ref frame), 4) = 255;
        Assert.Equal(64, frame.Length);
        Assert.Equal(64, frame.Payload.Length);
    }

    [Theory]
    [InlineData(0x123u, "123", false)]
    [InlineData(0x80000123u, "00000123", true)]
    [InlineData(0xC0000123u, "00000123", true)]
    public void An_id_keeps_its_kind_and_prints_as_can_utils_do(uint raw, string text, bool extended)
    {
        var id = CanId.FromRaw(raw);
        Assert.Equal(text, id.ToString());
        Assert.Equal(extended, id.IsExtended);
    }
}
