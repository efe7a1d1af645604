using System.Diagnostics;
using EdgeAgent.Capture;
using EdgeAgent.Outbox;
using EdgeAgent.Tenancy;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace EdgeAgent.Tests.Outbox;

/// <summary>A start on a file system without any space left: what is stored can still be published, deleted and purged.</summary>
public sealed class FullDiskStartTests : IDisposable
{
    private const int NoSpace = 28, ReadOnly = 30;

    private static readonly SignalCatalog Catalog = new([new SignalDescription("can0/M/S", null)]);

    private readonly TestDirectory _directory = new();
    private readonly FakeTimeProvider _time = new();
    private bool _isMounted;

    public void Dispose()
    {
        if (_isMounted) Run("umount", "-l", _directory.Path);
        _directory.Dispose();
    }

    [Fact]
    public void On_a_file_system_without_space_the_backlog_is_published_and_deleted_and_then_there_is_space_again()
    {
        Mount("size=256k");
        using (var disk = DirectoryDisk.OpenRoot(_directory.Path)) Store(disk, 3);
        Fill();
        using (var disk = DirectoryDisk.OpenRoot(_directory.Path))
        {
            Assert.DoesNotContain(Directory.EnumerateFiles(_directory.Path), path => path.Contains(".probe", StringComparison.Ordinal));
            using var outbox = Open(disk);
            Assert.Equal([1L, 2, 3], Drain(outbox));
            outbox.Flush(all: true);
            Assert.Empty(Segments());
            disk.Replace("tenants/acme/after", new byte[1024]);
        }
    }

    [Fact]
    public void On_a_file_system_without_space_a_tenant_is_purged()
    {
        Mount("size=256k");
        using (var disk = DirectoryDisk.OpenRoot(_directory.Path)) Store(disk, 3);
        Fill();
        using (var disk = DirectoryDisk.OpenRoot(_directory.Path))
        {
            using var outbox = Open(disk);
            outbox.Purge(TestStamps.Acme.Tenant);
            Assert.Empty(Segments());
            Assert.False(File.Exists(_directory["tenants/acme/key"]));
        }
    }

    [Fact]
    public void A_file_that_finds_no_space_leaves_nothing_behind_and_the_one_before_it_stays()
    {
        Mount("size=256k");
        using var disk = DirectoryDisk.OpenRoot(_directory.Path);
        disk.Replace("a", "before"u8);
        var e = Assert.Throws<IOException>(() => disk.Replace("a", new byte[1 << 20]));
        Assert.Equal(NoSpace, e.HResult);
        Assert.False(File.Exists(_directory["a.new"]));
        Assert.Equal("before"u8.ToArray(), disk.TryRead("a"));
        disk.Replace("b", new byte[100_000]);
    }

    [Fact]
    public void A_file_system_that_cannot_be_written_at_all_is_still_refused()
    {
        Mount("size=256k");
        using (DirectoryDisk.OpenRoot(_directory.Path))
        {
        }
        Run("mount", "-o", "remount,ro", _directory.Path);
        var e = Assert.Throws<IOException>(() => DirectoryDisk.OpenRoot(_directory.Path));
        Assert.Contains("cannot write the outbox there: ", e.Message, StringComparison.Ordinal);
        Assert.Equal(ReadOnly, e.InnerException!.HResult);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void An_outbox_opens_without_any_new_space_and_gives_what_can_be_read(bool isAltered)
    {
        using var directory = DirectoryDisk.OpenRoot(_directory.Path);
        Store(directory, 3);
        string segment = Assert.Single(Segments());
        if (isAltered)
        {
            byte[] content = File.ReadAllBytes(segment);
            int firstCommit = (24 + BitConverter.ToInt32(content, 4) + 7) / 8 * 8;
            content[firstCommit + 100] ^= 1; // in the second of three
            File.WriteAllBytes(segment, content);
        }
        using var outbox = Open(new FullDisk(directory));
        Assert.Equal(isAltered ? [1L] : [1L, 2, 3], Drain(outbox));
        outbox.Flush(all: true);
        Assert.Empty(Segments());
    }

    private void Store(DirectoryDisk disk, int batches)
    {
        using var outbox = Open(disk);
        var ledger = outbox.OpenLedger(TestStamps.Acme.Assignment);
        ledger.Reserve(RecordStream.Telemetry, batches);
        for (int i = 1; i <= batches; i++)
        {
            var builder = new BatchBuilder(TestStamps.Acme, Catalog);
            builder.Add(new Sample(i, 0, 0, 1));
            outbox.Append(builder.Seal(default));
            Assert.True(outbox.Flush());
        }
        ledger.Stop(batches + 1, 1);
    }

    private BatchOutbox Open(IDisk disk) => new(disk, new OutboxOptions(TimeSpan.Zero, 1 << 20) { ReserveBytes = 0 }, _time, NullLogger.Instance);

    private static List<long> Drain(BatchOutbox outbox)
    {
        List<long> taken = [];
        outbox.SetBrokerIsThere(true);
        while (outbox.TryTake() is { } delivery)
        {
            taken.Add(delivery.Batch.FirstSequence);
            outbox.Acknowledge(delivery);
        }
        return taken;
    }

    private string[] Segments() => Directory.GetFiles(_directory["tenants/acme/outbox"], "*.db");

    private void Mount(string options)
    {
        if (Environment.UserName != "root") Assert.Skip("only root can mount a small file system: sudo ./build.sh test");
        string trouble = Run("mount", "-t", "tmpfs", "-o", options, "tmpfs", _directory.Path);
        if (trouble.Length > 0) Assert.Skip($"cannot mount a tmpfs here: {trouble}");
        _isMounted = true;
    }

    private void Fill()
    {
        using var file = new FileStream(_directory["ballast"], FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        var e = Assert.Throws<IOException>(() =>
        {
            for (int i = 0; i < 1000; i++) file.Write(new byte[4096]);
        });
        Assert.Equal(NoSpace, e.HResult);
    }

    private static string Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        string trouble = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return trouble.Trim();
    }

    private sealed class FullDisk(IDisk inner) : DiskOver(inner)
    {
        public override long FreeBytes => 0;

        public override Stream Open(string path) => TryRead(path) is null ? throw Full() : base.Open(path);

        public override void Replace(string path, ReadOnlySpan<byte> content) => throw Full();

        public override void Copy(string path, string newPath) => throw Full();

        private static IOException Full() => new("No space left on device", NoSpace);
    }
}
