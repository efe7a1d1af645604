using CsCheck;
using EdgeAgent.Can.J1939;

namespace EdgeAgent.Can.Tests.J1939;

public sealed class TransportListenerTests
{
    private readonly TransportListener _listener = new();
    private TimeSpan _now;

    [Fact]
    public void A_broadcast_is_put_together_and_known_by_its_group_and_source()
    {
        Assert.Equal(default, Hear(0x1CECFF21, "200900 02 FF CAFE00"));
        Assert.Equal(default, Hear(0x1CEBFF21, "01 01020304050607"));
        Assert.Equal(new TransportHearing(true), Hear(0x1CEBFF21, "02 0809FFFFFFFFFF"));
        Assert.Equal("010203040506070809", Convert.ToHexString(_listener.Message));
        Assert.Equal(new J1939Id(7, ParameterGroupNumber.ActiveTroubleCodes, J1939Address.Global, 0x21), _listener.Id);
        Assert.Equal((1, 0, 0), (_listener.Completed, _listener.Failed, _listener.Active));
    }

    [Fact]
    public void A_connection_is_followed_through_holds_and_packets_sent_again()
    {
        foreach (var (id, data) in new (uint, string)[]
        {
            (0x18EC2100, "101700 04 FF CAFE00"), (0x18EC0021, "11 00 FF FFFF CAFE00"), (0x18EC0021, "11 02 01 FFFF CAFE00"),
            (0x18EB2100, "01 01020304050607"), (0x18EB2100, "02 08090A0B0C0D0E"),
            (0x18EC0021, "11 03 02 FFFF CAFE00"), // the receiver wants packet 2 again
            (0x18EB2100, "02 08090A0B0C0D0E"), (0x18EB2100, "04 1617FFFFFFFFFF"),
        })
        {
            Assert.Equal(default, Hear(id, data));
            _now += TimeSpan.FromMilliseconds(1000); // more than a broadcast may pause
        }
        Assert.True(Hear(0x18EB2100, "03 0F101112131415").IsComplete);
        Assert.Equal(Convert.ToHexString([.. Enumerable.Range(1, 23).Select(i => (byte)i)]), Convert.ToHexString(_listener.Message));
        Assert.Equal(default, Hear(0x18EC0021, "13 1700 04 FF CAFE00"));
        Assert.Equal(0, _listener.Failed);
    }

    [Theory]
    [InlineData(TransportResult.PacketLost, 0x18EBFF00u, "03 01010101010101")] // a gap in a broadcast
    [InlineData(TransportResult.PacketLost, 0x18EBFF00u, "00 01010101010101")]
    [InlineData(TransportResult.PacketLost, 0x18EC0021u, "13 1700 04 FF CAFE00")] // acknowledged, so that a packet was missed here
    [InlineData(TransportResult.Superseded, 0x18ECFF00u, "20 0900 02 FF CAFE00")]
    [InlineData(TransportResult.Superseded, 0x18EC2100u, "10 0900 02 FF 00EF00")]
    [InlineData(TransportResult.AbortedByPeer, 0x18EC2100u, "FF 03 FFFFFF CAFE00")] // by the sender …
    [InlineData(TransportResult.AbortedByPeer, 0x18EC0021u, "FF 03 FFFFFF CAFE00")] // … or the receiver
    [InlineData(null, 0x18EC0022u, "FF 03 FFFFFF CAFE00")] // by somebody else
    [InlineData(null, 0x18EC0021u, "FF 03 FFFFFF 00EF00")] // of another message
    [InlineData(null, 0x18EC0021u, "FF 03 FFFFFF CAFEFF")] // of no possible group
    [InlineData(null, 0x18EBFF00u, "01 01010101010101")] // the same again
    [InlineData(null, 0x18EBFF00u, "02 010101010101")] // too short
    [InlineData(null, 0x18EBFF00u, "")]
    [InlineData(null, 0x18ECFF00u, "")]
    public void What_breaks_off_says_why(TransportResult? expected, uint identifier, string data)
    {
        Hear(0x18ECFF00, "20 1700 04 FF CAFE00");
        Hear(0x18EBFF00, "01 01020304050607");
        Hear(0x18EC2100, "10 1700 04 FF CAFE00");
        Hear(0x18EC0021, "11 04 01 FFFF CAFE00");
        Hear(0x18EB2100, "01 01020304050607");
        Assert.Equal(new TransportHearing(false, expected), Hear(identifier, data));
        Assert.Equal(expected is null ? 0 : 1, _listener.Failed);
        Assert.True(_listener.Message.IsEmpty);
    }

