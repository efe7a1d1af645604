using EdgeAgent.Capture;
using EdgeAgent.Outbox;
using EdgeAgent.Tenancy;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace EdgeAgent.Tests.Outbox;

/// <summary>Each batch that is stored alone writes whole pages of the segment anew; what is kept is hardly more than the batches.</summary>
public sealed class CompactionTests : IDisposable
{
    private const int Batches = 400;

    private static readonly SignalCatalog Catalog = new([new SignalDescription("can0/M/S", null)]);

    private readonly TestDirectory _directory = new();
    private readonly FakeTimeProvider _time = new();
    private readonly DirectoryDisk _disk;
    private BatchOutbox _outbox;
    private long _sequence = 1;

    public CompactionTests()
    {
        _disk = DirectoryDisk.OpenRoot(_directory.Path);
        _outbox = Open();
    }

    public void Dispose()
    {
        _outbox.Dispose();
        _disk.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public void A_backlog_takes_little_more_room_than_what_is_in_it_and_all_of_it_comes_back_in_order()
    {
        for (int i = 0; i < Batches; i++) Store();
        long bytes = Segments().Sum(path => new FileInfo(path).Length);
        Assert.InRange(bytes, Batches * 200, Batches * 1024 + 2 * 256 * 1024); // in pages as they were written it is 10 MB
        _outbox.Dispose();
        _outbox = Open();
        Assert.Equal(Enumerable.Range(1, Batches).Select(number => (long)number), Take(Batches));
        _outbox.Flush(all: true);
        Assert.Empty(Segments());
    }

    [Fact]
    public void What_is_taken_and_deleted_while_segments_are_made_smaller_comes_no_second_time_and_nothing_is_passed_over()
    {
        List<long> taken = [];
        for (int i = 0; i < Batches; i++)
        {
            Store();
            // Now and then all that there is, so that the newest of a segment are gone when it is written anew.
            if (i % 7 == 0) taken.AddRange(Take(3));
            if (i % 41 == 0) taken.AddRange(Take(Batches));
            _outbox.Flush(all: true);
        }
        taken.AddRange(Take(Batches));
        Assert.Equal(Enumerable.Range(1, Batches).Select(number => (long)number), taken);
    }

    [Fact]
    public void What_a_power_cut_left_of_that_is_gone_at_the_next_start()
    {
        Store();
        _outbox.Dispose();
        _disk.Dispose();
        string left = Assert.Single(Segments()) + ".new";
        File.WriteAllText(left, "half of a segment");
        using var disk = DirectoryDisk.OpenRoot(_directory.Path);
        Assert.False(File.Exists(left));
        _outbox = Open(disk);
        Assert.Equal([1L], Take(1));
        _outbox.Dispose();
    }

    [Fact]
    public void Without_room_for_that_a_segment_stays_as_it_is()
    {
        var disk = new NoReplacing(_disk);
        _outbox.Dispose();
        _outbox = Open(disk);
        for (int i = 0; i < Batches / 4; i++) Store();
        Assert.True(disk.Refused > 0);
        Assert.Equal(Enumerable.Range(1, Batches / 4).Select(number => (long)number), Take(Batches));
    }

    /// <summary>A quota of which a segment is 256 KiB.</summary>
    private BatchOutbox Open(IDisk? disk = null)
    {
        var outbox = new BatchOutbox(disk ?? _disk, new OutboxOptions(TimeSpan.FromSeconds(5), 8_000_000) { ReserveBytes = 0 }, _time, NullLogger.Instance);
        outbox.Configure(TenantId.Parse("acme"), new TenantOutboxOptions(4 * 1024 * 1024, TimeSpan.FromSeconds(5)));
        outbox.OpenLedger(TestStamps.Acme.Assignment).Reserve(RecordStream.Telemetry, Batches);
        return outbox;
    }

    private void Store()
    {
        var builder = new BatchBuilder(TestStamps.Acme, Catalog);
        builder.Add(new Sample(_sequence++, 0, 0, 1));
        _outbox.Append(builder.Seal(default));
        Assert.True(_outbox.Flush());
    }

    private List<long> Take(int most)
    {
        List<long> taken = [];
        while (taken.Count < most && _outbox.TryTake() is { } delivery)
        {
            _outbox.Acknowledge(delivery);
            taken.Add(delivery.Batch.FirstSequence);
        }
        return taken;
    }

    private string[] Segments() => [.. Directory.GetFiles(_directory.Path, "*.db", SearchOption.AllDirectories)];

    /// <summary>A disk on which there is no room for a second copy of a segment.</summary>
    private sealed class NoReplacing(DirectoryDisk disk) : IDisk
    {
        public int Refused { get; private set; }

        public long FreeBytes => disk.FreeBytes;

        public IReadOnlyList<string> List() => disk.List();

        public Stream Open(string path) => disk.Open(path);

        public byte[]? TryRead(string path) => disk.TryRead(path);

        public void Replace(string path, ReadOnlySpan<byte> content)
        {
            if (path.EndsWith(".db", StringComparison.Ordinal))
            {
                Refused++;
                throw new IOException("No space left on device");
            }
            disk.Replace(path, content);
        }

        public void Overwrite(string path, ReadOnlySpan<byte> content) => disk.Overwrite(path, content);

        public void Copy(string path, string newPath) => disk.Copy(path, newPath);

        public void Rename(string path, string newPath) => disk.Rename(path, newPath);

        public void Delete(string path) => disk.Delete(path);
    }
}
