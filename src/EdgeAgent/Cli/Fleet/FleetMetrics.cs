using System.Globalization;
using System.Text;
using EdgeAgent.Diagnostics;

namespace EdgeAgent.Cli.Fleet;

/// <summary>
/// The fleet for Prometheus (text format 0.0.4). What a device reported ends when that is older than the roster's limit, so that a dead device does not
/// look alive; that it is not online, and when it was last seen, stays. The number of series is bounded by <see cref="MaxDevices"/> and by what a report may hold.
/// </summary>
internal static class FleetMetrics
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    /// <summary>Of more devices only the first, by their ids, have series.</summary>
    public const int MaxDevices = 10_000;

    private static readonly MetricFamily[] Always =
    [
        MetricFamily.One("edge_agent_online", "Whether the device is connected to the broker.", row => row.Presence switch { Presence.Online => 1, Presence.Unknown => null, _ => 0 }),
        MetricFamily.One("edge_agent_last_seen_timestamp_seconds", "When a message last came from the device.", row => row.Device.LastSeen?.ToUnixTimeMilliseconds() / 1000.0),
        new("edge_agent_info", "The version that the device runs.", row => row.Device.Version is { } version ? [new(1, ("version", version))] : []),
        MetricFamily.One("edge_agent_epoch", "By which assignment the device belongs to its tenant.", row => row.Device.Epoch),
        new("edge_agent_configuration_version", "The versions of the configuration in force.", row =>
            new[] { ("tenant", row.Device.State?.TenantVersion), ("device", row.Device.State?.DeviceVersion) }
                .Where(scope => scope.Item2 is not null).Select(scope => new MetricSample(scope.Item2!.Value, ("scope", scope.Item1)))),
        MetricFamily.One("edge_agent_configuration_refused", "Whether the device refuses or has rolled back its newest configuration.", row => row.Device.State is { } state ? Flag(state.Status is "refused" or "rolled-back") : null),
        new("edge_agent_ledger_records", "Records by what became of them, by the device's own account.", row =>
            (row.Device.Ledger?.Outcomes ?? new Dictionary<string, long>()).Select(outcome => new MetricSample(outcome.Value, ("outcome", outcome.Key)))),
        MetricFamily.One("edge_agent_unreadable_messages_total", "Messages of the device that were not what they should be.", row => row.Device.Unreadable),
    ];

    private static readonly MetricFamily[] WhileFresh =
    [
        Health("edge_agent_uptime_seconds", "Since the agent's start.", report => report.System.UptimeSeconds),
        Health("edge_agent_broker_connects_total", "Connections to the broker.", report => report.Link.Connects),
        Health("edge_agent_samples_per_second", "Samples captured between the last two reports.", report => report.SamplesPerSecond),
        Bus("edge_agent_bus_open", "Whether frames are being read.", bus => Flag(bus.State == "open")),
        Bus("edge_agent_bus_off", "Whether the controller has left the bus because of errors.", bus => bus.Controller is { } controller ? Flag(controller == "bus-off") : null),
        Bus("edge_agent_bus_load_ratio", "Used part of the bit rate, estimated.", bus => bus.Load),
        Bus("edge_agent_bus_frames_total", "Frames read.", bus => bus.Frames),
        Bus("edge_agent_bus_samples_total", "Samples taken from frames.", bus => bus.Samples),
        Bus("edge_agent_bus_error_frames_total", "Error frames read.", bus => bus.ErrorFrames),
        Bus("edge_agent_bus_openings_total", "How often the bus was opened.", bus => bus.Openings),
        Health("edge_agent_outbox_buffered_samples", "Samples captured and not acknowledged.", report => report.Outbox.BufferedSamples),
        Health("edge_agent_outbox_stored_batches", "Batches on the disk.", report => report.Outbox.StoredBatches),
        Health("edge_agent_outbox_stored_bytes", "Bytes that these take.", report => report.Outbox.StoredBytes),
        Health("edge_agent_outbox_memory_bytes", "Payload in memory.", report => report.Outbox.MemoryBytes),
        Health("edge_agent_outbox_oldest_age_seconds", "How long the oldest batch has waited.", report => report.Outbox.OldestSeconds ?? 0),
        Health("edge_agent_delivered_samples_total", "Samples acknowledged by the broker.", report => report.Outbox.Delivered),
        Health("edge_agent_lost_samples_total", "Samples that are known to be lost.", report => report.Outbox.Lost),
        new("edge_agent_dropped_total", "Frames and samples given up, by where.", row => row.Device.Health?.Report.Drops is { } drops
            ? [Dropped("kernel", drops.Kernel), Dropped("ring", drops.Ring), Dropped("evicted", drops.Evicted), Dropped("corrupt", drops.Corrupt)] : []),
        MetricFamily.One("edge_agent_clock_synchronized", "Whether anything has set the device's clock.", row => row.Device.Health?.Envelope.ClockIsSynchronized is { } synchronized ? Flag(synchronized) : null),
        Health("edge_agent_cpu_ratio", "Busy part of all processors.", report => report.System.Cpu),
        Health("edge_agent_own_cpu_ratio", "The agent's own part of all processors.", report => report.System.AgentCpu),
        Health("edge_agent_resident_memory_bytes", "Memory of the agent.", report => report.System.RssBytes),
        Health("edge_agent_memory_available_bytes", "Memory of the machine that can be had.", report => report.System.AvailableBytes),
        Health("edge_agent_disk_free_bytes", "Free on the file system of the outbox.", report => report.System.DiskFreeBytes),
        Health("edge_agent_disk_size_bytes", "Size of that file system.", report => report.System.DiskTotalBytes),
        Health("edge_agent_disk_written_bytes_total", "Written to disks by the agent since its start.", report => report.System.WrittenBytes),
        Health("edge_agent_temperature_celsius", "The hottest thermal zone.", report => report.System.TemperatureCelsius),
    ];

    /// <param name="roster">The fleet.</param>
    /// <param name="brokerIsConnected">Whether it is being kept up to date.</param>
    /// <param name="now">The time.</param>
    /// <param name="staleAfter">How long a report, and a device, counts.</param>
    public static string Write(FleetRoster roster, bool brokerIsConnected, DateTimeOffset now, TimeSpan staleAfter)
    {
        var all = roster.Snapshot();
        var devices = all.Where(device => device.State is not { HasLeft: true }).ToList();
        var rows = devices.Take(MaxDevices).Select(device => new FleetRow(device, device.PresenceAt(now, staleAfter), [], now)).ToList();
        string tenant = Label("tenant", roster.Tenant.ToString());
        var text = new StringBuilder();
        Single(text, "edge_fleet_broker_connected", "gauge", "Whether the exporter is connected to the broker.", tenant, brokerIsConnected ? 1 : 0);
        Single(text, "edge_fleet_devices", "gauge", "Devices known, without those that have left.", tenant, devices.Count);
        Single(text, "edge_fleet_departed_devices", "gauge", "Devices that have left the tenant; they have no series.", tenant, all.Count - devices.Count);
        Single(text, "edge_fleet_devices_left_out", "gauge", "Devices that have no series because there are too many.", tenant, devices.Count - rows.Count);
        Single(text, "edge_fleet_unreadable_messages_total", "counter", "Messages that were not what they should be.", tenant, roster.Unreadable);
        foreach (var family in Always) Write(text, family, tenant, rows);
        rows.RemoveAll(row => row.Device.HealthAt is not { } at || now - at > staleAfter);
        foreach (var family in WhileFresh) Write(text, family, tenant, rows);
        return text.ToString();
    }

    private static MetricFamily Health(string name, string help, Func<HealthReport, double?> value) =>
        MetricFamily.One(name, help, row => row.Device.Health is { } health ? value(health.Report) : null);

    private static MetricFamily Bus(string name, string help, Func<BusHealth, double?> value) => new(name, help, row =>
        from bus in row.Device.Health?.Report.Buses.DistinctBy(bus => bus.Bus) ?? []
        let number = value(bus)
        where number is not null
        select new MetricSample(number.Value, ("bus", bus.Bus)));

    private static MetricSample Dropped(string reason, long count) => new(count, ("reason", reason));

    private static double Flag(bool value) => value ? 1 : 0;

    private static void Write(StringBuilder text, MetricFamily family, string tenant, List<FleetRow> rows)
    {
        bool isFirst = true;
        foreach (var row in rows)
        {
            foreach (var sample in family.Samples(row))
            {
                if (isFirst) Head(text, family.Name, family.Type, family.Help);
                isFirst = false;
                text.Append(family.Name).Append('{').Append(tenant).Append(',').Append(Label("device", row.Device.Id.ToString()));
                foreach (var (name, value) in sample.Labels) text.Append(',').Append(Label(name, value));
                text.Append("} ").Append(sample.Value.ToString(CultureInfo.InvariantCulture)).Append('\n');
            }
        }
    }

    private static void Single(StringBuilder text, string name, string type, string help, string tenant, long value)
    {
        Head(text, name, type, help);
        text.Append(CultureInfo.InvariantCulture, $"{name}{{{tenant}}} {value}\n");
    }

    private static void Head(StringBuilder text, string name, string type, string help) =>
        text.Append("# HELP ").Append(name).Append(' ').Append(help).Append("\n# TYPE ").Append(name).Append(' ').Append(type).Append('\n');

    private static string Label(string name, string value) =>
        $"{name}=\"{value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)}\"";
}
