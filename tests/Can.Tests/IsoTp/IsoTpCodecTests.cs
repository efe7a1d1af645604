using CsCheck;
using EdgeAgent.Can.IsoTp;

namespace EdgeAgent.Can.Tests.IsoTp;

public sealed class IsoTpCodecTests
{
    [Theory]
    [InlineData("")]
    [InlineData("00")] // SF_DL 0
    [InlineData("0000000000000000")]
    [InlineData("0811223344556677")] // SF_DL 8
    [InlineData("0F11223344556677")]
    [InlineData("03AABB")] // more than the frame holds
    [InlineData("1008112233445566AA")] // no length of a frame
    [InlineData("10081122334455")] // a first frame has eight bytes
    [InlineData("1007112233445566")] // would fit a single frame
    [InlineData("100000000FFF1122")] // needs no escape
    [InlineData("20")]
    [InlineData("3000")]
    [InlineData("4011223344556677")]
    [InlineData("F011223344556677")]
    public void What_the_standard_has_a_receiver_ignore_is_no_frame(string payload) =>
        Assert.False(IsoTpCodec.TryRead(Convert.FromHexString(payload), out _));

    [Theory]
    [InlineData("0401020304CCCCCC", IsoTpFrameType.SingleFrame, 4u, "01020304")]
    [InlineData("0101", IsoTpFrameType.SingleFrame, 1u, "01")]
    [InlineData("10144902014D4154", IsoTpFrameType.FirstFrame, 20u, "4902014D4154")]
    [InlineData("1FFF112233445566", IsoTpFrameType.FirstFrame, 4095u, "112233445566")]
    [InlineData("1000000010001122", IsoTpFrameType.FirstFrame, 4096u, "1122")]
    [InlineData("2F1122334455", IsoTpFrameType.ConsecutiveFrame, 0u, "1122334455")]
    public void Frames_are_read_with_their_part_of_the_message(string payload, IsoTpFrameType type, uint length, string data)
    {
        Assert.True(IsoTpCodec.TryRead(Convert.FromHexString(payload), out var frame));
        Assert.Equal((type, length, data), (frame.Type, frame.MessageLength, Convert.ToHexString(frame.Data)));
        if (type == IsoTpFrameType.ConsecutiveFrame) Assert.Equal(15, frame.SequenceNumber);
    }

    [Theory]
    [InlineData("F1080000000000000000000000", 1)] // no length of a frame
    [InlineData("F1", 1)]
    [InlineData("F10711223344556677", 1)] // beside an address there is room for six bytes
    [InlineData("F1100611223344556677", 1)]
    [InlineData("000711223344556677000000", 0)] // would fit eight bytes
    [InlineData("0B1122334455667788990000", 0)] // a length in the first byte of a long frame
    [InlineData("000B11223344556677889900", 0)] // 11 bytes of 10
    [InlineData("100A11223344556677889900", 0)] // a first frame of what fits a single one
    [InlineData("F1100911223344556677889A", 1)]
    public void Frames_that_are_long_or_begin_with_an_address_have_limits_of_their_own(string payload, int addressBytes) =>
        Assert.False(IsoTpCodec.TryRead(Convert.FromHexString(payload), out _, addressBytes));

    [Theory]
    [InlineData("F10401020304CCCC", 1, IsoTpFrameType.SingleFrame, 4u, "01020304")]
    [InlineData("F106010203040506", 1, IsoTpFrameType.SingleFrame, 6u, "010203040506")]
    [InlineData("F110071122334455", 1, IsoTpFrameType.FirstFrame, 7u, "1122334455")]
    [InlineData("000811223344556677880000", 0, IsoTpFrameType.SingleFrame, 8u, "1122334455667788")]
    [InlineData("000A1122334455667788990A", 0, IsoTpFrameType.SingleFrame, 10u, "1122334455667788990A")]
    [InlineData("F10007112233445566770000", 1, IsoTpFrameType.SingleFrame, 7u, "11223344556677")]
    [InlineData("100B1122334455667788990A", 0, IsoTpFrameType.FirstFrame, 11u, "1122334455667788990A")]
    [InlineData("F11000000010001122334455", 1, IsoTpFrameType.FirstFrame, 4096u, "1122334455")]
    public void Long_frames_and_frames_with_an_address_are_read(string payload, int addressBytes, IsoTpFrameType type, uint length, string data)
    {
        Assert.True(IsoTpCodec.TryRead(Convert.FromHexString(payload), out var frame, addressBytes));
        Assert.Equal((type, length, data), (frame.Type, frame.MessageLength, Convert.ToHexString(frame.Data)));
    }

    [Theory]
    [InlineData("300000", FlowStatus.ContinueToSend, 0, 0)]
    [InlineData("310514CCCCCCCCCC", FlowStatus.Wait, 5, 0x14)]
    [InlineData("32FFF1", FlowStatus.Overflow, 255, 0xF1)]
    public void Flow_control_is_read(string payload, FlowStatus status, byte blockSize, byte separation)
    {
        Assert.True(IsoTpCodec.TryRead(Convert.FromHexString(payload), out var frame));
        Assert.Equal(new FlowControl(status, blockSize, new SeparationTime(separation)), frame.FlowControl);
        Assert.True(frame.FlowControl.IsValid);
    }

    [Theory]
    [InlineData(0x00, 0)]
    [InlineData(0x01, 1_000)]
    [InlineData(0x7F, 127_000)]
    [InlineData(0x80, 127_000)]
    [InlineData(0xF0, 127_000)]
    [InlineData(0xF1, 100)]
    [InlineData(0xF9, 900)]
    [InlineData(0xFA, 127_000)]
    [InlineData(0xFF, 127_000)]
    public void Separation_times_are_milliseconds_or_hundreds_of_microseconds_and_else_the_longest(byte code, int microseconds) =>
        Assert.Equal(TimeSpan.FromMicroseconds(microseconds), new SeparationTime(code).Time);

    [Fact]
    public void A_separation_time_that_is_sent_is_the_shortest_that_is_not_too_short() =>
        Gen.Int[0, 127_000].Sample(microseconds =>
        {
            var wanted = TimeSpan.FromMicroseconds(microseconds);
            var sent = SeparationTime.AtLeast(wanted).Time;
            return sent >= wanted && sent - wanted < (microseconds <= 900 ? TimeSpan.FromMicroseconds(100) : TimeSpan.FromMilliseconds(1));
        });

    [Fact]
    public void Any_bytes_are_read_or_ignored_without_harm() =>
        Gen.Select(Gen.Byte.Array[0, 65], Gen.Int[0, 1]).Sample((payload, addressBytes) =>
            !IsoTpCodec.TryRead(payload, out var frame, addressBytes) || frame.Data.Length < payload.Length - addressBytes + (frame.Type == IsoTpFrameType.FlowControl ? 1 : 0));
}
