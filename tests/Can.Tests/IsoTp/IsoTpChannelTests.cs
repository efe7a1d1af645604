using EdgeAgent.Can.IsoTp;
using EdgeAgent.Can.Tests.SocketCan;

namespace EdgeAgent.Can.Tests.IsoTp;

/// <summary>Two channels over a pair of local sockets. The kernel's filters are tested on vcan.</summary>
public sealed class IsoTpChannelTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private static readonly CanId Request = CanId.Standard(0x7E0), Response = CanId.Standard(0x7E8), Functional = CanId.Standard(0x7DF);

    private readonly DatagramSocket _pair = new();
    private readonly IsoTpChannel _tester, _ecu;

    public IsoTpChannelTests()
    {
        _tester = new IsoTpChannel(_pair.Receiver, [new IsoTpAddress(Request, Response)], new IsoTpOptions(), TimeProvider.System);
        _ecu = new IsoTpChannel(_pair.Sender, [new IsoTpAddress(Response, Request), new IsoTpAddress(Response, Functional)],
            new IsoTpOptions { BlockSize = 8, SeparationTime = new SeparationTime(0xF1) }, TimeProvider.System);
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_longest_message_goes_there_and_back()
    {
        byte[] message = [.. Enumerable.Range(0, 4095).Select(i => (byte)(i * 7))];
        var echo = Task.Run(() =>
        {
            Assert.True(_ecu.TryReceive(Patience, Stop, out var request));
            return _ecu.Send(Response, request.Data, Stop);
        }, Stop);
        Assert.Equal(IsoTpResult.Ok, _tester.Send(Request, message, Stop));
        Assert.True(_tester.TryReceive(Patience, Stop, out var answer));
        Assert.Equal(IsoTpResult.Ok, await echo);
        Assert.Equal((Response, IsoTpResult.Ok), (answer.From, answer.Result));
        Assert.Equal(message, answer.Data.ToArray());
    }

    [Fact]
    public void To_all_at_once_goes_only_what_fits_a_frame()
    {
        Assert.Equal(IsoTpResult.Ok, _tester.Send(Functional, new byte[] { 1, 0x0C }, Stop));
        Assert.True(_ecu.TryReceive(Patience, Stop, out var request));
        Assert.Equal((Functional, "010C"), (request.From, Convert.ToHexString(request.Data.Span)));
        Assert.Throws<ArgumentOutOfRangeException>(() => _tester.Send(Functional, new byte[8], Stop));
    }

    [Fact]
    public void Of_a_message_that_is_not_wanted_nothing_is_answered()
    {
        _tester.Selector = (_, beginning) => beginning[0] == 0x49;
        Send("100A410000000000");
        Send("1009490201000000");
        Send("21000000");
        Assert.True(_tester.TryReceive(Patience, Stop, out var message));
        Assert.Equal("490201000000000000", Convert.ToHexString(message.Data.Span));
        using var batch = new FrameBatch();
        Assert.Equal(ReadOutcome.Frames, _pair.Sender.Read(batch));
        Assert.Equal((1, "300000"), (batch.Count, Convert.ToHexString(batch[0].Payload[..3])));
    }

    [Fact]
    public void A_message_that_breaks_off_is_reported_even_if_the_wait_was_short()
    {
        Send("1014490201000000");
        Assert.True(_tester.TryReceive(TimeSpan.FromMilliseconds(50), Stop, out var message));
        Assert.Equal((IsoTpResult.ConsecutiveFrameTimeout, 0), (message.Result, message.Data.Length));
        Assert.False(_tester.TryReceive(TimeSpan.FromMilliseconds(1), Stop, out _));
    }

    [Fact]
    public void What_was_discarded_does_not_come()
    {
        Send("0141");
        Send("1014490201000000");
        _tester.Discard();
        Send("2100000000000000");
        Assert.False(_tester.TryReceive(TimeSpan.FromMilliseconds(20), Stop, out _));
    }

    [Fact]
    public void Waiting_ends_when_it_is_told_to()
    {
        using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));
        Assert.Throws<OperationCanceledException>(() => _tester.TryReceive(TimeSpan.FromMinutes(1), stop.Token, out _));
    }

    public void Dispose()
    {
        _tester.Dispose();
        _ecu.Dispose();
        _pair.Dispose();
    }

    private void Send(string payload) => _pair.Sender.Send(CanFrame.Data(Response, Convert.FromHexString(payload)));
}
