using EdgeAgent.Can.SocketCan;

namespace EdgeAgent.Can.Tests.SocketCan;

public sealed class CanLinkControlTests
{
    /// <summary>As iproute2 sends it for <c>ip link set can0 type can bitrate 500000 sample-point 0.8 restart-ms 100</c>; lengths count the headers, not the padding.</summary>
    [Fact]
    public void A_request_is_laid_out_as_iproute2s()
    {
        var request = new NetlinkRequest(3, isUp: null);
        request.Nest((ushort)LinkAttribute.LinkInfo, info =>
        {
            info.Bytes((ushort)LinkInfoAttribute.Kind, "can"u8);
            info.Nest((ushort)LinkInfoAttribute.Data, data =>
            {
                data.Timing(CanAttribute.BitTiming, new CanBitTiming(500_000, 800));
                data.Numbers((ushort)CanAttribute.RestartMs, 100);
            });
        });
        Assert.Equal(
            "5C000000" + "1000" + "0500" + "01000000" + "00000000"
            + "00000000" + "03000000" + "00000000" + "00000000"
            + "3C001200" + "07000100" + "63616E00"
            + "30000200" + "24000100" + "20A10700" + "20030000" + "000000000000000000000000000000000000000000000000"
            + "08000600" + "64000000",
            Convert.ToHexString(request.Finish()));
    }

    [Fact]
    public void An_interface_is_brought_up_by_its_flag()
    {
        string up = Convert.ToHexString(new NetlinkRequest(3, isUp: true).Finish());
        string down = Convert.ToHexString(new NetlinkRequest(3, isUp: false).Finish());
        Assert.EndsWith("030000000100000001000000", up, StringComparison.Ordinal);
        Assert.EndsWith("030000000000000001000000", down, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("2400000002000001010000000000000000000000200000001000050001000000", 0, null, 36)] // capped
    [InlineData("24000000020000010100000000000000F0FFFFFF200000001000050001000000", 16, null, 36)]
    [InlineData("3400000002000003010000000000000084FFFFFF200000001000050001000000", 124, "why not", 52)]
    public void An_acknowledgement_holds_an_error_number_and_perhaps_a_reason(string head, int errno, string? reason, int length)
    {
        byte[] message = new byte[length];
        Convert.FromHexString(head).CopyTo(message, 0);
        if (reason is not null) Convert.FromHexString("0C000100776879206E6F7400").CopyTo(message, 36);
        if (reason is not null) message[0] = 48;
        Assert.Equal(errno, CanLinkControl.ReadAnswer(message, out string? read));
        Assert.Equal(reason, read);
    }

    [Fact]
    public void An_acknowledgement_that_is_cut_off_or_odd_does_no_harm()
    {
        byte[] whole = Convert.FromHexString("3000000002000003010000000000000084FFFFFF2000000010000500010000000000000000000000000C000100776879206E6F7400");
        for (int length = 0; length < whole.Length; length++) _ = CanLinkControl.ReadAnswer(whole.AsSpan(0, length), out _);
        for (int at = 0; at < whole.Length; at++)
        {
            byte[] odd = [.. whole];
            odd[at] ^= 0xFF;
            _ = CanLinkControl.ReadAnswer(odd, out _);
        }
        Assert.Equal(Errno.BadMessage, CanLinkControl.ReadAnswer([], out _));
    }

    public static TheoryData<CanLinkSettings> Impossible => new(
        new CanLinkSettings { BitTiming = new CanBitTiming(999, 0) },
        new CanLinkSettings { BitTiming = new CanBitTiming(1_000_001, 0) },
        new CanLinkSettings { BitTiming = new CanBitTiming(500_000, 499) },
        new CanLinkSettings { BitTiming = new CanBitTiming(500_000, 951) },
        new CanLinkSettings { DataBitTiming = new CanBitTiming(2_000_000, 0) },
        new CanLinkSettings { BitTiming = new CanBitTiming(500_000, 0), DataBitTiming = new CanBitTiming(20_000_001, 0) },
        new CanLinkSettings { RestartAfter = TimeSpan.FromMilliseconds(-1) },
        new CanLinkSettings { RestartAfter = TimeSpan.FromMinutes(11) });

    [Theory]
    [MemberData(nameof(Impossible))]
    public void What_no_bus_has_is_refused_before_the_kernel_is_asked(CanLinkSettings settings) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => CanLinkControl.Configure("can77", settings));

    [Fact]
    public void An_interface_that_is_not_there_is_named() =>
        Assert.Equal(CanSourceFault.Missing, Assert.Throws<CanSourceException>(() => CanLinkControl.SetUp("can77", true)).Fault);
}
