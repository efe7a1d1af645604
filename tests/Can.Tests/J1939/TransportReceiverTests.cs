using EdgeAgent.Can.J1939;

namespace EdgeAgent.Can.Tests.J1939;

public sealed class TransportReceiverTests
{
    private const string Request = "10 1700 04 FF 00EF00";

    private readonly TransportReceiver _receiver = new(new J1939Options { PacketsPerClearToSend = 3 });
    private TimeSpan _now;

    [Fact]
    public void A_message_is_asked_for_in_blocks_and_acknowledged()
    {
        Assert.Equal("110301FFFF00EF00", Command(Request));
        Assert.Null(Packet("01 01020304050607"));
        Assert.Null(Packet("02 08090A0B0C0D0E"));
        Assert.True(_receiver.Message.IsEmpty);
        Assert.Equal("110104FFFF00EF00", Packet("03 0F101112131415"));
        Assert.Equal("13170004FF00EF00", Packet("04 1617"));
        Assert.Equal((false, 23), (_receiver.IsReceiving, _receiver.Message.Length));
        Assert.Equal(Convert.ToHexString([.. Enumerable.Range(1, 23).Select(i => (byte)i)]), Convert.ToHexString(_receiver.Message));
        Assert.Null(Packet("04 1617")); // nobody waits for it any more
    }

    [Fact]
    public void A_sender_that_wants_fewer_packets_at_a_time_gets_its_way()
    {
        Assert.Equal("110201FFFF00EF00", Command("10 1700 04 02 00EF00"));
        Assert.Equal("110301FFFF00EF00", Command("10 1700 04 00 00EF00")); // none is no limit
    }

    [Fact]
    public void A_packet_that_is_missing_is_asked_for_again_by_itself()
    {
        Command(Request);
        Packet("01 01020304050607");
        Assert.Equal("110102FFFF00EF00", Packet("03 0F101112131415"));
        Assert.Null(Packet("03 0F101112131415")); // not asked for
        Assert.Equal("110104FFFF00EF00", Packet("02 08090A0B0C0D0E"));
    }

    [Theory]
    [InlineData(false, 1250)] // T2: no packet at all
    [InlineData(true, 750)] // T1: no further packet
    public void Silence_is_answered_by_asking_again_and_then_by_an_abort(bool hasOne, int timeoutMs)
    {
        Command(Request);
        if (hasOne) Packet("01 01020304050607");
        _now += TimeSpan.FromMilliseconds(timeoutMs - 1);
        Assert.Equal(default, _receiver.Check(_now));
        _now += TimeSpan.FromMilliseconds(1);
        string again = hasOne ? "110302FFFF00EF00" : "110301FFFF00EF00";
        Assert.Equal(again, Text(_receiver.Check(_now)));
        // One that was brought further is patient anew.
        for (int i = hasOne ? 0 : 1; i < J1939Limits.Retransmissions; i++)
        {
            _now += TimeSpan.FromMilliseconds(1250);
            Assert.Equal(again, Text(_receiver.Check(_now)));
        }
        _now += TimeSpan.FromMilliseconds(1250);
        var end = _receiver.Check(_now);
        Assert.Equal(("FF03FFFFFF00EF00", TransportResult.Timeout, false), (Text(end), end.Failed, _receiver.IsReceiving));
    }

    [Fact]
    public void A_block_that_never_comes_whole_is_given_up()
    {
        Command(Request);
        Packet("02 08090A0B0C0D0E");
        Assert.Equal("110101FFFF00EF00", Packet("03 0F101112131415"));
        // Only the last of what was asked for counts, so here time has to pass.
        _now += TimeSpan.FromMilliseconds(1250);
        Assert.Equal("110101FFFF00EF00", Text(_receiver.Check(_now)));
        _now += TimeSpan.FromMilliseconds(1250);
        Assert.Equal(TransportResult.Timeout, _receiver.Check(_now).Failed);
    }

    [Fact]
    public void A_busy_receiver_holds_the_sender()
    {
        _receiver.IsBusy = true;
        Assert.Equal("1100FFFFFF00EF00", Command(Request));
        Assert.Null(Packet("01 01020304050607")); // not allowed
        _now += TimeSpan.FromMilliseconds(499);
        Assert.Equal(default, _receiver.Check(_now));
        _now += TimeSpan.FromMilliseconds(1);
        Assert.Equal("1100FFFFFF00EF00", Text(_receiver.Check(_now)));
        _receiver.IsBusy = false;
        Assert.Equal("110301FFFF00EF00", Text(_receiver.Check(_now)));
    }

    [Theory]
    [InlineData("10 1700 04 FF CAFE00", "FF01FFFFFFCAFE00", null)] // another message meanwhile: busy
    [InlineData("10 0900 02 FF 00EF00", "110201FFFF00EF00", TransportResult.Superseded)] // the same group anew
    [InlineData("10 FA06 FF FF 00EF00", "FF09FFFFFF00EF00", TransportResult.Superseded)] // more than 1785 bytes
    [InlineData("10 0900 03 FF 00EF00", "FFFAFFFFFF00EF00", TransportResult.Superseded)] // packets that do not fit the length
    [InlineData("FF 02 FFFFFF 00EF00", null, TransportResult.AbortedByPeer)]
    [InlineData("FF 02 FFFFFF CAFE00", null, null)]
    [InlineData("13 1700 04 FF 00EF00", null, null)] // what a receiver says
    public void Commands_in_the_middle_of_a_message(string command, string? reply, TransportResult? failed)
    {
        Command(Request);
        Packet("01 01020304050607");
        var reception = Reception(command);
        Assert.Equal((reply, failed), (Text(reception), reception.Failed));
    }

    [Fact]
    public void What_is_too_short_or_cannot_be_a_packet_is_passed_over()
    {
        Command(Request);
        foreach (string packet in (string[])["", "00 01020304050607", "05 01020304050607", "01 010203040506", "01"]) Assert.Null(Packet(packet));
        Assert.True(_receiver.IsReceiving);
        Assert.False(TransportCommand.TryRead([16, 23, 0, 4, 255, 0, 0xEF], out _));
        Assert.False(TransportCommand.TryRead([18, 23, 0, 4, 255, 0, 0xEF, 0], out _));
        Assert.False(TransportCommand.TryRead([16, 23, 0, 4, 255, 0, 0xEF, 4], out _));
    }

    private TransportReception Reception(string data)
    {
        Assert.True(TransportCommand.TryRead(Convert.FromHexString(data.Replace(" ", "", StringComparison.Ordinal)), out var command));
        return _receiver.Accept(command, _now);
    }

    private string? Command(string data) => Text(Reception(data));

    private string? Packet(string data) => Text(_receiver.Accept(Convert.FromHexString(data.Replace(" ", "", StringComparison.Ordinal)), _now));

    private static string? Text(in TransportReception reception)
    {
        if (reception.Reply is not { } reply) return null;
        byte[] payload = new byte[8];
        reply.Write(payload);
        return Convert.ToHexString(payload);
    }
}
