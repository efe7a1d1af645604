using System.Text;
using EdgeAgent.Cli;
using EdgeAgent.Publishing;

namespace EdgeAgent.Tests.Cli;

public sealed class PayloadInputTests
{
    [Theory]
    [InlineData("[1]\n{\"a\":2}\n", "[1]", "{\"a\":2}")]
    [InlineData("tenants/a/devices/b/telemetry [1, 2]\r\n\n[3]", "[1, 2]", "[3]")] // mosquitto_sub -v; an empty line; no newline at the end
    [InlineData("5b315d\ntenants/a/devices/b/telemetry 5B325D\n", "[1]", "[2]")] // -F %x, -F '%t %X'
    public void A_line_is_a_payload(string text, string first, string second)
    {
        foreach (int chunk in (int[])[1, 7, 1000])
            Assert.Equal([first, second], Read(new PayloadInput(new Chunks(Encoding.UTF8.GetBytes(text), chunk), isHex: false)).Select(Encoding.UTF8.GetString));
    }

    [Theory]
    [InlineData((byte)0x28, (byte)0xB5, (byte)0x2F, (byte)0xFD, (byte)'\n', (byte)1)]
    [InlineData((byte)0x82, (byte)'\n', (byte)'\n', (byte)0)]
    public void What_begins_like_a_binary_payload_is_one(params byte[] bytes)
    {
        var input = new PayloadInput(new Chunks(bytes, 1), isHex: false);
        Assert.Equal(bytes, Assert.Single(Read(input)));
        Assert.Equal(0, input.LineNumber);
    }

    [Fact]
    public void What_is_not_numbered_is_passed_over_by_its_topic()
    {
        var input = new PayloadInput(new Chunks("tenants/a/devices/d/state {}\ndevices/d/status {}\ntenants/a/config x.y.z\ntenants/a/devices/d/telemetry 5b315d\n"u8.ToArray(), 3), isHex: false);
        Assert.Equal("[1]", Encoding.UTF8.GetString(Assert.Single(Read(input)).AsSpan()));
        Assert.Equal(4, input.LineNumber);
    }

    [Theory]
    [InlineData("tenants/a/devices/d/telemetry ", false)]
    [InlineData("hello", false)]
    [InlineData("5b3", false)]
    [InlineData("[1]", true)]
    public void A_line_that_is_none_is_refused_and_the_next_is_read(string line, bool isHex)
    {
        var input = new PayloadInput(new Chunks(Encoding.UTF8.GetBytes(line + "\n5b315d\n"), 3), isHex);
        Assert.Throws<InvalidDataException>(() => input.TryRead(out _));
        Assert.Equal(1, input.LineNumber);
        Assert.True(input.TryRead(out var payload));
        Assert.Equal("[1]", Encoding.UTF8.GetString(payload.Span));
    }

    [Fact]
    public void A_line_without_end_takes_no_memory_without_end()
    {
        byte[] text = new byte[64 * 1024 * 1024];
        text.AsSpan().Fill((byte)'a');
        "\n[1]"u8.CopyTo(text.AsSpan(^4));
        long before = GC.GetAllocatedBytesForCurrentThread();
        var input = new PayloadInput(new MemoryStream(text), isHex: false);
        Assert.Throws<InvalidDataException>(() => input.TryRead(out _));
        Assert.True(input.TryRead(out var payload));
        Assert.Equal((3, 2L), (payload.Length, input.LineNumber));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 10 * PayloadDecoder.MaxPayloadBytes);
    }

    private static List<byte[]> Read(PayloadInput input)
    {
        List<byte[]> payloads = [];
        while (input.TryRead(out var payload)) payloads.Add(payload.ToArray());
        return payloads;
    }

    /// <summary>A pipe that gives so many bytes at a time.</summary>
    private sealed class Chunks(byte[] bytes, int size) : MemoryStream(bytes)
    {
        public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Math.Min(count, size));
    }
}
