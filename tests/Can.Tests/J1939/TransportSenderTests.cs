using EdgeAgent.Can.J1939;

namespace EdgeAgent.Can.Tests.J1939;

public sealed class TransportSenderTests
{
    private static readonly ParameterGroupNumber Group = ParameterGroupNumber.From(0xEF00);

    private readonly TransportSender _sender = new(new J1939Options());
    private TimeSpan _now;

    [Fact]
    public void A_broadcast_is_announced_and_its_packets_follow_each_50_ms()
    {
        Start(9, isBroadcast: true);
        Assert.Equal("EC 20090002FF00EF00", Next());
        Assert.Null(Next());
        _now += TimeSpan.FromMilliseconds(50);
        Assert.Equal("EB 0101020304050607", Next());
        _now += TimeSpan.FromMilliseconds(49);
        Assert.Null(Next());
        Answer("11 01 02 FFFF 00EF00"); // a broadcast is answered by nobody
        _now += TimeSpan.FromMilliseconds(1);
        Assert.Equal("EB 020809FFFFFFFFFF", Next());
        Assert.Equal((false, TransportResult.Ok), (_sender.IsSending, _sender.Result));
    }

    [Fact]
    public void A_connection_goes_as_the_receiver_says()
    {
        Start(23);
        Assert.Equal("EC 10170004FF00EF00", Next());
        Assert.Null(Next());
        Answer("11 02 01 FFFF 00EF00");
        Assert.Equal("EB 0101020304050607", Next());
        Assert.Equal("EB 0208090A0B0C0D0E", Next());
        Assert.Null(Next());
        Answer("11 00 FF FFFF 00EF00"); // hold …
        _now += TimeSpan.FromMilliseconds(1049);
        Answer("11 00 FF FFFF 00EF00"); // … and again, within T4
        _now += TimeSpan.FromMilliseconds(1049);
        Assert.Null(Next());
        Answer("11 01 02 FFFF 00EF00"); // the second again
        Assert.Equal("EB 0208090A0B0C0D0E", Next());
        Answer("13 1700 04 FF 00EF00"); // too early: it cannot be meant
        Assert.True(_sender.IsSending);
        Answer("11 FF 03 FFFF 00EF00"); // more than there are
        Assert.Equal("EB 030F101112131415", Next());
        Assert.Equal("EB 041617FFFFFFFFFF", Next());
        Assert.Null(Next());
        Answer("13 1700 04 FF CAFE00"); // of another group
        Assert.True(_sender.IsSending);
        Answer("13 1700 04 FF 00EF00");
        Assert.Equal((false, TransportResult.Ok, TransportAbortReason.None), (_sender.IsSending, _sender.Result, _sender.AbortReason));
    }

    [Theory]
    [InlineData("", 1250, TransportResult.Timeout, TransportAbortReason.Timeout)] // T3
    [InlineData("11 00 FF FFFF 00EF00", 1050, TransportResult.Timeout, TransportAbortReason.Timeout)] // T4
    [InlineData("11 01 00 FFFF 00EF00", 0, TransportResult.ProtocolViolation, TransportAbortReason.BadSequenceNumber)]
    [InlineData("11 01 02 FFFF 00EF00", 0, TransportResult.ProtocolViolation, TransportAbortReason.BadSequenceNumber)] // skips the first
    [InlineData("11 01 05 FFFF 00EF00", 0, TransportResult.ProtocolViolation, TransportAbortReason.BadSequenceNumber)]
    public void A_connection_that_cannot_go_on_is_aborted_with_the_reason(string answer, int afterMs, TransportResult result, TransportAbortReason reason)
    {
        Start(23);
        Next();
        if (answer.Length > 0) Answer(answer);
        if (afterMs > 0)
        {
            _now += TimeSpan.FromMilliseconds(afterMs - 1);
            Assert.Null(Next());
            _now += TimeSpan.FromMilliseconds(1);
        }
        Assert.Equal($"EC FF{(byte)reason:X2}FFFFFF00EF00", Next());
        Assert.Equal((false, result, reason), (_sender.IsSending, _sender.Result, _sender.AbortReason));
    }

    [Fact]
    public void Packets_are_sent_again_twice_and_not_more()
    {
        Start(23);
        Next();
        for (int i = 0; i < 3; i++)
        {
            Answer("11 01 01 FFFF 00EF00");
            Assert.Equal("EB 0101020304050607", Next());
        }
        Answer("11 01 01 FFFF 00EF00");
        Assert.Equal("EC FF05FFFFFF00EF00", Next());
        Assert.Equal(TransportResult.RetransmitLimit, _sender.Result);
    }

    [Fact]
    public void Clear_to_send_while_packets_go_ends_the_connection()
    {
        Start(23);
        Next();
        Answer("11 03 01 FFFF 00EF00");
        Next();
        Answer("11 03 01 FFFF 00EF00");
        Assert.Equal("EC FF04FFFFFF00EF00", Next());
        Assert.Equal(TransportResult.ProtocolViolation, _sender.Result);
    }

    [Fact]
    public void An_abort_of_the_receiver_ends_it_with_its_reason_and_a_frame_that_does_not_get_onto_the_bus_too()
    {
        Start(23);
        Next();
        Answer("FF 02 FFFFFF 00EF00");
        Assert.Equal((false, TransportResult.AbortedByPeer, TransportAbortReason.Resources), (_sender.IsSending, _sender.Result, _sender.AbortReason));
        Start(23);
        Assert.NotNull(Next(confirm: false));
        _now += J1939Limits.ResponseTime;
        Assert.Null(Next());
        Assert.Equal((false, TransportResult.SendTimeout), (_sender.IsSending, _sender.Result));
    }

    [Fact]
    public void What_is_no_message_is_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Start(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Start(1786));
        Start(1785);
        Assert.Throws<InvalidOperationException>(() => Start(9));
        Assert.Throws<ArgumentOutOfRangeException>(() => new TransportSender(new J1939Options { PacketsPerClearToSend = 256 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new TransportReceiver(new J1939Options { BroadcastInterval = TimeSpan.FromMilliseconds(9) }));
    }

    private void Start(int length, bool isBroadcast = false) => _sender.Start(Group, Enumerable.Range(1, length).Select(i => (byte)i).ToArray(), isBroadcast, _now);

    private void Answer(string data)
    {
        Assert.True(TransportCommand.TryRead(Convert.FromHexString(data.Replace(" ", "", StringComparison.Ordinal)), out var command));
        _sender.Accept(command, _now);
    }

    private string? Next(bool confirm = true)
    {
        byte[] payload = new byte[8];
        if (!_sender.TryNext(_now, payload, out var group)) return null;
        if (confirm) _sender.Confirm(_now);
        return $"{group.Format:X2} {Convert.ToHexString(payload)}";
    }
}
