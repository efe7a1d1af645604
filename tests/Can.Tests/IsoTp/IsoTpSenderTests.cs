using EdgeAgent.Can.IsoTp;

namespace EdgeAgent.Can.Tests.IsoTp;

public sealed class IsoTpSenderTests
{
    private static readonly IsoTpOptions Unpadded = new() { Padding = null };

    private readonly IsoTpSender _sender = new(Unpadded);
    private TimeSpan _now;

    [Theory]
    [InlineData(null, "03010203")]
    [InlineData((byte)0xCC, "03010203CCCCCCCC")]
    [InlineData((byte)0x00, "0301020300000000")]
    public void A_short_message_is_one_frame_padded_as_wanted(byte? padding, string frame)
    {
        var sender = new IsoTpSender(new IsoTpOptions { Padding = padding });
        sender.Start(new byte[] { 1, 2, 3 }, _now);
        Span<byte> payload = stackalloc byte[8];
        Assert.True(sender.TryNext(_now, payload, out int length));
        Assert.Equal(frame, Convert.ToHexString(payload[..length]));
        sender.Confirm(_now);
        Assert.Equal((false, IsoTpResult.Ok), (sender.IsSending, sender.Result));
    }

    [Fact]
    public void Sequence_numbers_wrap_from_15_to_0()
    {
        _sender.Start(new byte[6 + 7 * 17], _now);
        Next();
        _sender.Accept(new FlowControl(FlowStatus.ContinueToSend), _now);
        string numbers = "";
        while (_sender.IsSending) numbers += Next()![1];
        Assert.Equal("123456789ABCDEF01", numbers);
    }

    [Fact]
    public void Each_flow_control_sets_the_block_and_the_separation_time_anew()
    {
        _sender.Start(new byte[6 + 7 * 5], _now);
        Assert.StartsWith("1029", Next(), StringComparison.Ordinal);
        Assert.Null(Next());
        _sender.Accept(new FlowControl(FlowStatus.ContinueToSend, 2, new SeparationTime(0xF5)), _now);
        Assert.StartsWith("21", Next(), StringComparison.Ordinal);
        Assert.Null(Next());
        _now += TimeSpan.FromMicroseconds(499);
        Assert.Null(Next());
        _now += TimeSpan.FromMicroseconds(1);
        Assert.StartsWith("22", Next(), StringComparison.Ordinal);
        _now += TimeSpan.FromMilliseconds(10);
        Assert.Null(Next());
        _sender.Accept(new FlowControl(FlowStatus.ContinueToSend, 1, new SeparationTime(11)), _now);
        Assert.Null(Next());
        Assert.Equal(_now + TimeSpan.FromMilliseconds(1), _sender.Due);
        _now = _sender.Due;
        Assert.StartsWith("23", Next(), StringComparison.Ordinal);
        _sender.Accept(new FlowControl(FlowStatus.ContinueToSend), _now);
        Assert.Equal("2425", Next()![..2] + Next()![..2]);
        Assert.False(_sender.IsSending);
    }

    [Fact]
    public void A_receiver_that_does_not_answer_is_waited_for_a_second()
    {
        _sender.Start(new byte[20], _now);
        Next();
        _now += TimeSpan.FromMilliseconds(999);
        Assert.Null(Next());
        Assert.True(_sender.IsSending);
        _now += TimeSpan.FromMilliseconds(1);
        Assert.Null(Next());
        Assert.Equal((false, IsoTpResult.FlowControlTimeout), (_sender.IsSending, _sender.Result));
    }

    [Fact]
    public void A_receiver_may_have_the_sender_wait_but_not_for_ever()
    {
        _sender.Start(new byte[20], _now);
        Next();
        for (int i = 0; i < Unpadded.MaxWaits; i++)
        {
            _now += TimeSpan.FromMilliseconds(900);
            _sender.Accept(new FlowControl(FlowStatus.Wait), _now);
            Assert.Null(Next());
            Assert.True(_sender.IsSending);
        }
        _sender.Accept(new FlowControl(FlowStatus.Wait), _now);
        Assert.Equal((false, IsoTpResult.TooManyWaits), (_sender.IsSending, _sender.Result));
    }

    [Theory]
    [InlineData(2, IsoTpResult.BufferOverflow)]
    [InlineData(3, IsoTpResult.InvalidFlowStatus)]
    [InlineData(15, IsoTpResult.InvalidFlowStatus)]
    public void Other_answers_end_the_message(int status, IsoTpResult result)
    {
        _sender.Start(new byte[20], _now);
        Next();
        _sender.Accept(new FlowControl((FlowStatus)status), _now);
        Assert.Equal((false, result), (_sender.IsSending, _sender.Result));
    }

    [Fact]
    public void A_frame_that_is_never_confirmed_ends_the_message()
    {
        _sender.Start(new byte[3], _now);
        Assert.True(_sender.TryNext(_now, stackalloc byte[8], out _));
        _now += Unpadded.SendTimeout;
        Assert.False(_sender.TryNext(_now, stackalloc byte[8], out _));
        Assert.Equal((false, IsoTpResult.SendTimeout), (_sender.IsSending, _sender.Result));
    }

    [Fact]
    public void A_flow_control_that_nobody_waits_for_is_ignored()
    {
        _sender.Accept(new FlowControl(FlowStatus.Overflow), _now);
        _sender.Start(new byte[30], _now);
        _sender.Accept(new FlowControl(FlowStatus.Overflow), _now);
        Next();
        _sender.Accept(new FlowControl(FlowStatus.ContinueToSend), _now);
        Next();
        _sender.Accept(new FlowControl(FlowStatus.Overflow), _now); // in the middle of a block without an end
        Assert.NotNull(Next());
    }

    [Fact]
    public void A_flow_control_may_overtake_the_confirmation_of_the_frame_that_asked_for_it()
    {
        _sender.Start(new byte[20], _now);
        Assert.True(_sender.TryNext(_now, stackalloc byte[8], out _));
        _sender.Accept(new FlowControl(FlowStatus.ContinueToSend), _now);
        _sender.Confirm(_now);
        Assert.StartsWith("21", Next(), StringComparison.Ordinal);
    }

    private string? Next()
    {
        Span<byte> payload = stackalloc byte[8];
        if (!_sender.TryNext(_now, payload, out int length)) return null;
        _sender.Confirm(_now);
        return Convert.ToHexString(payload[..length]);
    }
}
