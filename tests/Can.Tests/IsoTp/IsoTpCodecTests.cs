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
    [InlineData("1008112233445566AA")] // longer than a classic frame
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
    public void Any_eight_bytes_are_read_or_ignored_without_harm() =>
        Gen.Byte.Array[0, 9].Sample(payload =>
            !IsoTpCodec.TryRead(payload, out var frame) || frame.Data.Length <= payload.Length);
}
