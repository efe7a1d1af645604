using System.Buffers.Binary;
using System.IO.Hashing;
using EdgeAgent.Capture;
using EdgeAgent.Outbox;
using EdgeAgent.Tenancy;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace EdgeAgent.Tests.Outbox;

/// <summary>What waits on the disk: how little room it takes, and that it goes out once and in order.</summary>
public sealed class BacklogTests : IDisposable
{
    private const int Batches = 400;

    private static readonly SignalCatalog Catalog = new([new SignalDescription("can0/M/S", null)]);

    private readonly TestDirectory _directory = new();
    private readonly FakeTimeProvider _time = new();
    private readonly DirectoryDisk _disk;
    private BatchOutbox _outbox;
    private long _sequence = 1;

    public BacklogTests()
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
    public void Batches_that_are_stored_one_by_one_take_little_more_room_than_what_is_in_them_and_come_back_in_order()
    {
        for (int i = 0; i < Batches; i++) Store();
        Assert.InRange(Segments().Sum(path => new FileInfo(path).Length), Batches * 200, Batches * 1024); // in whole pages it is 10 MB
        Reopen();
        Assert.Equal(Numbers(1, Batches), Take(Batches));
        _outbox.Flush(all: true);
        Assert.Empty(Segments());
    }

    [Fact]
    public void What_is_taken_while_more_is_stored_comes_no_second_time_and_nothing_is_passed_over()
    {
        List<long> taken = [];
        for (int i = 0; i < Batches; i++)
        {
            Store();
            // Now and then all that there is, so that a segment is deleted that is being written.
            if (i % 7 == 0) taken.AddRange(Take(3));
            if (i % 41 == 0) taken.AddRange(Take(Batches));
            _outbox.Flush(all: true);
        }
        taken.AddRange(Take(Batches));
        Assert.Equal(Numbers(1, Batches), taken);
    }

    [Fact]
    public void A_segment_of_which_something_waits_stays_and_what_was_delivered_of_it_does_not_come_again()
    {
        for (int i = 0; i < 5; i++) Store();
        Assert.Equal([1L, 2], Take(2));
        _outbox.Flush();
        Assert.Single(Segments());
        Assert.Equal(3, _outbox.Counts.StoredBatches);
        Assert.Equal(3, _outbox.CountsOf(TestStamps.Acme.Tenant).StoredBatches);

        _time.Advance(TimeSpan.FromSeconds(5));
        _outbox.Flush();
        Reopen(); // as after a power cut: nobody has stopped
        Assert.Equal(3, _outbox.Counts.StoredBatches);
        Assert.Equal([3L, 4, 5], Take(Batches));
        _outbox.Flush();
        Assert.Empty(Segments());
    }

    [Fact]
    public void A_store_of_an_earlier_version_is_published_and_goes()
    {
        for (int i = 0; i < 3; i++) Store();
        _outbox.Dispose();
        string segment = Assert.Single(Segments());
        File.WriteAllBytes(segment, InWholePages(File.ReadAllBytes(segment)));
        _outbox = Open();
        Store();
        Assert.Equal(2, Segments().Length);
        Assert.Equal(Numbers(1, 4), Take(Batches));
        _outbox.Flush();
        Assert.Empty(Segments());
    }

    [Fact]
    public void Half_a_file_that_a_power_cut_left_is_gone_at_the_next_start()
    {
        Store();
        _outbox.Dispose();
        _disk.Dispose();
        string left = Assert.Single(Segments()) + ".new";
        File.WriteAllText(left, "half of a file");
        using var disk = DirectoryDisk.OpenRoot(_directory.Path);
        Assert.False(File.Exists(left));
        _outbox = Open(disk);
        Assert.Equal([1L], Take(1));
        _outbox.Dispose();
    }

    private BatchOutbox Open(DirectoryDisk? disk = null)
    {
        var outbox = new BatchOutbox(disk ?? _disk, new OutboxOptions(TimeSpan.Zero, 8_000_000) { ReserveBytes = 0 }, _time, NullLogger.Instance);
        outbox.OpenLedger(TestStamps.Acme.Assignment).Reserve(RecordStream.Telemetry, Batches);
        return outbox;
    }

    private void Reopen()
    {
        _outbox.Dispose();
        _outbox = Open();
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

    private static IEnumerable<long> Numbers(int first, int count) => Enumerable.Range(first, count).Select(number => (long)number);

    /// <summary>The same pages as one commit of an earlier version.</summary>
    private static byte[] InWholePages(byte[] segment)
    {
        using var pages = new PageLogStream(new MemoryStream(segment));
        int count = (int)(pages.Length / PageLogStream.PageSize);
        byte[] record = new byte[24 + count * (8 + PageLogStream.PageSize)];
        BinaryPrimitives.WriteUInt32LittleEndian(record, 0x474F4C50);
        BinaryPrimitives.WriteInt32LittleEndian(record.AsSpan(4), count);
        BinaryPrimitives.WriteInt64LittleEndian(record.AsSpan(8), pages.Length);
        for (int i = 0; i < count; i++)
        {
            int at = 24 + i * (8 + PageLogStream.PageSize);
            BinaryPrimitives.WriteInt64LittleEndian(record.AsSpan(at), i * (long)PageLogStream.PageSize);
            pages.ReadExactly(record.AsSpan(at + 8, PageLogStream.PageSize));
        }
        BinaryPrimitives.WriteUInt64LittleEndian(record.AsSpan(16), XxHash3.HashToUInt64([.. record[..16], .. record[24..]]));
        return record;
    }
}
