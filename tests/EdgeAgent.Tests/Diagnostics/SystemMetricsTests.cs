using EdgeAgent.Diagnostics;

namespace EdgeAgent.Tests.Diagnostics;

/// <summary>The machine's figures, from a tree of files like the kernel's.</summary>
public sealed class SystemMetricsTests : IDisposable
{
    private readonly TestDirectory _root = new();

    public SystemMetricsTests()
    {
        // user nice system idle iowait irq softirq steal guest guest_nice
        _root.Write("proc/stat", "cpu  100 0 100 700 100 0 0 0 50 0\ncpu0 1 2 3 4 5 6 7 8 9 10\n");
        _root.Write("proc/self/stat", Stat(user: 40, system: 10));
        _root.Write("proc/self/status", "Name:\tedge-agent\nVmRSS:\t   31000 kB\nThreads:\t9\n");
        _root.Write("proc/meminfo", "MemTotal:  1000000 kB\nMemAvailable:   500000 kB\n");
        _root.Write("proc/self/io", "read_bytes: 5\nwrite_bytes: 4096\ncancelled_write_bytes: 7\n");
        _root.Write("proc/uptime", "1000.25 3000.00\n");
        _root.Write("sys/class/thermal/thermal_zone0/temp", "41500\n");
        _root.Write("sys/class/thermal/thermal_zone1/temp", "62000\n");
        _root.Write("sys/class/thermal/thermal_zone2/temp", "-274000\n");
        _root.Write("sys/class/thermal/cooling_device0/temp", "99000\n");
    }

    public void Dispose() => _root.Dispose();

    [Fact]
    public void Everything_that_the_kernel_says_is_read()
    {
        var reading = Metrics().Read();
        Assert.Equal(0.2, reading.Cpu); // 200 of 1000 ticks, neither idle nor waiting
        Assert.Equal(0.05, reading.AgentCpu);
        Assert.Equal(31000 * 1024, reading.RssBytes);
        Assert.Equal(500000L * 1024, reading.AvailableBytes);
        Assert.Equal(4096, reading.WrittenBytes);
        Assert.Equal(62, reading.TemperatureCelsius);
        Assert.Equal(1000.25 - 600, reading.UptimeSeconds);
        Assert.InRange(reading.DiskFreeBytes!.Value, 1, reading.DiskTotalBytes!.Value);
    }

    [Fact]
    public void Shares_of_the_processors_are_those_since_the_reading_before()
    {
        var metrics = Metrics();
        metrics.Read();
        _root.Write("proc/stat", "cpu  175 0 100 725 100 0 0 0 50 0\n");
        _root.Write("proc/self/stat", Stat(user: 60, system: 15));
        var reading = metrics.Read();
        Assert.Equal(0.75, reading.Cpu);
        Assert.Equal(0.25, reading.AgentCpu);
    }

    [Fact]
    public void Two_readings_within_one_tick_say_nothing_of_the_processors()
    {
        var metrics = Metrics();
        metrics.Read();
        var reading = metrics.Read();
        Assert.Null(reading.Cpu);
        Assert.Null(reading.AgentCpu);
    }

    [Fact]
    public void An_empty_tree_gives_nothing_but_no_error()
    {
        using var empty = new TestDirectory();
        Assert.Equal(new SystemReading(), new SystemMetrics(empty["no such directory"], empty.Path).Read());
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n")]
    [InlineData("cpu")]
    [InlineData("cpu a b c d e f g h i\nVmRSS: x kB\nMemAvailable:\nwrite_bytes: -5")]
    [InlineData("cpu 1 2 3\nVmRSS: 99999999999999999999 kB\nMemAvailable: 9223372036854775807 kB\nwrite_bytes:")]
    [InlineData("1 (odd) name) (R 1 2 3\nVmRSS: -1 kB")]
    [InlineData("\0\0\0\xff\xfe")]
    public void Odd_files_give_nothing_but_no_error(string content)
    {
        foreach (string file in (string[])["proc/stat", "proc/self/stat", "proc/self/status", "proc/meminfo", "proc/self/io", "proc/uptime"]) _root.Write(file, content);
        for (int zone = 0; zone < 3; zone++) _root.Write($"sys/class/thermal/thermal_zone{zone}/temp", content);
        var reading = Metrics().Read();
        Assert.Equal(new SystemReading { DiskFreeBytes = reading.DiskFreeBytes, DiskTotalBytes = reading.DiskTotalBytes }, reading);
    }

    [Fact]
    public void Files_that_are_directories_give_nothing_but_no_error()
    {
        using var odd = new TestDirectory();
        foreach (string file in (string[])["proc/stat", "proc/self/stat", "proc/self/status", "proc/uptime", "sys/class/thermal/thermal_zone0/temp"]) Directory.CreateDirectory(odd[file]);
        Assert.Equal(new SystemReading(), new SystemMetrics(odd["none"], odd.Path).Read());
    }

    [Fact]
    public void This_machine_says_at_least_what_every_Linux_says()
    {
        using var store = new TestDirectory();
        var reading = new SystemMetrics(store.Path).Read();
        Assert.InRange(reading.Cpu!.Value, 0, 1);
        Assert.InRange(reading.RssBytes!.Value, 1_000_000, 100_000_000_000);
        Assert.True(reading.UptimeSeconds is >= 0 and < 86400, $"{reading.UptimeSeconds}");
    }

    private SystemMetrics Metrics() => new(_root.Path, _root.Path);

    /// <summary>A process whose name looks like more fields, started 600 s after the machine.</summary>
    private static string Stat(int user, int system) => $"42 (a) R (b 1) S 1 42 42 0 -1 4194304 100 0 0 0 {user} {system} 0 0 20 0 9 0 60000 1000000 500 18446744073709551615\n";
}
