using System.Buffers;
using System.Text;
using System.Text.Json;
using EdgeAgent.Capture;
using EdgeAgent.Outbox;
using EdgeAgent.Publishing;

namespace EdgeAgent.Tests.Publishing;

public sealed class SenMlJsonTests
{
    private static readonly SignalCatalog Catalog = new([
        new SignalDescription("can0/Engine/Speed", "rpm"),
        new SignalDescription("can0/Engine/Temperature", "degC"),
        new SignalDescription("can0/Doors/Open", null),
    ]);

    [Fact]
    public void A_batch_is_a_SenML_pack_with_its_stamp_in_the_first_record()
    {
        string json = Encode(offsetNs: 1_789_000_000_000_000_000, [(1_500_000_000, 0, 812.5), (1_500_000_000, 1, -40), (1_510_213_400, 2, 1)]);
        Assert.Equal("""
            [{"bn":"dongle-1/","bt":1789000001.5,"tenant":"acme","epoch":1,"boot":"0f0e0d0c-0b0a-0908-0706-050403020100","sequence":7,"clock":"synchronized","n":"can0/Engine/Speed","u":"1/min","v":812.5},{"n":"can0/Engine/Temperature","u":"Cel","v":-40},{"n":"can0/Doors/Open","t":0.010213,"v":1}]
            """, json);
    }

    [Theory]
    [InlineData("km/h", "km/h", null, 26)] // a secondary unit needs the version that announces it
    [InlineData("rpm", "1/min", null, null)]
    [InlineData("bar", null, "bar", null)]
    [InlineData(null, null, null, null)]
    public void Units_are_those_of_SenML_where_it_has_them_and_else_those_of_the_DBC_file(string? dbc, string? registered, string? unregistered, int? version)
    {
        var builder = new BatchBuilder(TestStamps.Acme, new SignalCatalog([new SignalDescription("can0/M/S", dbc)]));
        for (int i = 1; i <= 2; i++) builder.Add(new Sample(i, 0, 0, i));
        var output = new ArrayBufferWriter<byte>();
        SenMlJson.Encode(builder.Seal(default), default, 0, output);
        using var pack = JsonDocument.Parse(output.WrittenMemory);
        var (first, second) = (pack.RootElement[0], pack.RootElement[1]);
        Assert.Equal(registered, first.TryGetProperty("u", out var u) ? u.GetString() : null);
        Assert.Equal(registered is not null, second.TryGetProperty("u", out _));
        Assert.Equal(unregistered, first.TryGetProperty("unit", out var unit) ? unit.GetString() : null);
        Assert.False(second.TryGetProperty("unit", out _)); // once is enough
        Assert.Equal(version, first.TryGetProperty("bver", out var bver) ? bver.GetInt32() : null);
    }

    [Theory]
    [InlineData(1, 0.000001)]
    [InlineData(999_999, 0.999999)]
    [InlineData(-2_500_000, -2.5)]
    [InlineData(86_400_000_000, 86400)]
    public void Times_are_exact_to_the_microsecond_and_may_go_backwards(long microseconds, double expected)
    {
        using var pack = JsonDocument.Parse(Encode(0, [(1_000_000_000_000_000, 0, 1), (1_000_000_000_000_000 + microseconds * 1000, 0, 2)]));
        Assert.Equal(expected, pack.RootElement[1].GetProperty("t").GetDouble());
    }

    [Theory]
    [InlineData(0.1)]
    [InlineData(1e-300)]
    [InlineData(123456789.123456789)]
    [InlineData(-0.0)]
    [InlineData(double.MaxValue)]
    public void Values_read_back_the_same(double value)
    {
        using var pack = JsonDocument.Parse(Encode(0, [(0, 0, value)]));
        Assert.Equal(value, pack.RootElement[0].GetProperty("v").GetDouble());
    }

    [Theory]
    [InlineData(double.NaN, "NaN")]
    [InlineData(double.PositiveInfinity, "Infinity")]
    [InlineData(double.NegativeInfinity, "-Infinity")]
    public void What_is_no_number_is_a_text_so_that_no_record_is_missing(double value, string text)
    {
        using var pack = JsonDocument.Parse(Encode(0, [(0, 0, value), (0, 1, 1)]));
        Assert.Equal(text, pack.RootElement[0].GetProperty("vs").GetString());
        Assert.Equal(2, pack.RootElement.GetArrayLength());
    }

    [Fact]
    public void A_clock_that_nobody_has_set_is_said_so()
    {
        using var pack = JsonDocument.Parse(Encode(0, [(0, 0, 1)], synchronized: false));
        Assert.Equal("unsynchronized", pack.RootElement[0].GetProperty("clock").GetString());
    }

    [Fact]
    public void Without_a_wall_clock_a_time_is_how_long_ago_it_was()
    {
        // RFC 8428 §4.5.3: below 2^28 a time is relative to now
        using var pack = JsonDocument.Parse(Encode(0, [(100_000_000_000, 0, 1)], synchronized: false, nowNs: 103_500_000_000));
        Assert.Equal(-3.5, pack.RootElement[0].GetProperty("bt").GetDouble());
        using var earlierBoot = JsonDocument.Parse(Encode(0, [(100_000_000_000, 0, 1)], synchronized: false, nowNs: null));
        Assert.False(earlierBoot.RootElement[0].TryGetProperty("bt", out _));
    }

    private static string Encode(long offsetNs, (long TimeNs, int Signal, double Value)[] samples, bool synchronized = true, long? nowNs = 0)
    {
        var builder = new BatchBuilder(TestStamps.Acme, Catalog);
        for (int i = 0; i < samples.Length; i++) builder.Add(new Sample(7 + i, samples[i].TimeNs, samples[i].Signal, samples[i].Value));
        var output = new ArrayBufferWriter<byte>();
        SenMlJson.Encode(builder.Seal(default), new WallClockReading(offsetNs, synchronized), nowNs, output);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
