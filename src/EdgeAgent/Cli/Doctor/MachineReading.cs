using EdgeAgent.Capture;
using EdgeAgent.Diagnostics;

namespace EdgeAgent.Cli.Doctor;

/// <summary>How the machine is. Null is what it does not say.</summary>
internal sealed record MachineReading
{
    public DateTimeOffset Now { get; init; }

    /// <summary>Whether a time source has set the clock.</summary>
    public bool ClockIsSynchronized { get; init; }

    public long? MemoryTotalBytes { get; init; }

    public long? MemoryAvailableBytes { get; init; }

    /// <summary>Where the outbox is.</summary>
    public string StoreDirectory { get; init; } = "";

    public long? DiskFreeBytes { get; init; }

    public long? DiskTotalBytes { get; init; }

    /// <summary>Whether the file system of the outbox is mounted read-only.</summary>
    public bool DiskIsReadOnly { get; init; }

    /// <summary>Damaged segments that were set aside; null if this user may not look.</summary>
    public int? SegmentsAside { get; init; }

    /// <summary>The wear of each eMMC.</summary>
    public IReadOnlyList<FlashWear> Flash { get; init; } = [];

    /// <param name="store">Where the outbox is.</param>
    /// <param name="time">The clock.</param>
    /// <param name="root">The directory that holds <c>proc</c> and <c>sys</c>.</param>
    public static MachineReading Read(string store, TimeProvider time, string root = "/")
    {
        var files = new SystemFiles(root);
        var system = new SystemMetrics(store, root).Read();
        return new MachineReading
        {
            Now = time.GetUtcNow(),
            ClockIsSynchronized = new WallClock(BootTimeProvider.Instance).Read().Synchronized,
            MemoryTotalBytes = files.Member("proc/meminfo", "MemTotal") * 1024,
            MemoryAvailableBytes = system.AvailableBytes,
            StoreDirectory = store,
            DiskFreeBytes = system.DiskFreeBytes,
            DiskTotalBytes = system.DiskTotalBytes,
            DiskIsReadOnly = IsReadOnly(files.Text("proc/self/mounts") ?? "", Path.GetFullPath(store)),
            SegmentsAside = CountAside(store),
            Flash = [.. files.Directories("sys/block", "mmcblk").Select(device => FlashWear.Read(files, device)).OfType<FlashWear>()],
        };
    }

    /// <summary>By the options of the longest mount point above a directory (proc_pid_mounts(5)); of two at one place the later counts.</summary>
    internal static bool IsReadOnly(string mounts, string directory)
    {
        (int Length, bool IsReadOnly) best = (-1, false);
        foreach (string line in mounts.Split('\n'))
        {
            if (line.Split(' ') is not [_, var written, _, var options, ..]) continue;
            string point = written.Replace("\\040", " ", StringComparison.Ordinal);
            bool isAbove = point == "/" || directory == point || directory.StartsWith(point + "/", StringComparison.Ordinal);
            if (isAbove && point.Length >= best.Length) best = (point.Length, options.Split(',').Contains("ro"));
        }
        return best.IsReadOnly;
    }

    private static int? CountAside(string store)
    {
        try
        {
            string tenants = Path.Combine(store, "tenants");
            return Directory.Exists(tenants) ? Directory.EnumerateFiles(tenants, "*.broken", SearchOption.AllDirectories).Count() : Directory.Exists(store) ? 0 : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}

/// <summary>How worn an eMMC says it is (JEDEC eMMC 5.1, EXT_CSD: device life time estimation types A and B, pre-EOL information).</summary>
/// <param name="Device">Its name in /sys/block.</param>
/// <param name="LifeTime">The worse of both estimations: 1 for up to 10 % used, … 10 for up to 100 %, 11 for more.</param>
/// <param name="PreEol">Of its spare blocks: 1 normal, 2 for 80 % used, 3 urgent; null if it does not say.</param>
internal sealed record FlashWear(string Device, int LifeTime, int? PreEol)
{
    /// <summary>Null for what says nothing of it.</summary>
    public static FlashWear? Read(SystemFiles files, string device)
    {
        var numbers = (files.Text(Path.Combine(device, "device/life_time")) ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Hexadecimal).OfType<int>().ToArray();
        int worst = numbers.Length == 0 ? 0 : numbers.Max();
        return worst is < 1 or > 11 ? null : new FlashWear(Path.GetFileName(device), worst, Hexadecimal(files.Text(Path.Combine(device, "device/pre_eol_info")) ?? ""));
    }

    private static int? Hexadecimal(string text) =>
        text.Trim() is ['0', 'x', .. var digits] && int.TryParse(digits, System.Globalization.NumberStyles.AllowHexSpecifier, null, out int number) ? number : null;
}
