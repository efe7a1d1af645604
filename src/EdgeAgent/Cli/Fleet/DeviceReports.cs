using System.Text.Json;
using EdgeAgent.Diagnostics;
using EdgeAgent.Tenancy;

namespace EdgeAgent.Cli.Fleet;

/// <summary>What a device's message says about itself; each member only if it says so.</summary>
/// <param name="Epoch">By which assignment.</param>
/// <param name="Sequence">Its number in the stream of messages.</param>
/// <param name="Time">When it was written by the device's clock.</param>
/// <param name="ClockIsSynchronized">Whether anything had set that clock.</param>
internal sealed record Envelope(long? Epoch, long? Sequence, DateTimeOffset? Time, bool? ClockIsSynchronized);

/// <summary>The record of a device's health.</summary>
internal sealed record SeenHealth(Envelope Envelope, HealthReport Report);

/// <summary>What a device says of its assignment and configuration.</summary>
internal sealed record SeenState(Envelope Envelope, string? Version, string Status, long? TenantVersion, long? DeviceVersion, string? Mistake, bool HasLeft);

/// <summary>How many records came to which end, both streams of all epochs together.</summary>
internal sealed record SeenLedger(Envelope Envelope, IReadOnlyDictionary<string, long> Outcomes)
{
    public long Lost => Outcomes.GetValueOrDefault("lost") + Outcomes.GetValueOrDefault("evicted");
}

/// <summary>Whether a device is connected, as the broker has it from the device or from its last will.</summary>
internal sealed record SeenStatus(bool Online, string? Version, DateTimeOffset? Time);

/// <summary>Reads what devices send. Everything throws <see cref="FormatException"/> or <see cref="JsonException"/> if it is not what it should be.</summary>
internal static class DeviceReports
{
    /// <summary>Longer messages are not looked at.</summary>
    public const int MaxBytes = 256 * 1024;

    private const int MaxBuses = 16, MaxStreams = 64, MaxRanges = 16 * 1024;

    /// <summary>Thirty years.</summary>
    private const double MaxSeconds = 1e9;

