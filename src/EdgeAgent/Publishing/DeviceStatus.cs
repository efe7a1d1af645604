using System.Buffers;
using System.Text.Json;
using EdgeAgent.Capture;
using EdgeAgent.Tenancy;

namespace EdgeAgent.Publishing;

/// <summary>Whether the device is online, as everybody may know who may know the device: no tenant's data. Retained.</summary>
internal sealed class DeviceStatus(DeviceId device, string version, BootId boot, WallClock clock)
{
    public const string ContentType = "application/json";

    /// <summary>A clock before that was never set: it began in 1970 and counts since.</summary>
    private const long FirstBelievableNs = (1L << 28) * 1_000_000_000;

    public string Topic { get; } = Topics.Status(device);

    public BootId Boot { get; } = boot;

    /// <summary>What the broker says when the device goes without a word; without a time, which is not known before.</summary>
    public Publication Will() => new(Topic, Say(isOnline: false, withTime: false), ContentType, Retain: true);

    public Publication Birth() => new(Topic, Say(isOnline: true, withTime: true), ContentType, Retain: true);

    public Publication GoodBye() => new(Topic, Say(isOnline: false, withTime: true), ContentType, Retain: true);

    private ReadOnlyMemory<byte> Say(bool isOnline, bool withTime)
    {
        var output = new ArrayBufferWriter<byte>(256);
        using var json = new Utf8JsonWriter(output);
        json.WriteStartObject();
        json.WriteString("device"u8, device.ToString());
        json.WriteBoolean("online"u8, isOnline);
        json.WriteString("version"u8, version);
        json.WriteString("boot"u8, Boot.ToString());
        long nowNs = clock.NowNs() + clock.OffsetNs();
        if (withTime && nowNs >= FirstBelievableNs) json.WriteString("time"u8, DateTimeOffset.FromUnixTimeMilliseconds(nowNs / 1_000_000).UtcDateTime);
        json.WriteEndObject();
        json.Flush();
        return output.WrittenMemory;
    }
}
