using EdgeAgent.Can.Errors;
using EdgeAgent.Can.IsoTp;
using EdgeAgent.Can.SocketCan;

namespace EdgeAgent.Can.Tests.SocketCan;

/// <summary>A controller's bit rate, modes, states and error frames, by the kernel's own code for them.</summary>
[Trait("needs", "vcan")]
public sealed class SlcanTests
{
    public SlcanTests()
    {
        if (!File.Exists("/sys/class/net/vcan0/ifindex") || !Directory.Exists("/sys/module/slcan")) Assert.Skip("no slcan here: run with tests/rig/with-vcan.sh");
    }

    [Fact]
    public void A_controller_is_set_up_and_brought_up_and_says_so()
    {
        using var controller = new SlcanController();
        Assert.Equal(CanControllerState.Stopped, CanLinkInfo.Read(controller.Name).State);
        CanLinkControl.Configure(controller.Name, new CanLinkSettings { BitTiming = new CanBitTiming(250_000, 0) });
        CanLinkControl.SetUp(controller.Name, true);
        var info = CanLinkInfo.Read(controller.Name);
        Assert.Equal(("can", true, CanControllerState.ErrorActive, 250_000, 16), (info.Kind, info.IsUp, info.State, info.BitTiming?.BitRate, info.Mtu));
        Assert.Equal(default(CanDeviceStatistics), info.DeviceStatistics);
        controller.AssertWritten("C;S5;O;");

        var e = Assert.Throws<CanSourceException>(() => CanLinkControl.Configure(controller.Name, new CanLinkSettings { BitTiming = new CanBitTiming(500_000, 0) }));
        Assert.StartsWith($"{controller.Name} is up; its settings can change only while it is down", e.Message, StringComparison.Ordinal);
        CanLinkControl.SetUp(controller.Name, false);
        Assert.False(CanLinkInfo.Read(controller.Name).IsUp);
    }

    [Fact]
    public void What_a_controller_cannot_do_is_said()
    {
        using var controller = new SlcanController();
        var rate = Assert.Throws<CanSourceException>(() => CanLinkControl.Configure(controller.Name, new CanLinkSettings { BitTiming = new CanBitTiming(123_456, 0) }));
        Assert.Contains("cannot do that: a bit rate that its clock does not give", rate.Message, StringComparison.Ordinal);
        Assert.Throws<CanSourceException>(() => CanLinkControl.Configure(controller.Name, new CanLinkSettings().With(CanControllerModes.OneShot, true)));
        Assert.Throws<CanSourceException>(() => CanLinkControl.Restart(controller.Name));
        Assert.Throws<CanSourceException>(() => CanLinkControl.Restart("vcan0"));
    }

    [Fact]
    public void Every_change_of_state_comes_as_an_error_frame_and_is_in_the_interfaces_own_state()
    {
        using var controller = Up(new CanLinkSettings { BitTiming = new CanBitTiming(500_000, 0) });
        using var socket = CanSocket.Open(controller.Name);
        Assert.Equal(
            (CanControllerState.ErrorWarning, "controller: receive error-warning; error counters 98 sending, 100 receiving"),
            Next(controller, socket, "sw100098"));
        Assert.Equal(CanControllerState.ErrorWarning, CanLinkInfo.Read(controller.Name).State);
        var passive = Next(controller, socket, "sp010130");
        Assert.Equal(CanControllerState.ErrorPassive, passive.State);
        Assert.Contains("transmit error-passive", passive.Words, StringComparison.Ordinal);
        Assert.Equal(CanControllerState.BusOff, Next(controller, socket, "sb000255").State);
        var info = CanLinkInfo.Read(controller.Name);
        Assert.Equal(CanControllerState.BusOff, info.State);
        Assert.Equal((1u, 1u, 1u), (info.DeviceStatistics!.Value.Warnings, info.DeviceStatistics.Value.Passives, info.DeviceStatistics.Value.BusOffs));
    }

