using System.Buffers;
using System.Text;
using EdgeAgent.Capture;
using EdgeAgent.Outbox;
using EdgeAgent.Publishing;
using EdgeAgent.Tenancy;

namespace EdgeAgent.Tests.Publishing;

public sealed class MessageJsonTests
{
    [Fact]
    public void A_message_has_its_stamp_and_then_its_own_members() => Assert.Equal("""
        {"device":"dongle-1","tenant":"acme","epoch":1,"boot":"0f0e0d0c-0b0a-0908-0706-050403020100","stream":"messages","sequence":12,"time":"2026-09-10T00:26:41.500Z","clock":"synchronized","code":"P0301","active":true}
        """, Encode("\"code\":\"P0301\",\"active\":true", new WallClockReading(1_789_000_000_000_000_000, true)));

    [Fact]
    public void Without_a_wall_clock_it_has_no_time() => Assert.Equal("""
        {"device":"dongle-1","tenant":"acme","epoch":1,"boot":"0f0e0d0c-0b0a-0908-0706-050403020100","stream":"messages","sequence":12,"clock":"unsynchronized"}
        """, Encode("", new WallClockReading(0, false)));

    private static string Encode(string members, WallClockReading clock)
    {
        var output = new ArrayBufferWriter<byte>();
        var batch = new Batch(TestStamps.Acme, Channel.Event("vehicle/fault"), 12, 1, 1_500_000_000, default, Encoding.UTF8.GetBytes(members));
        PayloadEncoding.Columnar.For(batch).Encode(batch, clock, 0, output);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
