using EdgeAgent.Can.IsoTp;

namespace EdgeAgent.Can.Tests.IsoTp;

public sealed class IsoTpReceiverTests
{
    private static readonly IsoTpReception Nothing = default;

    private TimeSpan _now;

    [Fact]
    public void A_single_frame_is_a_message_at_once()
    {
        var receiver = new IsoTpReceiver(new IsoTpOptions());
        Assert.Equal(new IsoTpReception(true), Accept(receiver, "03410D32CCCCCCCC"));
        Assert.Equal("410D32", Convert.ToHexString(receiver.Message));
    }

    [Fact]
    public void A_segmented_message_is_asked_for_and_put_together_without_its_padding()
    {
        var receiver = new IsoTpReceiver(new IsoTpOptions());
        Assert.Equal(new IsoTpReception(false, new FlowControl(FlowStatus.ContinueToSend)), Accept(receiver, "1009010203040506"));
        Assert.Equal(new IsoTpReception(true), Accept(receiver, "21070809CCCCCCCC"));
        Assert.Equal("010203040506070809", Convert.ToHexString(receiver.Message));
    }

    [Fact]
    public void Blocks_are_asked_for_one_by_one_with_the_separation_time()
    {
        var receiver = new IsoTpReceiver(new IsoTpOptions { BlockSize = 2, SeparationTime = new SeparationTime(0xF3) });
        var next = new FlowControl(FlowStatus.ContinueToSend, 2, new SeparationTime(0xF3));
        Assert.Equal(next, Accept(receiver, "1025000000000000").Reply); // 37 bytes: five consecutive frames
        Assert.Equal(Nothing, Accept(receiver, "2100000000000000"));
        Assert.Equal(next, Accept(receiver, "2200000000000000").Reply);
        Assert.Equal(Nothing, Accept(receiver, "2300000000000000"));
        Assert.Equal(next, Accept(receiver, "2400000000000000").Reply);
        Assert.Equal(new IsoTpReception(true), Accept(receiver, "25000000"));
    }

    [Fact]
    public void A_wrong_sequence_number_ends_the_message_and_the_rest_of_it_is_ignored()
    {
        var receiver = new IsoTpReceiver(new IsoTpOptions());
        Accept(receiver, "1014000000000000");
        Assert.Equal(IsoTpResult.WrongSequenceNumber, Accept(receiver, "2200000000000000").Aborted);
        Assert.Equal(Nothing, Accept(receiver, "2100000000000000"));
        Assert.Equal(0, receiver.Message.Length);
    }

    [Fact]
    public void A_frame_that_is_short_before_the_end_is_ignored()
    {
        var receiver = new IsoTpReceiver(new IsoTpOptions());
        Accept(receiver, "1014000000000000");
        Assert.Equal(Nothing, Accept(receiver, "21000000"));
        Assert.Equal(Nothing, Accept(receiver, "2100000000000000"));
        Assert.True(Accept(receiver, "2200000000000000").IsComplete);
    }

    [Fact]
    public void A_frame_that_is_longer_than_the_first_is_ignored()
    {
        var receiver = new IsoTpReceiver(new IsoTpOptions { Fd = true, DataLength = 64 });
        Accept(receiver, "1014000000000000"); // of 8 bytes, which is RX_DL from now on
        Assert.Equal(Nothing, Accept(receiver, "210000000000000000000000"));
        Assert.Equal(Nothing, Accept(receiver, "2100000000000000"));
        Assert.True(Accept(receiver, "2200000000000000").IsComplete);
    }

    // Padding is nobody's business unless it is asked for: the length, or the contents too.
    [Theory]
    [InlineData(IsoTpPaddingCheck.None, "03410D32", true)]
    [InlineData(IsoTpPaddingCheck.None, "03410D3200FF55AA", true)]
    [InlineData(IsoTpPaddingCheck.Length, "03410D3200FF55AA", true)]
    [InlineData(IsoTpPaddingCheck.Length, "03410D32", false)]
    [InlineData(IsoTpPaddingCheck.Length, "03410D32CCCC", false)]
    [InlineData(IsoTpPaddingCheck.LengthAndContents, "03410D32CCCCCCCC", true)]
    [InlineData(IsoTpPaddingCheck.LengthAndContents, "03410D32CCCCCC00", false)]
    [InlineData(IsoTpPaddingCheck.LengthAndContents, "07410D3211223344", true)]
    public void Padding_is_checked_as_far_as_is_asked(IsoTpPaddingCheck check, string frame, bool isTaken) =>
        Assert.Equal(new IsoTpReception(isTaken), Accept(new IsoTpReceiver(new IsoTpOptions { PaddingCheck = check }), frame));