    [Theory]
    [InlineData(750, 1250, true)]
    [InlineData(751, 1250, false)]
    [InlineData(750, 1251, false)]
    [InlineData(-750, -1250, true)] // a clock that is set back a little
    [InlineData(-100_000, -100_000, false)]
    public void Silence_ends_a_message(int broadcastMs, int connectionMs, bool arrive)
    {
        Hear(0x18ECFF00, "20 0900 02 FF CAFE00");
        Hear(0x18EBFF00, "01 01020304050607");
        Hear(0x18EC2100, "10 0900 02 FF CAFE00");
        Hear(0x18EB2100, "01 01020304050607");
        _now = TimeSpan.FromMilliseconds(broadcastMs);
        bool broadcast = Hear(0x18EBFF00, "02 0809FFFFFFFFFF").IsComplete;
        _now = TimeSpan.FromMilliseconds(connectionMs);
        bool connection = Hear(0x18EB2100, "02 0809FFFFFFFFFF").IsComplete;
        Assert.Equal(arrive, broadcast && connection);
    }

    [Fact]
    public void What_no_message_can_be_is_not_begun()
    {
        foreach (string announced in (string[])["20 0000 00", "20 0900 03", "20 0900 01", "20 FFFF FF", "20 FA06 FF", "10 0900 02"]) Hear(0x18ECFF00, announced + "FF CAFE00");
        Hear(0x18EC2100, "20 0900 02 FF CAFE00"); // a broadcast to one
        Assert.Equal(0, _listener.Active);
        Hear(0x18ECFF00, "20 F906 FF FF CAFE00");
        Assert.Equal(1, _listener.Active);
    }

    [Fact]
    public void More_messages_at_a_time_than_there_is_room_for_are_refused_until_others_have_ended()
    {
        for (uint i = 0; i < J1939Limits.ListenedSessions; i++) Assert.Equal(default, Hear(0x18ECFF00 + i, "20 0900 02 FF CAFE00"));
        Assert.Equal(TransportResult.NoResources, Hear(0x18EC2100, "10 0900 02 FF CAFE00").Failed);
        _now += TimeSpan.FromSeconds(2);
        Assert.Null(Hear(0x18EC2100, "10 0900 02 FF CAFE00").Failed);
        Assert.Equal((1, J1939Limits.ListenedSessions + 1), (_listener.Active, (int)_listener.Failed));
        _listener.Forget();
        Assert.Equal(0, _listener.Active);
    }

    [Fact]
    public void Messages_of_many_nodes_at_once_arrive_whole_in_whatever_order_their_frames_come() =>
        Gen.Select(Gen.Byte.Array[1, 1785].Array[1, 40], Gen.Int).Sample((messages, seed) =>
        {
            var random = new Random(seed);
            var listener = new TransportListener();
            var queues = messages.Select((message, node) => new Queue<CanFrame>(Packets(message, (byte)(node / 2), node % 2 == 0 ? J1939Address.Global : (byte)200))).ToList();
            List<(byte, byte, string)> arrived = [];
            while (queues.Count > 0)
            {
                int node = random.Next(queues.Count);
                var frame = queues[node].Dequeue();
                if (queues[node].Count == 0) queues.RemoveAt(node);
                Assert.True(J1939Id.TryFrom(frame.Id, out var id));
                if (listener.Accept(id, frame.Payload, TimeSpan.Zero).IsComplete) arrived.Add((listener.Id.Source, listener.Id.Destination, Convert.ToHexString(listener.Message)));
            }
            var sent = messages.Select((message, node) => ((byte)(node / 2), node % 2 == 0 ? J1939Address.Global : (byte)200, Convert.ToHexString(message)));
            Assert.Equal(sent.Order(), arrived.Order());
        }, iter: 50);

    private TransportHearing Hear(uint identifier, string data)
    {
        Assert.True(J1939Id.TryFrom(CanId.Extended(identifier), out var id));
        return _listener.Accept(id, Convert.FromHexString(data.Replace(" ", "", StringComparison.Ordinal)), _now);
    }

    internal static IEnumerable<CanFrame> Packets(byte[] message, byte source, byte destination)
    {
        byte[] payload = new byte[8];
        int packets = TransportCommand.PacketsOf(message.Length);
        bool isBroadcast = destination == J1939Address.Global;
        new TransportCommand(isBroadcast ? TransportControl.BroadcastAnnouncement : TransportControl.RequestToSend, ParameterGroupNumber.From(0xFECA), message.Length, packets, 255).Write(payload);
        yield return CanFrame.Data(new J1939Id(7, ParameterGroupNumber.TransportConnection, destination, source).ToCanId(), payload);
        for (int packet = 1; packet <= packets; packet++)
        {
            Array.Fill(payload, (byte)0xFF);
            payload[0] = (byte)packet;
            message.AsSpan((packet - 1) * 7, Math.Min(7, message.Length - (packet - 1) * 7)).CopyTo(payload.AsSpan(1));
            yield return CanFrame.Data(new J1939Id(7, ParameterGroupNumber.TransportData, destination, source).ToCanId(), payload);
        }
    }
}