    private static readonly string[] Outcomes = ["delivered", "buffered", "evicted", "lost", "unconfirmed", "purged"];

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 16, AllowDuplicateProperties = false };

    /// <summary>Reads an event's envelope.</summary>
    public static Envelope ReadEvent(TenantId tenant, DeviceId device, ReadOnlyMemory<byte> payload) =>
        Read(payload, members => ReadEnvelope(members, tenant, device));

    public static SeenHealth ReadHealth(TenantId tenant, DeviceId device, ReadOnlyMemory<byte> payload) => Read(payload, members => new SeenHealth(
        ReadEnvelope(members, tenant, device),
        new HealthReport(
            Need(members.Text("version"), "version"),
            ReadLink(Need(members.Object("link"), "link")),
            [.. members.Objects("buses", MaxBuses).Select(ReadBus)],
            members.Number("samplesPerSecond", 0, 1e9),
            ReadOutbox(Need(members.Object("outbox"), "outbox")),
            ReadDrops(Need(members.Object("drops"), "drops")),
            ReadSystem(members))));

    public static SeenState ReadState(TenantId tenant, DeviceId device, ReadOnlyMemory<byte> payload) => Read(payload, members =>
    {
        var configuration = members.Object("configuration");
        var mistake = (configuration?.Object("refused") ?? configuration)?.Objects("mistakes", MaxRanges) is [var first, ..] ? first : default(JsonMembers?);
        return new SeenState(
            ReadEnvelope(members, tenant, device), members.Text("version"), configuration?.Text("status", 16) ?? "none",
            configuration?.Count("tenantVersion"), configuration?.Count("deviceVersion"),
            mistake is { } wrong ? $"{wrong.Text("pointer", 60)}: {wrong.Text("message", 120)}" : null, members.Flag("assigned") == false);
    });

    public static SeenLedger ReadLedger(TenantId tenant, DeviceId device, ReadOnlyMemory<byte> payload) => Read(payload, members =>
    {
        var sums = Outcomes.ToDictionary(outcome => outcome, _ => 0L);
        foreach (var range in members.Objects("streams", MaxStreams).SelectMany(stream => stream.Objects("ranges", MaxRanges)))
        {
            var (from, to, outcome) = (Need(range.Count("from"), "from"), Need(range.Count("to"), "to"), Need(range.Text("outcome"), "outcome"));
            if (to < from || !sums.TryGetValue(outcome, out long sum)) throw new FormatException("a range that is none");
            sums[outcome] = checked(sum + (to - from + 1));
        }
        return new SeenLedger(ReadEnvelope(members, tenant, device), sums);
    });

    public static SeenStatus ReadStatus(DeviceId device, ReadOnlyMemory<byte> payload) => Read(payload, members =>
    {
        Expect(members, "device", device.ToString());
        return new SeenStatus(Need(members.Flag("online"), "online"), members.Text("version"), members.Time("time"));
    });

    private static T Read<T>(ReadOnlyMemory<byte> payload, Func<JsonMembers, T> read)
    {
        if (payload.Length > MaxBytes) throw new FormatException($"longer than {MaxBytes} bytes");
        using var document = JsonDocument.Parse(payload, Strict);
        try
        {
            return read(new JsonMembers(document.RootElement));
        }
        catch (Exception e) when (e is InvalidOperationException or OverflowException)
        {
            // Text that is no valid UTF-16, and sums beyond all measure.
            throw new FormatException(e.Message, e);
        }
    }

    /// <summary>A message that names another device or tenant than its topic is not believed.</summary>
    private static Envelope ReadEnvelope(JsonMembers members, TenantId tenant, DeviceId device)
    {
        Expect(members, "tenant", tenant.ToString());
        Expect(members, "device", device.ToString());
        return new Envelope(members.Count("epoch"), members.Count("sequence"), members.Time("time"), members.Text("clock") switch
        {
            null => null,
            "synchronized" => true,
            "unsynchronized" => false,
            _ => throw new FormatException("clock: synchronized or unsynchronized was expected"),
        });
    }

    private static LinkHealth ReadLink(JsonMembers link) =>
        new(Need(link.Flag("connected"), "connected"), Need(link.Count("connects"), "connects"), link.Text("lastTrouble", HealthReport.MaxTroubleLength));

    private static BusHealth ReadBus(JsonMembers bus) => new(
        Need(bus.Text("bus"), "bus"), Need(bus.Text("state", 16), "state"), bus.Text("controller", 16), bus.Count("bitrate"), bus.Number("load", 0, 1),
        Need(bus.Count("frames"), "frames"), Need(bus.Count("samples"), "samples"), Need(bus.Count("errorFrames"), "errorFrames"), Need(bus.Count("openings"), "openings"))
    {
        SilentSeconds = bus.Number("silentSeconds", 0, MaxSeconds),
    };

    private static OutboxHealth ReadOutbox(JsonMembers outbox) => new(
        Need(outbox.Count("bufferedSamples"), "bufferedSamples"), Need(outbox.Count("storedBatches"), "storedBatches"), Need(outbox.Count("storedBytes"), "storedBytes"),
        Need(outbox.Count("memoryBytes"), "memoryBytes"), outbox.Number("oldestSeconds", 0, MaxSeconds), Need(outbox.Count("delivered"), "delivered"), Need(outbox.Count("lost"), "lost"));

    private static DropHealth ReadDrops(JsonMembers drops) =>
        new(Need(drops.Count("kernel"), "kernel"), Need(drops.Count("ring"), "ring"), Need(drops.Count("evicted"), "evicted"), Need(drops.Count("corrupt"), "corrupt"));

    private static SystemReading ReadSystem(JsonMembers members)
    {
        var (memory, disk) = (members.Object("memory"), members.Object("disk"));
        return new SystemReading
        {
            Cpu = members.Number("cpu", 0, 1),
            AgentCpu = members.Number("agentCpu", 0, 1),
            RssBytes = memory?.Count("rssBytes"),
            AvailableBytes = memory?.Count("availableBytes"),
            DiskFreeBytes = disk?.Count("freeBytes"),
            DiskTotalBytes = disk?.Count("totalBytes"),
            WrittenBytes = disk?.Count("writtenBytes"),
            TemperatureCelsius = members.Number("temperatureCelsius", -273, 1000),
            UptimeSeconds = members.Number("uptimeSeconds", 0, MaxSeconds),
        };
    }

    private static void Expect(JsonMembers members, string name, string expected)
    {
        if (members.Text(name) is { } text && text != expected) throw new FormatException($"{name}: another one than its topic names");
    }

    private static T Need<T>(T? value, string name) where T : struct => value ?? throw Missing(name);

    private static string Need(string? value, string name) => value ?? throw Missing(name);

    private static FormatException Missing(string name) => new($"{name} is missing");
}
