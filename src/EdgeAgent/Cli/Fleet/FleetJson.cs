using System.Buffers;
using System.Text.Json;
using EdgeAgent.Diagnostics;

namespace EdgeAgent.Cli.Fleet;

/// <summary>A device as one line of JSON. What is not known is left out.</summary>
internal static class FleetJson
{
    public static void Write(FleetRow row, Stream output)
    {
        var line = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(line))
        {
            json.WriteStartObject();
            WriteDevice(json, row);
            json.WriteEndObject();
        }
        line.Write("\n"u8);
        output.Write(line.WrittenSpan);
    }

    private static void WriteDevice(Utf8JsonWriter json, FleetRow row)
    {
        var device = row.Device;
        json.WriteString("device"u8, device.Id.ToString());
        json.WriteString("presence"u8, PresenceText.Of(row.Presence));
        if (device.LastSeen is { } seen) json.WriteString("lastSeen"u8, seen.UtcDateTime);
        if (device.Version is { } version) json.WriteString("version"u8, version);
        if (device.Epoch is { } epoch) json.WriteNumber("epoch"u8, epoch);
        if (device.State is { } state)
        {
            json.WriteStartObject("configuration"u8);
            json.WriteString("status"u8, state.Status);
            if (state.TenantVersion is { } ofTenant) json.WriteNumber("tenantVersion"u8, ofTenant);
            if (state.DeviceVersion is { } ofDevice) json.WriteNumber("deviceVersion"u8, ofDevice);
            if (state.Mistake is { } mistake) json.WriteString("mistake"u8, mistake);
            json.WriteEndObject();
        }
        if (device.Ledger is { } ledger)
        {
            json.WriteStartObject("ledger"u8);
            foreach (var (outcome, count) in ledger.Outcomes) json.WriteNumber(outcome, count);
            json.WriteEndObject();
        }
        if (device.Health is { } health) WriteHealth(json, health.Report, device);
        if (device is { LastEvent: { } name, LastEventAt: { } at })
        {
            json.WriteStartObject("lastEvent"u8);
            json.WriteString("name"u8, name);
            json.WriteString("time"u8, at.UtcDateTime);
            json.WriteEndObject();
        }
        json.WriteNumber("unreadable"u8, device.Unreadable);
        json.WriteString("severity"u8, row.Severity.ToString().ToLowerInvariant());
        json.WriteStartArray("troubles"u8);
        foreach (var trouble in row.Troubles) json.WriteStringValue(trouble.Text);
        json.WriteEndArray();
    }

    /// <summary>As the device writes it, with when it did.</summary>
    private static void WriteHealth(Utf8JsonWriter json, HealthReport report, FleetDevice device)
    {
        json.WriteStartObject("health"u8);
        if (device.HealthAt is { } at) json.WriteString("time"u8, at.UtcDateTime);
        if (device.Health!.Envelope.ClockIsSynchronized is { } synchronized) json.WriteString("clock"u8, synchronized ? "synchronized"u8 : "unsynchronized"u8);
        report.WriteMembers(json);
        json.WriteEndObject();
    }
}
