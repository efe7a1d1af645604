using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text;
using CsCheck;
using EdgeAgent.Can.SocketCan;

namespace EdgeAgent.Can.Tests.SocketCan;

public sealed class CanLinkInfoTests
{
    /// <summary>As the kernel lays it out for a controller in trouble: 500 kbit/s at 87.5 %, FD at 2 Mbit/s, listen-only, restart after 100 ms.</summary>
    private static byte[] Controller(string kind = "can") => Link(
        Attribute(3, "can0\0"u8.ToArray()),
        Attribute(4, Numbers(72)),
        Attribute(23, Numbers64(11, 12, 13, 14, 15, 16, 17, 18, 19)),
        Attribute(18, [
            .. Attribute(1, Encoding.ASCII.GetBytes(kind + "\0")),
            .. Attribute(3, Numbers(21, 22, 23, 24, 25, 26)),
            .. Attribute(2, [
                .. Attribute(3, Numbers(8_000_000)),
                .. Attribute(4, Numbers(2)),
                .. Attribute(5, Numbers(0x7F, 0x22)),
                .. Attribute(6, Numbers(100)),
                .. Attribute(8, [130, 0, 7, 0]),
                .. Attribute(1, Numbers(500_000, 875, 125, 6, 7, 2, 1, 10)),
                .. Attribute(0x8009, Numbers(2_000_000, 750, 25, 7, 7, 5, 2, 1)), // with NLA_F_NESTED, which says nothing of the contents
            ]),
        ]));

    [Fact]
    public void A_controller_is_read_with_all_that_the_kernel_tells()
    {
        Assert.Equal(0, CanLinkInfo.Parse(Controller(), out var info));
        Assert.Equal(
            new CanLinkInfo
            {
                Kind = "can",
                IsUp = true,
                Mtu = 72,
                ClockHz = 8_000_000,
                DeviceStatistics = new CanDeviceStatistics(21, 22, 23, 24, 25, 26),
                State = CanControllerState.ErrorPassive,
                BitTiming = new CanBitTiming(500_000, 875),
                DataBitTiming = new CanBitTiming(2_000_000, 750),
                SendErrorCounter = 130,
                ReceiveErrorCounter = 7,
                Modes = CanControllerModes.ListenOnly | CanControllerModes.Fd,
                RestartAfter = TimeSpan.FromMilliseconds(100),
                Statistics = new CanLinkStatistics(11, 12, 13, 14, 15, 16, 17, 18),
            },
            info);
        Assert.True(info.IsListenOnly);
    }

    [Fact]
    public void What_is_not_of_a_controller_is_not_read_as_if()
    {
        Assert.Equal(0, CanLinkInfo.Parse(Controller("veth"), out var info));
        Assert.Equal(("veth", null, null, CanControllerModes.None), (info.Kind, info.State, info.BitTiming, info.Modes));
    }

    [Fact]
    public void A_rate_that_was_never_set_is_none()
    {
        Assert.Equal(0, CanLinkInfo.Parse(Link(Attribute(18, [.. Attribute(1, "can\0"u8.ToArray()), .. Attribute(2, Attribute(1, new byte[32]))])), out var info));
        Assert.Null(info.BitTiming);
    }

    [Fact]
    public void An_error_of_the_kernel_is_its_number()
    {
        byte[] message = new byte[36];
        BinaryPrimitives.WriteInt32LittleEndian(message, message.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(message.AsSpan(4), 2);
        BinaryPrimitives.WriteInt32LittleEndian(message.AsSpan(16), -Errno.NoDevice);
        Assert.Equal(Errno.NoDevice, CanLinkInfo.Parse(message, out _));
    }

    [Fact]
    public void A_message_that_is_cut_off_or_damaged_anywhere_does_no_harm()
    {
        byte[] whole = Controller();
        for (int length = 0; length < whole.Length; length++) _ = CanLinkInfo.Parse(whole.AsSpan(0, length), out _);
        Gen.Select(Gen.Int[0, whole.Length - 1], Gen.Byte).Array[1, 8].Sample(damages =>
        {
            byte[] damaged = [.. whole];
            foreach (var (at, value) in damages) damaged[at] = value;
            _ = CanLinkInfo.Parse(damaged, out var info);
            Assert.True(info.State is null or <= CanControllerState.Sleeping);
        });
    }

    [Fact]
    public void The_structures_are_as_large_as_the_kernels()
    {
        Assert.Equal(16, Unsafe.SizeOf<NetlinkHeader>());
        Assert.Equal(16, Unsafe.SizeOf<LinkMessage>());
        Assert.Equal(32, Unsafe.SizeOf<LinkRequest>());
        Assert.Equal(8, Unsafe.SizeOf<PollDescriptor>());
    }

    [Fact]
    public void An_interface_that_is_not_there_is_named_and_one_that_is_can_be_asked_without_privilege()
    {
        Assert.Equal(CanSourceFault.Missing, Assert.Throws<CanSourceException>(() => CanLinkInfo.Read("can77")).Fault);
        var loopback = CanLinkInfo.Read("lo");
        Assert.Equal(("", null, null), (loopback.Kind, loopback.State, loopback.BitTiming));
    }

    private static byte[] Link(params byte[][] attributes)
    {
        byte[] body = [.. attributes.SelectMany(attribute => attribute)];
        byte[] message = new byte[32 + body.Length];
        BinaryPrimitives.WriteInt32LittleEndian(message, message.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(message.AsSpan(4), 16);
        BinaryPrimitives.WriteUInt16LittleEndian(message.AsSpan(18), 280);
        BinaryPrimitives.WriteInt32LittleEndian(message.AsSpan(20), 3);
        BinaryPrimitives.WriteUInt32LittleEndian(message.AsSpan(24), 0x10041); // up, running, lower up
        body.CopyTo(message, 32);
        return message;
    }

    private static byte[] Attribute(int type, byte[] value)
    {
        byte[] attribute = new byte[4 + (value.Length + 3) / 4 * 4];
        BinaryPrimitives.WriteUInt16LittleEndian(attribute, (ushort)(4 + value.Length));
        BinaryPrimitives.WriteUInt16LittleEndian(attribute.AsSpan(2), (ushort)type);
        value.CopyTo(attribute, 4);
        return attribute;
    }

    private static byte[] Numbers(params uint[] numbers) => [.. numbers.SelectMany(BitConverter.GetBytes)];

    private static byte[] Numbers64(params ulong[] numbers) => [.. numbers.SelectMany(BitConverter.GetBytes)];
}