    [Fact]
    public void Errors_on_the_bus_come_as_error_frames_with_their_kind()
    {
        using var controller = Up(new CanLinkSettings { BitTiming = new CanBitTiming(500_000, 0) });
        using var socket = CanSocket.Open(controller.Name);
        Assert.Contains("no acknowledgement", Next(controller, socket, "e1a").Words, StringComparison.Ordinal);
        Assert.Contains("protocol: stuff", Next(controller, socket, "e1s").Words, StringComparison.Ordinal);
        Assert.Contains("protocol: form", Next(controller, socket, "e1f").Words, StringComparison.Ordinal);
        Assert.Contains("CRC", Next(controller, socket, "e1c").Words, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_is_ever_sent_on_an_interface_that_only_listens()
    {
        using var controller = Up(new CanLinkSettings { BitTiming = new CanBitTiming(500_000, 0) }.With(CanControllerModes.ListenOnly, true));
        controller.AssertWritten("C;S6;L;");
        Assert.True(CanLinkInfo.Read(controller.Name).IsListenOnly);
        using var socket = CanSocket.Open(controller.Name);
        var e = Assert.Throws<CanSourceException>(() => socket.Send(CanFrame.Data(CanId.Standard(0x7DF), [1])));
        Assert.Equal((CanSourceFault.ListenOnly, $"{controller.Name} is set to listen only, so nothing can be sent on it"), (e.Fault, e.Message));
        using var channel = IsoTpChannel.Open(controller.Name, [new IsoTpAddress(CanId.Standard(0x7E0), CanId.Standard(0x7E8))], new IsoTpOptions(), TimeProvider.System);
        Assert.Equal(CanSourceFault.ListenOnly, Assert.Throws<CanSourceException>(() => channel.Send(CanId.Standard(0x7E0), new byte[] { 1 }, TestContext.Current.CancellationToken)).Fault);

        using var batch = new FrameBatch();
        controller.Say("t12321122");
        Assert.Equal(ReadOutcome.Frames, socket.Read(batch));
        controller.AssertWritten("C;S6;L;");
    }

    [Fact]
    public void An_interface_that_begins_to_only_listen_is_noticed_by_a_socket_that_has_sent()
    {
        using var controller = Up(new CanLinkSettings { BitTiming = new CanBitTiming(500_000, 0) });
        using var socket = CanSocket.Open(controller.Name);
        var frame = CanFrame.Data(CanId.Standard(0x123), [1]);
        Assert.Equal(SendOutcome.Sent, socket.Send(frame));
        CanLinkControl.SetUp(controller.Name, false);
        CanLinkControl.Configure(controller.Name, new CanLinkSettings().With(CanControllerModes.ListenOnly, true));
        CanLinkControl.SetUp(controller.Name, true);
        Assert.Equal(SendOutcome.Lost, socket.Send(frame));
        Assert.Equal(CanSourceFault.ListenOnly, Assert.Throws<CanSourceException>(() => socket.Send(frame)).Fault);
    }

    [Fact]
    public void A_socket_that_shall_only_listen_sends_nothing_wherever_it_is()
    {
        using var socket = CanSocket.Open("vcan0", new CanSocketOptions { ListenOnly = true });
        var e = Assert.Throws<CanSourceException>(() => socket.Send(CanFrame.Data(CanId.Standard(1), [])));
        Assert.Equal("vcan0 is configured to listen only, so nothing is sent on it", e.Message);
    }

    private static SlcanController Up(CanLinkSettings settings)
    {
        var controller = new SlcanController();
        CanLinkControl.Configure(controller.Name, settings);
        CanLinkControl.SetUp(controller.Name, true);
        return controller;
    }

    private static (CanControllerState? State, string Words) Next(SlcanController controller, CanSocket socket, string says)
    {
        using var batch = new FrameBatch();
        controller.Say(says);
        for (int i = 0; i < 10; i++)
        {
            if (socket.Read(batch) != ReadOutcome.Frames) continue;
            Assert.True(batch[0].IsError);
            var error = CanErrorFrame.Read(batch[0]);
            return (error.State, error.ToString());
        }
        throw new InvalidOperationException($"nothing came of {says}");
    }
}