    [Theory]
    [InlineData("03410D32", true)]
    [InlineData("03410D32CCCCCCCC", false)]
    public void Without_padding_of_ours_a_frame_is_as_short_as_can_be(string frame, bool isTaken) =>
        Assert.Equal(new IsoTpReception(isTaken), Accept(new IsoTpReceiver(new IsoTpOptions { Padding = null, PaddingCheck = IsoTpPaddingCheck.LengthAndContents }), frame));

    [Theory]
    [InlineData("21070809CCCCCCCC", true)]
    [InlineData("21070809", false)]
    [InlineData("2107080900CCCCCC", false)]
    public void The_padding_of_the_last_frame_is_checked_too(string last, bool isTaken)
    {
        var receiver = new IsoTpReceiver(new IsoTpOptions { PaddingCheck = IsoTpPaddingCheck.LengthAndContents });
        Accept(receiver, "1009010203040506");
        Assert.Equal(new IsoTpReception(isTaken), Accept(receiver, last));
        if (!isTaken) Assert.True(Accept(receiver, "21070809CCCCCCCC").IsComplete);
    }

    [Fact]
    public void On_CAN_FD_a_frame_is_no_longer_than_its_length_code_asks()
    {
        var receiver = new IsoTpReceiver(new IsoTpOptions { Fd = true, DataLength = 64, PaddingCheck = IsoTpPaddingCheck.LengthAndContents });
        Assert.True(Accept(receiver, "0009" + "010203040506070809" + "CC").IsComplete);
        Assert.Equal(Nothing, Accept(receiver, "0009" + "010203040506070809" + "CCCCCCCCCC"));
    }

    [Fact]
    public void A_message_that_does_not_go_on_in_time_is_given_up_and_each_frame_renews_the_time()
    {
        var receiver = new IsoTpReceiver(new IsoTpOptions());
        Accept(receiver, "1014000000000000");
        _now += TimeSpan.FromMilliseconds(999);
        Assert.Equal(Nothing, Accept(receiver, "2100000000000000"));
        Assert.Equal(_now + TimeSpan.FromMilliseconds(1000), receiver.Deadline);
        _now += TimeSpan.FromMilliseconds(999);
        Assert.Equal(Nothing, receiver.Check(_now));
        _now += TimeSpan.FromMilliseconds(1);
        Assert.Equal(IsoTpResult.ConsecutiveFrameTimeout, receiver.Check(_now).Aborted);
        Assert.Equal(Nothing, receiver.Check(_now));
        Assert.Equal(Nothing, Accept(receiver, "2200000000000000"));
    }

    [Theory]
    [InlineData("0241AA", true)]
    [InlineData("1009010203040506", false)]
    public void A_new_message_ends_the_one_before(string frame, bool isComplete)
    {
        var receiver = new IsoTpReceiver(new IsoTpOptions());
        Accept(receiver, "1014000000000000");
        var reception = Accept(receiver, frame);
        Assert.Equal((isComplete, IsoTpResult.UnexpectedFrame), (reception.IsComplete, reception.Aborted));
        Assert.Equal(!isComplete, receiver.IsReceiving);
    }

    [Fact]
    public void A_late_frame_of_a_new_message_reports_the_timeout_of_the_old_one()
    {
        var receiver = new IsoTpReceiver(new IsoTpOptions());
        Accept(receiver, "1014000000000000");
        _now += TimeSpan.FromSeconds(2);
        Assert.Equal(new IsoTpReception(true, null, IsoTpResult.ConsecutiveFrameTimeout), Accept(receiver, "0141"));
    }

    [Theory]
    [InlineData("1065000000000000")] // 101 bytes
    [InlineData("1000000010000000")] // 4096 bytes
    [InlineData("1000FFFFFFFF0000")] // 4 GiB
    public void What_is_too_long_is_answered_with_an_overflow(string frame)
    {
        var receiver = new IsoTpReceiver(new IsoTpOptions { MaxMessageLength = 100 });
        Assert.Equal(new IsoTpReception(false, new FlowControl(FlowStatus.Overflow), IsoTpResult.BufferOverflow), Accept(receiver, frame));
        Assert.False(receiver.IsReceiving);
        Assert.Equal(new FlowControl(FlowStatus.ContinueToSend), Accept(receiver, "1064000000000000").Reply);
    }

