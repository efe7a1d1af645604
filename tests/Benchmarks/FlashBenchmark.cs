using EdgeAgent.Outbox;

namespace EdgeAgent.Benchmarks;

/// <summary>What a day writes to the flash, from an hour with the broker and an hour without.</summary>
internal static class FlashBenchmark
{
    private const double HoursADay = 24, Megabyte = 1e6;

    public static void Run(BenchmarkOptions options, Report report)
    {
        report.Begin("flash", $"Flash, from an hour of {options.Rate} samples a second through the agent's recorder and outbox on a real file system");
        foreach (bool online in (bool[])[true, false])
        {
            string name = online ? "online" : "offline", words = online ? "with a broker" : "without a broker";
            using var directory = new Scratch();
            using var disk = new CountingDisk(DirectoryDisk.OpenRoot(directory.Path));
            using var device = new Device(disk, new Vehicle(options.Rate), "acme", maxStoreBytes: 1L << 40);
            device.Live(TimeSpan.FromHours(1), online);
            report.Add($"{name}BytesADay", $"written in a day {words}", disk.Written * HoursADay / Megabyte, "MB", online ? "≤ 50" : null);
            report.Add($"{name}SyncsADay", $"fsyncs in a day {words}", disk.Syncs * HoursADay, "");
            if (online) continue;
            long stored = device.Outbox.Counts.StoredBytes;
            report.Add("storedBytesASample", "on the disk for each sample that waits", (double)stored / (3600.0 * options.Rate), "B");
            report.Add("daysInStore", $"days that fit into the default store of {OutboxOptions.DefaultMaxStoreBytes >> 20} MiB", OutboxOptions.DefaultMaxStoreBytes / (stored * HoursADay), "days", "≥ 7");
        }
    }
}
