using System.Globalization;

namespace EdgeAgent.Diagnostics;

/// <summary>
/// Reads how the machine and this process are (proc(5), sysfs). Nothing that is missing or odd is an error: a container, another kernel or
/// a board without sensors says less. One thread at a time.
/// </summary>
/// <param name="storeDirectory">Where the outbox is.</param>
/// <param name="root">The directory that holds <c>proc</c> and <c>sys</c>.</param>
internal sealed class SystemMetrics(string storeDirectory, string root = "/")
{
    /// <summary>USER_HZ: times in /proc are in hundredths of a second on every architecture that the agent runs on.</summary>
    private const double TicksPerSecond = 100;

    /// <summary>What a sensor may say. Zones without one say things such as -274000 or 0x7fffffff.</summary>
    private const double Coldest = -60, Hottest = 200;

    private readonly SystemFiles _files = new(root);
    private CpuTicks _before = CpuTicks.AtStart;

    /// <summary>Reads everything. The first reading's shares of the processors are those since the start of machine and agent.</summary>
    public SystemReading Read()
    {
        var process = new ProcessTicks(_files.Text("proc/self/stat"));
        var now = CpuTicks.Parse(_files.Text("proc/stat"), process.Used);
        var (before, disk) = (_before, Disk());
        _before = now;
        return new SystemReading
        {
            Cpu = Share(now.Busy - before.Busy, now.Total - before.Total),
            AgentCpu = Share(now.Agent - before.Agent, now.Total - before.Total),
            RssBytes = Kibibytes("proc/self/status", "VmRSS"),
            AvailableBytes = Kibibytes("proc/meminfo", "MemAvailable"),
            DiskFreeBytes = disk?.Free,
            DiskTotalBytes = disk?.Total,
            WrittenBytes = NotNegative(_files.Member("proc/self/io", "write_bytes")),
            TemperatureCelsius = Temperature(),
            UptimeSeconds = Uptime(process.Started),
        };
    }

    private static double? Share(long? part, long? whole) => part is { } some && whole is > 0 and var all ? Math.Clamp((double)some / all, 0, 1) : null;

    private long? Kibibytes(string path, string name) => _files.Member(path, name) is >= 0 and <= long.MaxValue / 1024 and var number ? number * 1024 : null;

    private static long? NotNegative(long? number) => number is >= 0 ? number : null;

    private (long Free, long Total)? Disk()
    {
        try
        {
            var drive = new DriveInfo(storeDirectory);
            return (drive.AvailableFreeSpace, drive.TotalSize);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }

    private double? Temperature()
    {
        double? highest = null;
        foreach (string zone in _files.Directories("sys/class/thermal", "thermal_zone"))
        {
            if (_files.Number(Path.Combine(zone, "temp")) / 1000.0 is { } celsius and >= Coldest and <= Hottest && !(celsius <= highest)) highest = celsius;
        }
        return highest;
    }

    private double? Uptime(long? startedTicks)
    {
        string machine = (_files.Text("proc/uptime") ?? "").Split(' ')[0];
        return startedTicks is { } started && double.TryParse(machine, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double seconds)
            ? Math.Max(0, seconds - started / TicksPerSecond)
            : null;
    }

    /// <summary>From /proc/self/stat. The name of the process, which stands in parentheses, may hold anything: what counts comes after the last one.</summary>
    private readonly record struct ProcessTicks
    {
        // Field numbers of proc(5), less the two that come before the end of the name and one because they count from 1.
        private const int UserTime = 14 - 3, SystemTime = 15 - 3, StartTime = 22 - 3;

        public ProcessTicks(string? stat)
        {
            string[] fields = stat is null ? [] : stat[(stat.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length <= StartTime) return;
            Used = SystemFiles.ParseNumber(fields[UserTime]) + SystemFiles.ParseNumber(fields[SystemTime]);
            Started = SystemFiles.ParseNumber(fields[StartTime]);
        }

        public long? Used { get; }

        public long? Started { get; }
    }

    /// <summary>Ticks of all processors since the machine's start, and of the agent since its own.</summary>
    private readonly record struct CpuTicks(long? Total, long? Busy, long? Agent)
    {
        private const int Idle = 3, Waiting = 4, Counted = 8;

        public static readonly CpuTicks AtStart = new(0, 0, 0);

        /// <summary>The first line of /proc/stat: <c>cpu user nice system idle iowait irq softirq steal …</c>. Guest time, which follows, is in user time already.</summary>
        public static CpuTicks Parse(string? stat, long? agent)
        {
            string[] fields = (stat ?? "").Split('\n')[0].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (fields is not ["cpu", ..] || fields.Length <= Counted) return default;
            long?[] ticks = [.. fields.Skip(1).Take(Counted).Select(field => SystemFiles.ParseNumber(field))];
            long? total = ticks.Aggregate((long?)0, (sum, more) => sum + more);
            return new CpuTicks(total, total - ticks[Idle] - ticks[Waiting], agent);
        }
    }
}