    [Fact]
    public void Whoever_is_busy_has_the_sender_wait_again_and_again_until_it_may_go_on()
    {
        var receiver = new IsoTpReceiver(new IsoTpOptions { BlockSize = 1 }) { IsBusy = true };
        Assert.Equal(new FlowControl(FlowStatus.Wait), Accept(receiver, "1014000000000000").Reply);
        Assert.Equal(Nothing, Accept(receiver, "2100000000000000")); // it was told to wait
        _now += TimeSpan.FromMilliseconds(499);
        Assert.Equal(Nothing, receiver.Check(_now));
        _now += TimeSpan.FromMilliseconds(1);
        Assert.Equal(new FlowControl(FlowStatus.Wait), receiver.Check(_now).Reply);
        receiver.IsBusy = false;
        Assert.Equal(new FlowControl(FlowStatus.ContinueToSend, 1), receiver.Check(_now).Reply);
        Assert.Equal(Nothing, receiver.Check(_now));
        receiver.IsBusy = true;
        Assert.Equal(FlowStatus.Wait, Accept(receiver, "2100000000000000").Reply!.Value.Status);
        receiver.IsBusy = false;
        Assert.Equal(FlowStatus.ContinueToSend, receiver.Check(_now).Reply!.Value.Status);
        Assert.True(Accept(receiver, "2200000000000000").IsComplete);
    }

    [Fact]
    public void Whoever_is_busy_for_too_long_gives_the_message_up()
    {
        var receiver = new IsoTpReceiver(new IsoTpOptions { MaxWaits = 2 }) { IsBusy = true };
        Accept(receiver, "1014000000000000");
        _now = receiver.Deadline;
        Assert.Equal(FlowStatus.Wait, receiver.Check(_now).Reply!.Value.Status);
        _now = receiver.Deadline;
        Assert.Equal(new IsoTpReception(false, null, IsoTpResult.TooManyWaits), receiver.Check(_now));
        Assert.False(receiver.IsReceiving);
    }

    [Fact]
    public void A_flow_control_that_cannot_be_sent_ends_the_message()
    {
        var receiver = new IsoTpReceiver(new IsoTpOptions());
        Accept(receiver, "1014000000000000");
        Assert.Equal(IsoTpResult.SendTimeout, receiver.FailReply().Aborted);
        Assert.False(receiver.IsReceiving);
        Assert.Equal(Nothing, receiver.FailReply());
    }

    [Theory]
    [InlineData(9, true)]
    [InlineData(12, false)]
    [InlineData(0, true)]
    [InlineData(72, true)]
    public void Lengths_that_no_frame_has_are_refused(int dataLength, bool fd) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new IsoTpReceiver(new IsoTpOptions { DataLength = dataLength, Fd = fd }));

    [Fact]
    public void All_frames_but_the_last_are_as_long_as_the_first()
    {
        var receiver = new IsoTpReceiver(new IsoTpOptions { Fd = true, DataLength = 64 });
        Accept(receiver, "101D" + new string('0', 20)); // 29 bytes in frames of 12: the peer's choice, not ours
        Assert.Equal(Nothing, Accept(receiver, "2100000000000000"));
        Assert.Equal(Nothing, Accept(receiver, "2100000000000000000000AA"));
        Assert.True(Accept(receiver, "22000000000000BBCC000000").IsComplete); // 10, 11 and 8
        Assert.EndsWith("BBCC", Convert.ToHexString(receiver.Message), StringComparison.Ordinal);
    }

    [Fact]
    public void A_stray_consecutive_or_flow_control_frame_is_ignored()
    {
        var receiver = new IsoTpReceiver(new IsoTpOptions());
        Assert.Equal(Nothing, Accept(receiver, "2100000000000000"));
        Accept(receiver, "1009010203040506");
        Assert.Equal(Nothing, Accept(receiver, "300000"));
        Assert.True(Accept(receiver, "21070809").IsComplete);
    }

    private IsoTpReception Accept(IsoTpReceiver receiver, string payload) => receiver.Accept(Convert.FromHexString(payload), _now);
}
