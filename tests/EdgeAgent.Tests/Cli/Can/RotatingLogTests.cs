using System.IO.Compression;
using EdgeAgent.Cli;
using EdgeAgent.Cli.Can;
using Microsoft.Extensions.Time.Testing;

namespace EdgeAgent.Tests.Cli.Can;

/// <summary>Recordings of bounded size, age and number.</summary>
public sealed class RotatingLogTests : IDisposable
{
    private static readonly LogLimits Unlimited = new(long.MaxValue, TimeSpan.MaxValue, int.MaxValue, false);

    private readonly TestDirectory _directory = new();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 5, 4, 8, 0, 0, TimeSpan.Zero));

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Files_end_at_their_size_and_the_oldest_go()
    {
        using var log = RotatingLog.InDirectory(_directory.Path, "can0", Unlimited with { MaxBytes = 4096, MaxFiles = 2 }, _time);
        for (int i = 0; i < 1000; i++) Write(log, $"line {i:0000}");
        log.Close();
        // 10 bytes a line: 410 lines fill a file
        Assert.Equal(["can0-20260504T080000Z-0002.log", "can0-20260504T080000Z-0003.log"], Names());
        Assert.Equal((3, 1, 10_000L), (log.Files, log.Deleted, log.Bytes));
        Assert.Equal(Enumerable.Range(410, 590).Select(i => $"line {i:0000}"), Names().SelectMany(name => File.ReadAllLines(Path.Combine(_directory.Path, name))));
        Assert.Equal(4100, new FileInfo(Path.Combine(_directory.Path, Names()[0])).Length);
    }

    [Fact]
    public void Files_end_at_their_age()
    {
        using var log = RotatingLog.InDirectory(_directory.Path, "can0", Unlimited with { MaxAge = TimeSpan.FromSeconds(60) }, _time);
        for (int i = 0; i < 10; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(25));
            Write(log, "x");
        }
        log.Close();
        Assert.Equal(["3", "3", "3", "1"], Names().Select(name => $"{File.ReadAllLines(Path.Combine(_directory.Path, name)).Length}"));
    }

    [Fact]
    public void A_single_file_is_full_and_never_written_over()
    {
        string path = Path.Combine(_directory.Path, "drive.log");
        using (var log = RotatingLog.ToFile(path, Unlimited with { MaxBytes = 4096 }, _time))
        {
            while (!log.IsFull) Write(log, "line 0000");
            log.Close();
        }
        Assert.Equal(4100, new FileInfo(path).Length);
        var e = Assert.Throws<CommandException>(() => RotatingLog.ToFile(path, Unlimited, _time));
        Assert.Equal((1, $"{path}: is there already"), (e.ExitCode, e.Message));
    }

    [Fact]
    public void Compressed_files_hold_the_same_lines()
    {
        using var log = RotatingLog.InDirectory(_directory.Path, "can0", Unlimited with { IsCompressed = true }, _time);
        for (int i = 0; i < 5000; i++) Write(log, $"line {i:0000}");
        log.Close();
        string name = Assert.Single(Names());
        Assert.EndsWith("-0001.log.gz", name, StringComparison.Ordinal);
        using var text = new StreamReader(new GZipStream(File.OpenRead(Path.Combine(_directory.Path, name)), CompressionMode.Decompress));
        Assert.Equal(5000, text.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.InRange(log.Bytes, 1, 30_000);
    }

    [Fact]
    public void A_directory_that_cannot_be_made_is_named()
    {
        File.WriteAllText(Path.Combine(_directory.Path, "file"), "");
        var e = Assert.Throws<CommandException>(() => RotatingLog.InDirectory(Path.Combine(_directory.Path, "file"), "can0", Unlimited, _time));
        Assert.StartsWith(Path.Combine(_directory.Path, "file"), e.Message, StringComparison.Ordinal);
    }

    private string[] Names() => [.. Directory.GetFiles(_directory.Path).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    private static void Write(RotatingLog log, string line)
    {
        log.Lines.Put(line);
        log.Lines.EndLine();
        log.EndLine();
    }
}
