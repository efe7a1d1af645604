namespace EdgeAgent.Diagnostics.Metrics;

/// <summary>What a health report holds, as metrics: the same of a device that is asked itself and of a fleet that is watched from outside.</summary>
internal static class HealthMetrics
{
    public static IReadOnlyList<MetricFamily<HealthReport>> All { get; } =
    [
        One("edge_agent_uptime_seconds", "Since the agent's start.", report => report.System.UptimeSeconds),
        One("edge_agent_broker_connects_total", "Connections to the broker.", report => report.Link.Connects),
        One("edge_agent_samples_per_second", "Samples captured between the last two reports.", report => report.SamplesPerSecond),
        Bus("edge_agent_bus_open", "Whether frames are being read.", bus => Flag(bus.State == "open")),
        Bus("edge_agent_bus_off", "Whether the controller has left the bus because of errors.", bus => bus.Controller is { } controller ? Flag(controller == "bus-off") : null),
        Bus("edge_agent_bus_load_ratio", "Used part of the bit rate, estimated.", bus => bus.Load),
        Bus("edge_agent_bus_frames_total", "Frames read.", bus => bus.Frames),
        Bus("edge_agent_bus_samples_total", "Samples taken from frames.", bus => bus.Samples),
        Bus("edge_agent_bus_error_frames_total", "Error frames read.", bus => bus.ErrorFrames),
        Bus("edge_agent_bus_openings_total", "How often the bus was opened.", bus => bus.Openings),
        One("edge_agent_outbox_buffered_samples", "Samples captured and not acknowledged.", report => report.Outbox.BufferedSamples),
        One("edge_agent_outbox_stored_batches", "Batches on the disk.", report => report.Outbox.StoredBatches),
        One("edge_agent_outbox_stored_bytes", "Bytes that these take.", report => report.Outbox.StoredBytes),
        One("edge_agent_outbox_memory_bytes", "Payload in memory.", report => report.Outbox.MemoryBytes),
        One("edge_agent_outbox_oldest_age_seconds", "How long the oldest batch has waited.", report => report.Outbox.OldestSeconds ?? 0),
        One("edge_agent_delivered_samples_total", "Samples acknowledged by the broker.", report => report.Outbox.Delivered),
        One("edge_agent_lost_samples_total", "Samples that are known to be lost.", report => report.Outbox.Lost),
        new("edge_agent_dropped_total", "Frames and samples given up, by where.", report =>
            [Dropped("kernel", report.Drops.Kernel), Dropped("ring", report.Drops.Ring), Dropped("evicted", report.Drops.Evicted), Dropped("corrupt", report.Drops.Corrupt)]),
        One("edge_agent_cpu_ratio", "Busy part of all processors.", report => report.System.Cpu),
        One("edge_agent_own_cpu_ratio", "The agent's own part of all processors.", report => report.System.AgentCpu),
        One("edge_agent_resident_memory_bytes", "Memory of the agent.", report => report.System.RssBytes),
        One("edge_agent_memory_available_bytes", "Memory of the machine that can be had.", report => report.System.AvailableBytes),
        One("edge_agent_disk_free_bytes", "Free on the file system of the outbox.", report => report.System.DiskFreeBytes),
        One("edge_agent_disk_size_bytes", "Size of that file system.", report => report.System.DiskTotalBytes),
        One("edge_agent_disk_written_bytes_total", "Written to disks by the agent since its start.", report => report.System.WrittenBytes),
        One("edge_agent_temperature_celsius", "The hottest thermal zone.", report => report.System.TemperatureCelsius),
    ];

    private static MetricFamily<HealthReport> One(string name, string help, Func<HealthReport, double?> value) => MetricFamily<HealthReport>.One(name, help, value);

    private static MetricFamily<HealthReport> Bus(string name, string help, Func<BusHealth, double?> value) => new(name, help, report =>
        from bus in report.Buses.DistinctBy(bus => bus.Bus)
        let number = value(bus)
        where number is not null
        select new MetricSample(number.Value, ("bus", bus.Bus)));

    private static MetricSample Dropped(string reason, long count) => new(count, ("reason", reason));

    private static double Flag(bool value) => value ? 1 : 0;
}
