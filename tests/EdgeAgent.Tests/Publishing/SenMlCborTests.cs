using System.Buffers;
using System.Formats.Cbor;
using EdgeAgent.Capture;
using EdgeAgent.Outbox;
using EdgeAgent.Publishing;

namespace EdgeAgent.Tests.Publishing;

public sealed class SenMlCborTests
{
    private static readonly SignalCatalog Catalog = new([new SignalDescription("can0/Engine/Speed", "km/h"), new SignalDescription("can0/Brakes/Pressure", "bar")]);

    [Fact]
    public void A_pack_has_the_registered_labels_and_the_stamp_by_name()
    {
        byte[] pack = Encode([(1_500_000_000, 0, 812.5), (1_510_213_400, 1, -40), (1_510_213_400, 1, 3)]);
        var cbor = new CborReader(pack);
        Assert.Equal(3, cbor.ReadStartArray());
        Assert.Equal(11, cbor.ReadStartMap());
        AssertLabel(cbor, -1, () => Assert.Equal(26u, cbor.ReadUInt32()));
        AssertLabel(cbor, -2, () => Assert.Equal("dongle-1/", cbor.ReadTextString()));
        AssertLabel(cbor, -3, () => Assert.Equal(1789000001.5, cbor.ReadDouble()));
        foreach (string text in (string[])["tenant", "acme"]) Assert.Equal(text, cbor.ReadTextString());
        Assert.Equal("epoch", cbor.ReadTextString());
        Assert.Equal(1, cbor.ReadInt32());
        foreach (string text in (string[])["boot", "0f0e0d0c-0b0a-0908-0706-050403020100", "sequence"]) Assert.Equal(text, cbor.ReadTextString());
        Assert.Equal(7, cbor.ReadInt32());
        foreach (string text in (string[])["clock", "synchronized"]) Assert.Equal(text, cbor.ReadTextString());
        AssertLabel(cbor, 0, () => Assert.Equal("can0/Engine/Speed", cbor.ReadTextString()));
        AssertLabel(cbor, 1, () => Assert.Equal("km/h", cbor.ReadTextString()));
        AssertLabel(cbor, 2, () => Assert.Equal(812.5, cbor.ReadDouble()));
        cbor.ReadEndMap();
        Assert.Equal(4, cbor.ReadStartMap());
        AssertLabel(cbor, 0, () => Assert.Equal("can0/Brakes/Pressure", cbor.ReadTextString()));
        foreach (string text in (string[])["unit", "bar"]) Assert.Equal(text, cbor.ReadTextString());
        AssertLabel(cbor, 6, () => Assert.Equal(0.010213, cbor.ReadDouble()));
        AssertLabel(cbor, 2, () => Assert.Equal(-40, cbor.ReadInt32()));
        cbor.ReadEndMap();
        Assert.Equal(3, cbor.ReadStartMap()); // the unit was said
    }

    [Theory]
    [InlineData(23, "17")]
    [InlineData(-500, "3901F3")]
    [InlineData(1.5, "F93E00")]
    [InlineData(-0.0, "F98000")]
    [InlineData(double.NaN, "F97E00")]
    [InlineData(double.NegativeInfinity, "F9FC00")]
    [InlineData(0.1f, "FA3DCCCCCD")]
    [InlineData(100000.5, "FA47C35040")]
    [InlineData(0.1, "FB3FB999999999999A")]
    [InlineData(9007199254740992, "1B0020000000000000")]
    [InlineData(1e300, "FB7E37E43C8800759C")]
    public void A_value_is_the_shortest_form_that_is_exactly_it(double value, string hex) =>
        Assert.EndsWith("02" + hex, Convert.ToHexString(Encode([(0, 0, value)])), StringComparison.Ordinal);

    private static void AssertLabel(CborReader cbor, int label, Action value)
    {
        Assert.Equal(label, cbor.ReadInt32());
        value();
    }

    private static byte[] Encode((long TimeNs, int Signal, double Value)[] samples)
    {
        var builder = new BatchBuilder(TestStamps.Acme, Catalog);
        for (int i = 0; i < samples.Length; i++) builder.Add(new Sample(7 + i, samples[i].TimeNs, samples[i].Signal, samples[i].Value));
        var output = new ArrayBufferWriter<byte>();
        SenMlCbor.Encode(builder.Seal(default), new WallClockReading(1_789_000_000_000_000_000, true), 0, output);
        return output.WrittenSpan.ToArray();
    }
}
