using System.Buffers;
using System.Text.Json;

namespace EdgeAgent.Diagnostics;

/// <summary>One record of the device's health: what is published on the channel <c>health</c>.</summary>
/// <param name="Version">Of the agent.</param>
/// <param name="Link">The broker.</param>
/// <param name="Buses">The sources of the running pipeline.</param>
/// <param name="SamplesPerSecond">Of all buses since the report before; null in the first one.</param>
/// <param name="Outbox">What waits.</param>
/// <param name="Drops">What was lost, and where.</param>
/// <param name="System">The machine and the process.</param>
internal sealed record HealthReport(
    string Version, LinkHealth Link, IReadOnlyList<BusHealth> Buses, double? SamplesPerSecond, OutboxHealth Outbox, DropHealth Drops, SystemReading System)
{
    /// <summary>Longest text of a trouble, in characters; the rest is cut off.</summary>
    public const int MaxTroubleLength = 200;

    /// <summary>Works out what takes two moments: rates and loads.</summary>
    /// <param name="now">This moment.</param>
    /// <param name="system">How the machine is.</param>
    /// <param name="before">The moment of the report before; null if this is the first.</param>
    /// <param name="elapsed">The time between the two.</param>
    public static HealthReport Of(HealthInputs now, SystemReading system, HealthInputs? before, TimeSpan elapsed) => new(
        now.Version, now.Link,
        [.. now.Buses.Select(bus => bus.Health with { Load = Load(bus, Same(bus, before), elapsed) })],
        before is null ? null : Rate(now.Buses.Sum(bus => Math.Max(0, bus.Health.Samples - (Same(bus, before)?.Health.Samples ?? 0))), elapsed),
        now.Outbox, now.Drops, system);

    /// <summary>Writes the members of the record's object. The envelope around them has <c>device</c>, <c>time</c>, <c>clock</c> and the like.</summary>
    public void WriteMembers(Utf8JsonWriter json)
    {
        json.WriteString("version"u8, Version);
        Write(json, "uptimeSeconds"u8, System.UptimeSeconds, decimals: 0);
        json.WriteStartObject("link"u8);
        json.WriteBoolean("connected"u8, Link.Connected);
        json.WriteNumber("connects"u8, Link.Connects);
        if (Link.LastTrouble is { } trouble) json.WriteString("lastTrouble"u8, trouble.Length > MaxTroubleLength ? trouble[..MaxTroubleLength] : trouble);
        json.WriteEndObject();
        json.WriteStartArray("buses"u8);
        foreach (var bus in Buses) Write(json, bus);
        json.WriteEndArray();
        Write(json, "samplesPerSecond"u8, SamplesPerSecond, decimals: 1);
        WriteOutbox(json);
        json.WriteStartObject("drops"u8);
        json.WriteNumber("kernel"u8, Drops.Kernel);
        json.WriteNumber("ring"u8, Drops.Ring);
        json.WriteNumber("evicted"u8, Drops.Evicted);
        json.WriteNumber("corrupt"u8, Drops.Corrupt);
        json.WriteEndObject();
        WriteSystem(json);
    }

    /// <summary>The members without the braces around them.</summary>
    public ReadOnlyMemory<byte> ToMembers()
    {
        var output = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(output))
        {
            json.WriteStartObject();
            WriteMembers(json);
            json.WriteEndObject();
        }
        return output.WrittenMemory[1..^1];
    }

    private static void Write(Utf8JsonWriter json, BusHealth bus)
    {
        json.WriteStartObject();
        json.WriteString("bus"u8, bus.Bus);
        json.WriteString("state"u8, bus.State);
        if (bus.Controller is { } controller) json.WriteString("controller"u8, controller);
        Write(json, "bitrate"u8, bus.BitRate);
        Write(json, "load"u8, bus.Load, decimals: 3);
        json.WriteNumber("frames"u8, bus.Frames);
        json.WriteNumber("samples"u8, bus.Samples);
        json.WriteNumber("errorFrames"u8, bus.ErrorFrames);
        json.WriteNumber("openings"u8, bus.Openings);
        Write(json, "dataBitrate"u8, bus.DataBitRate);
        Write(json, "samplePoint"u8, bus.SamplePoint, decimals: 3);
        if (bus.ListenOnly) json.WriteBoolean("listenOnly"u8, true);
        Write(json, "sendErrorCounter"u8, bus.SendErrorCounter);
        Write(json, "receiveErrorCounter"u8, bus.ReceiveErrorCounter);
        Write(json, "silentSeconds"u8, bus.SilentSeconds, decimals: 0);
        if (bus.Errors.Sum > 0)
        {
            json.WriteStartObject("errors"u8);
            foreach (var (name, count) in bus.Errors.Named) json.WriteNumber(name, count);
            json.WriteEndObject();
        }
        if (bus.Obd is { } obd)
        {
            json.WriteStartObject("obd"u8);
            json.WriteString("state"u8, obd.State);
            Write(json, "wantedPerSecond"u8, obd.Rates?.Wanted, decimals: 2);
            Write(json, "answersPerSecond"u8, obd.Rates?.Achieved, decimals: 2);
            Write(json, "unsupported"u8, obd.Rates?.Unsupported);
            json.WriteEndObject();
        }
        json.WriteEndObject();
    }

    private void WriteOutbox(Utf8JsonWriter json)
    {
        json.WriteStartObject("outbox"u8);
        json.WriteNumber("bufferedSamples"u8, Outbox.BufferedSamples);
        json.WriteNumber("storedBatches"u8, Outbox.StoredBatches);
        json.WriteNumber("storedBytes"u8, Outbox.StoredBytes);
        json.WriteNumber("memoryBytes"u8, Outbox.MemoryBytes);
        Write(json, "oldestSeconds"u8, Outbox.OldestSeconds, decimals: 1);
        json.WriteNumber("delivered"u8, Outbox.Delivered);
        json.WriteNumber("lost"u8, Outbox.Lost);
        json.WriteEndObject();
    }

    private void WriteSystem(Utf8JsonWriter json)
    {
        Write(json, "cpu"u8, System.Cpu, decimals: 3);
        Write(json, "agentCpu"u8, System.AgentCpu, decimals: 3);
        json.WriteStartObject("memory"u8);
        Write(json, "rssBytes"u8, System.RssBytes);
        Write(json, "availableBytes"u8, System.AvailableBytes);
        json.WriteEndObject();
        json.WriteStartObject("disk"u8);
        Write(json, "freeBytes"u8, System.DiskFreeBytes);
        Write(json, "totalBytes"u8, System.DiskTotalBytes);
        Write(json, "writtenBytes"u8, System.WrittenBytes);
        json.WriteEndObject();
        Write(json, "temperatureCelsius"u8, System.TemperatureCelsius, decimals: 1);
    }

    /// <summary>What is unknown is left out; what nobody measures so finely is rounded, since it goes over a metered network.</summary>
    private static void Write(Utf8JsonWriter json, ReadOnlySpan<byte> name, double? value, int decimals)
    {
        if (value is { } number && double.IsFinite(number)) json.WriteNumber(name, Math.Round(number, decimals));
    }

    private static void Write(Utf8JsonWriter json, ReadOnlySpan<byte> name, long? value)
    {
        if (value is { } number) json.WriteNumber(name, number);
    }

    private static BusInputs? Same(BusInputs bus, HealthInputs? before) => before?.Buses.FirstOrDefault(old => old.Health.Bus == bus.Health.Bus);

    private static double? Load(BusInputs now, BusInputs? before, TimeSpan elapsed) =>
        now.Health.BitRate is > 0 and var rate && now.TrafficBits is { } bits && before?.TrafficBits is { } then
            ? LoadWatch.LoadBetween(then, bits, rate, now.Health.DataBitRate ?? 0, elapsed) : null;

    private static double? Rate(double? count, TimeSpan elapsed) => elapsed > TimeSpan.Zero ? count / elapsed.TotalSeconds : null;
}
