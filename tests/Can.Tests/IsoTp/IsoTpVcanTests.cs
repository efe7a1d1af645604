using EdgeAgent.Can.IsoTp;
using EdgeAgent.Can.SocketCan;

namespace EdgeAgent.Can.Tests.IsoTp;

/// <summary>On vcan0, see <see cref="SocketCan.VcanTests"/>.</summary>
[Trait("needs", "vcan")]
public sealed class IsoTpVcanTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    public IsoTpVcanTests()
    {
        if (!File.Exists("/sys/class/net/vcan0/ifindex")) Assert.Skip("no vcan0 here: run with tests/rig/with-vcan.sh");
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Two_channels_on_one_bus_hear_each_other_and_nothing_else(bool extended)
    {
        var request = extended ? CanId.Extended(0x18DA10F1) : CanId.Standard(0x7E0);
        var response = extended ? CanId.Extended(0x18DAF110) : CanId.Standard(0x7E8);
        using var tester = IsoTpChannel.Open("vcan0", [new IsoTpAddress(request, response)], new IsoTpOptions { BlockSize = 10 }, TimeProvider.System);
        using var ecu = IsoTpChannel.Open("vcan0", [new IsoTpAddress(response, request)], new IsoTpOptions { Padding = null, SeparationTime = new SeparationTime(0xF2) }, TimeProvider.System);
        using var other = CanSocket.Open("vcan0");
        byte[] message = [.. Enumerable.Range(0, 1000).Select(i => (byte)(i * 3))];
        var echo = Task.Run(() =>
        {
            Assert.True(ecu.TryReceive(Patience, Stop, out var received));
            Assert.Equal(IsoTpResult.Ok, ecu.Send(response, received.Data, Stop));
        }, Stop);
        other.Send(CanFrame.Data(CanId.Standard(0x7E9), [0x01, 0xFF]));
        other.Send(CanFrame.Remote(response, 8));
        Assert.Equal(IsoTpResult.Ok, tester.Send(request, message, Stop));
        Assert.True(tester.TryReceive(Patience, Stop, out var answer));
        await echo;
        Assert.Equal((response, IsoTpResult.Ok), (answer.From, answer.Result));
        Assert.Equal(message, answer.Data.ToArray());
    }

    [Fact]
    public void An_interface_without_a_controller_has_a_kind_and_counters_and_no_bit_rate()
    {
        using var sender = CanSocket.Open("vcan0");
        var before = CanLinkInfo.Read("vcan0");
        for (int i = 0; i < 10; i++) sender.Send(CanFrame.Data(CanId.Standard(1), new byte[8]));
        var info = CanLinkInfo.Read("vcan0");
        Assert.Equal(("vcan", true, null, null, false), (info.Kind, info.IsUp, info.State, info.BitTiming, info.IsListenOnly));
        Assert.True(info.Statistics.SentFrames - before.Statistics.SentFrames >= 10);
    }

    [Fact]
    public void Traffic_is_any_frame_but_those_that_do_not_count()
    {
        using var sender = CanSocket.Open("vcan0");
        using var traffic = CanTraffic.Open("vcan0", [new CanIdMask(CanId.Standard(0x7DF), CanId.MaxStandard), new CanIdMask(CanId.Standard(0x7E0), 0x7F0)]);
        Assert.False(traffic.WasSeen());
        foreach (uint id in (uint[])[0x7DF, 0x7E0, 0x7E8, 0x7EF]) sender.Send(CanFrame.Data(CanId.Standard(id), [1]));
        Assert.False(traffic.WasSeen());
        foreach (var id in (CanId[])[CanId.Standard(0x7DE), CanId.Standard(0x7F0), CanId.Standard(1), CanId.Extended(0x7DF), CanId.Extended(0x7E8)])
        {
            sender.Send(CanFrame.Data(id, [1]));
            Assert.True(traffic.WasSeen(), id.ToString());
            Assert.False(traffic.WasSeen(), id.ToString());
        }
        for (int i = 0; i < 1000; i++) sender.Send(CanFrame.Data(CanId.Standard(1), [1]));
        Assert.True(traffic.WasSeen());
        Assert.False(traffic.WasSeen());
    }
}
