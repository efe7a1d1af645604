using System.Text;
using EdgeAgent.Capture;
using EdgeAgent.Cli;
using EdgeAgent.Outbox;
using EdgeAgent.Publishing;
using EdgeAgent.Tenancy;
using EdgeAgent.Tests.Publishing;

namespace EdgeAgent.Tests.Cli;

public sealed class SampleWriterTests
{
    private static readonly SignalCatalog Catalog = new([new SignalDescription("can0/Engine/Speed", "rpm", new SignalScaling(0.25, 0)), new SignalDescription("can0/Engine/Load", null)]);

    [Fact]
    public void For_programs_a_sample_is_an_object() => Assert.Equal("""
        {"tenant":"acme","device":"dongle-1","epoch":1,"boot":"0f0e0d0c-0b0a-0908-0706-050403020100","sequence":7,"time":"2026-09-10T00:26:41.500Z","name":"can0/Engine/Speed","unit":"rpm","value":812.5}
        {"tenant":"acme","device":"dongle-1","epoch":1,"boot":"0f0e0d0c-0b0a-0908-0706-050403020100","sequence":8,"time":"2026-09-10T00:26:41.500Z","name":"can0/Engine/Load","value":null}

        """, Print(Samples(), 1_789_000_000_000_000_000, 0, isJson: true));

    [Fact]
    public void For_people_a_sample_is_a_line() => Assert.Equal("""
        2026-09-10T00:26:41.500Z acme/dongle-1 7 can0/Engine/Speed=812.5 rpm
        2026-09-10T00:26:41.500Z acme/dongle-1 8 can0/Engine/Load=NaN

        """, Print(Samples(), 1_789_000_000_000_000_000, 0, isJson: false));

    [Fact]
    public void Without_a_wall_clock_it_is_said_how_long_ago_it_was()
    {
        Assert.StartsWith("-2.5s acme/dongle-1 7 ", Print(Samples(), 0, 4_000_000_000, isJson: false), StringComparison.Ordinal);
        Assert.Contains("\"sequence\":7,\"secondsBeforePublishing\":2.5,\"name\"", Print(Samples(), 0, 4_000_000_000, isJson: true), StringComparison.Ordinal);
        Assert.StartsWith("- acme/dongle-1 7 ", Print(Samples(), 0, null, isJson: false), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_message_is_the_JSON_that_it_is(bool isJson)
    {
        var batch = new Batch(TestStamps.Acme, Channel.Health, 12, 1, 0, default, "\"a\":\n1"u8.ToArray());
        Assert.EndsWith("\"sequence\":12,\"clock\":\"unsynchronized\",\"a\":1}\n", Print(batch, 0, 0, isJson), StringComparison.Ordinal);
    }

    private static Batch Samples()
    {
        var builder = new BatchBuilder(TestStamps.Acme, Catalog);
        builder.Add(new Sample(7, 1_500_000_000, 0, 812.5));
        builder.Add(new Sample(8, 1_500_000_000, 1, double.NaN));
        return builder.Seal(default);
    }

    private static string Print(Batch batch, long offsetNs, long? nowNs, bool isJson)
    {
        byte[] payload = PayloadEncoding.Columnar.For(batch).Encode(batch, new WallClockReading(offsetNs, offsetNs > 0), nowNs);
        using var output = new MemoryStream();
        using (var writer = new SampleWriter(output, isJson))
        {
            writer.Write(PayloadDecoder.Decode(payload), payload);
            writer.Flush();
        }
        return Encoding.UTF8.GetString(output.ToArray());
    }
}
