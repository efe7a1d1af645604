using CsCheck;
using EdgeAgent.Can.J1939;

namespace EdgeAgent.Can.Tests.J1939;

public sealed class DiagnosticMessageTests
{
    // SPN 1208, FMI 3, 10 times: the four ways of SAE J1939-73's own example.
    [Theory]
    [InlineData(SpnConversion.Version1, "0097038A")]
    [InlineData(SpnConversion.Version2, "9700038A")]
    [InlineData(SpnConversion.Version3, "B804038A")]
    [InlineData(SpnConversion.Version4, "B804030A")]
    public void A_trouble_code_is_written_in_one_of_four_ways(SpnConversion conversion, string bytes)
    {
        var code = new J1939TroubleCode(1208, 3, 10, conversion);
        Assert.Equal(code, J1939TroubleCode.Read(Convert.FromHexString(bytes), conversion));
        byte[] written = new byte[4];
        code.Write(written);
        Assert.Equal(bytes, Convert.ToHexString(written));
        Assert.Equal("SPN 1208 FMI 3", code.ToString());
    }

    [Fact]
    public void Any_code_is_read_as_it_was_written_and_the_mark_tells_the_newest_way() =>
        Gen.Select(Gen.Int[0, J1939TroubleCode.MaxSuspectParameterNumber], Gen.Int[0, 31], Gen.Int[0, 127], Gen.Enum<SpnConversion>(), Gen.Enum<SpnConversion>()).Sample((number, mode, count, conversion, older) =>
        {
            var code = new J1939TroubleCode(number, mode, count, conversion);
            byte[] bytes = new byte[4];
            code.Write(bytes);
            Assert.Equal(code, J1939TroubleCode.Read(bytes, conversion));
            if (conversion == SpnConversion.Version4) Assert.Equal(code, J1939TroubleCode.Read(bytes, older));
        });

    [Fact]
    public void Every_four_bytes_are_some_code_and_written_back_the_same() =>
        Gen.Select(Gen.Byte.Array[4], Gen.Enum<SpnConversion>()).Where((_, older) => older != SpnConversion.Version4).Sample((bytes, older) =>
        {
            byte[] written = new byte[4];
            J1939TroubleCode.Read(bytes, older).Write(written);
            Assert.Equal(bytes, written);
        });

    [Fact]
    public void Lamps_and_codes_are_read()
    {
        Assert.True(DiagnosticMessage.TryRead(Convert.FromHexString("47D3B804030A5B000381"), out var message));
        Assert.Equal(new LampState(LampStatus.On, LampFlash.None), message.MalfunctionIndicator);
        Assert.Equal(new LampState(LampStatus.Off, LampFlash.Fast), message.RedStop);
        Assert.Equal(new LampState(LampStatus.On, LampFlash.Slow), message.AmberWarning);
        Assert.Equal(new LampState(LampStatus.NotAvailable, LampFlash.None), message.Protect);
        Assert.Equal(2, message.Places);
        Assert.Equal(new J1939TroubleCode(1208, 3, 10), message[0]);
        Assert.Equal(new J1939TroubleCode(91, 3, 1, SpnConversion.Version3), message[1]);
    }

    [Theory]
    [InlineData("00FF00000000FFFF", 1, true)] // no code
    [InlineData("00FFFFFFFFFFFFFF", 1, true)] // no code, as older ones say it
    [InlineData("40FF5B000301FFFF", 1, false)]
    [InlineData("40FF", 0, false)]
    [InlineData("40FF5B0003", 0, false)]
    [InlineData("", -1, false)]
    [InlineData("40", -1, false)]
    public void A_message_has_as_many_places_as_it_has_room_for(string payload, int places, bool isEmpty)
    {
        Assert.Equal(places >= 0, DiagnosticMessage.TryRead(Convert.FromHexString(payload), out var message));
        if (places < 0) return;
        Assert.Equal(places, message.Places);
        if (places > 0) Assert.Equal(isEmpty, message[0].IsEmpty);
    }

    [Fact]
    public void What_is_no_code_is_not_written()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new J1939TroubleCode(0x80000, 0, 0).Write(new byte[4]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new J1939TroubleCode(-1, 0, 0).Write(new byte[4]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new J1939TroubleCode(1, 32, 0).Write(new byte[4]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new J1939TroubleCode(1, 0, 128).Write(new byte[4]));
        Assert.Null(new J1939TroubleCode(1, 0, 127).KnownCount);
        Assert.Equal(126, new J1939TroubleCode(1, 0, 126).KnownCount);
    }
}
