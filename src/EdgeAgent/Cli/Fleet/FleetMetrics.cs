using EdgeAgent.Diagnostics.Metrics;

namespace EdgeAgent.Cli.Fleet;

/// <summary>
/// The fleet for Prometheus. What a device reported ends when that is older than the roster's limit, so that a dead device does not
/// look alive; that it is not online, and when it was last seen, stays. The number of series is bounded by <see cref="MaxDevices"/> and by what a report may hold.
/// </summary>
internal static class FleetMetrics
{
    /// <summary>Of more devices only the first, by their ids, have series.</summary>
    public const int MaxDevices = 10_000;

    private static readonly MetricFamily<FleetRow>[] Always =
    [
        MetricFamily<FleetRow>.One("edge_agent_online", "Whether the device is connected to the broker.", row => row.Presence switch { Presence.Online => 1, Presence.Unknown => null, _ => 0 }),
        MetricFamily<FleetRow>.One("edge_agent_last_seen_timestamp_seconds", "When a message last came from the device.", row => row.Device.LastSeen?.ToUnixTimeMilliseconds() / 1000.0),
        new("edge_agent_info", "The version that the device runs.", row => row.Device.Version is { } version ? [new(1, ("version", version))] : []),
        MetricFamily<FleetRow>.One("edge_agent_epoch", "By which assignment the device belongs to its tenant.", row => row.Device.Epoch),
        new("edge_agent_configuration_version", "The versions of the configuration in force.", row =>
            new[] { ("tenant", row.Device.State?.TenantVersion), ("device", row.Device.State?.DeviceVersion) }
                .Where(scope => scope.Item2 is not null).Select(scope => new MetricSample(scope.Item2!.Value, ("scope", scope.Item1)))),
        MetricFamily<FleetRow>.One("edge_agent_configuration_refused", "Whether the device refuses or has rolled back its newest configuration.", row => row.Device.State is { } state ? Flag(state.Status is "refused" or "rolled-back") : null),
        new("edge_agent_ledger_records", "Records by what became of them, by the device's own account.", row =>
            (row.Device.Ledger?.Outcomes ?? new Dictionary<string, long>()).Select(outcome => new MetricSample(outcome.Value, ("outcome", outcome.Key)))),
        MetricFamily<FleetRow>.One("edge_agent_unreadable_messages_total", "Messages of the device that were not what they should be.", row => row.Device.Unreadable),
    ];

    private static readonly MetricFamily<FleetRow>[] WhileFresh =
    [
        .. HealthMetrics.All.Select(family => family.In<FleetRow>(row => row.Device.Health?.Report)),
        MetricFamily<FleetRow>.One("edge_agent_clock_synchronized", "Whether anything has set the device's clock.", row => row.Device.Health?.Envelope.ClockIsSynchronized is { } synchronized ? Flag(synchronized) : null),
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
        (string, string)[] tenant = [("tenant", roster.Tenant.ToString())];
        var text = new MetricText();
        Single("edge_fleet_broker_connected", "Whether the exporter is connected to the broker.", brokerIsConnected ? 1 : 0);
        Single("edge_fleet_devices", "Devices known, without those that have left.", devices.Count);
        Single("edge_fleet_departed_devices", "Devices that have left the tenant; they have no series.", all.Count - devices.Count);
        Single("edge_fleet_devices_left_out", "Devices that have no series because there are too many.", devices.Count - rows.Count);
        Single("edge_fleet_unreadable_messages_total", "Messages that were not what they should be.", roster.Unreadable);
        foreach (var family in Always) text.Write(family, rows, Labels);
        rows.RemoveAll(row => row.Device.HealthAt is not { } at || now - at > staleAfter);
        foreach (var family in WhileFresh) text.Write(family, rows, Labels);
        return text.ToString();

        void Single(string name, string help, double value) => text.Write(MetricFamily<double>.One(name, help, number => number), [value], _ => tenant);

        (string, string)[] Labels(FleetRow row) => [.. tenant, ("device", row.Device.Id.ToString())];
    }

    private static double Flag(bool value) => value ? 1 : 0;
}
