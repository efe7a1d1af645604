using EdgeAgent.Capture;
using EdgeAgent.Outbox;
using EdgeAgent.Tenancy;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace EdgeAgent.Tests.Outbox;

/// <summary>One of these measures the memory of the process, so nothing else runs beside them.</summary>
[CollectionDefinition(nameof(BatchOutboxTests), DisableParallelization = true)]
[Collection(nameof(BatchOutboxTests))]
public sealed class BatchOutboxTests : IDisposable
{
    private static readonly SignalCatalog Catalog = new([new SignalDescription("can0/M/S", null)]);

    private readonly TestDirectory _directory = new();
    private readonly FakeTimeProvider _time = new();
    private readonly DirectoryDisk _disk;
    private BatchOutbox _outbox;
    private long _sequence = 1;

    public BatchOutboxTests()
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
    public void While_the_broker_is_there_the_flash_is_spared()
    {
        _outbox.SetBrokerIsThere(true);
        for (int i = 0; i < 20; i++)
        {
            Append();
            _outbox.Acknowledge(_outbox.TryTake()!);
            _time.Advance(TimeSpan.FromSeconds(1));
            Assert.True(_outbox.Flush());
        }
        Assert.Empty(Segments());
        Assert.False(_outbox.HasWork);
    }

    [Fact]
    public void What_is_not_acknowledged_in_time_goes_to_the_disk_though_it_is_under_way()
    {
        _outbox.SetBrokerIsThere(true);
        Append();
        var delivery = _outbox.TryTake()!;
        _outbox.Flush();
        Assert.Empty(Segments());
        _time.Advance(TimeSpan.FromSeconds(6));
        _outbox.Flush();
        Assert.Single(Segments());
        Assert.Null(_outbox.TryTake()); // and is not taken a second time

        _outbox.Acknowledge(delivery);
        _outbox.Flush();
        Assert.Empty(Segments());
    }

    [Fact]
    public void What_was_stored_is_there_after_a_restart_and_goes_once_it_is_acknowledged()
    {
        for (int i = 0; i < 3; i++)
        {
            Append();
            Assert.True(_outbox.Flush(all: true));
        }
        _outbox.Dispose();
        _outbox = Open();
        Assert.Equal(3, _outbox.Counts.StoredBatches);
        Assert.Equal([1L, 2, 3], TakeAll().Select(delivery =>
        {
            _outbox.Acknowledge(delivery);
            return delivery.Batch.FirstSequence;
        }));
        _outbox.Flush();
        Assert.Empty(Segments());
        Assert.Equal(3, _outbox.Counts.DeliveredOfEarlierRuns);
    }

    [Fact]
    public void What_is_lost_since_it_is_too_large_does_not_come_back_though_the_power_fails_before_it_is_deleted()
    {
        _outbox.OpenLedger(TestStamps.Acme.Assignment).Reserve(RecordStream.Telemetry, 1);
        Append();
        _outbox.Flush(all: true);
        byte[] segment = File.ReadAllBytes(Segments().Single());
        _outbox.SetBrokerIsThere(true);
        _outbox.Lose(_outbox.TryTake()!, LedgerReason.TooLarge);
        string path = Segments().Single();
        _outbox.Flush(all: true);
        Assert.Empty(Segments());
        _outbox.Dispose();
        File.WriteAllBytes(path, segment);
        _outbox = Open();
        Assert.Null(_outbox.TryTake());
        Assert.Equal(new LedgerRange(1, 1, LedgerOutcome.Lost, LedgerReason.TooLarge), _outbox.Ledgers(TestStamps.Acme.Tenant).Single().Ranges[0]);
    }

    [Fact]
    public void What_was_parked_comes_again_in_the_next_run()
    {
        Append();
        _outbox.SetBrokerIsThere(true);
        _outbox.Park(_outbox.TryTake()!);
        Assert.False(_outbox.HasWork);
        Assert.Null(_outbox.TryTake());
        Assert.True(_outbox.Flush(all: true));
        Assert.Equal((0L, 1L), (_outbox.Counts.MemoryBytes, _outbox.Counts.StoredBatches));
        Assert.Null(_outbox.TryTake());
        _outbox.Dispose();
        _outbox = Open();
        Assert.Equal(1, _outbox.TryTake()!.Batch.FirstSequence);
    }

    [Fact]
    public void A_second_agent_on_the_same_outbox_is_refused()
    {
        var e = Assert.ThrowsAny<IOException>(() => DirectoryDisk.OpenRoot(_directory.Path));
        Assert.Equal($"{_directory.Path}: another edge-agent uses this outbox; stop it first, for the service: systemctl stop edge-agent", e.Message);
    }

    [Fact]
    public void An_altered_segment_is_said_so_and_a_copy_is_kept()
    {
        for (int i = 0; i < 2; i++)
        {
            Append();
            Assert.True(_outbox.Flush(all: true));
        }
        _outbox.Dispose();
        string segment = Assert.Single(Segments());
        byte[] content = File.ReadAllBytes(segment);
        content[100] ^= 1; // in the first commit
        File.WriteAllBytes(segment, content);

        _outbox = Open();
        Assert.Empty(TakeAll());
        Assert.Equal(content, File.ReadAllBytes(segment + ".broken"));
        Append();
        Assert.True(_outbox.Flush(all: true));
        Assert.Single(TakeAll());
    }

    [Fact]
    public void A_file_of_nonsense_is_no_obstacle()
    {
        _outbox.Dispose();
        _directory.Write("tenants/acme/outbox/00000001-normal.db", string.Concat(Enumerable.Repeat("nonsense", 10_000)));
        _directory.Write("tenants/acme/outbox/readme.txt", "not ours");
        _directory.Write("elsewhere.db", "not ours either");
        _outbox = Open();
        Append();
        Assert.True(_outbox.Flush(all: true));
        Assert.Single(TakeAll());
    }

    [Fact]
    public void Memory_does_not_grow_with_the_backlog()
    {
        void Fill(int batches)
        {
            for (int i = 0; i < batches; i++)
            {
                var builder = new BatchBuilder(TestStamps.Acme, Catalog);
                for (int n = 0; n < 1000; n++) builder.Add(new Sample(_sequence++, n * 1_000_000, 0, n * 0.1));
                _outbox.Append(builder.Seal(default));
                if (i % 4 == 3) Assert.True(_outbox.Flush(all: true));
            }
        }
        Fill(1200);
        long some = GC.GetTotalMemory(forceFullCollection: true);
        int segments = Segments().Length;
        Fill(3600);
        long many = GC.GetTotalMemory(forceFullCollection: true);
        Assert.True(Segments().Length >= segments + 3);
        Assert.InRange(many - some, long.MinValue, 6_000_000); // one open segment's cache, not forty
    }

    private BatchOutbox Open() => new(_disk, new OutboxOptions(TimeSpan.FromSeconds(5), 8_000_000), _time, NullLogger.Instance);

    private void Append()
    {
        var builder = new BatchBuilder(TestStamps.Acme, Catalog);
        builder.Add(new Sample(_sequence++, 0, 0, 1));
        _outbox.Append(builder.Seal(default));
    }

    private List<Delivery> TakeAll()
    {
        List<Delivery> all = [];
        while (_outbox.TryTake() is { } delivery) all.Add(delivery);
        return all;
    }

    private string[] Segments() => [.. Directory.GetFiles(_directory.Path, "*.db", SearchOption.AllDirectories)];
}
