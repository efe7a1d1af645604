using EdgeAgent.Capture;
using EdgeAgent.Outbox;
using EdgeAgent.Tenancy;

namespace EdgeAgent.Tests.Outbox;

/// <summary>One of these measures the memory of the process, so nothing else runs beside them.</summary>
[CollectionDefinition(nameof(BatchOutboxTests), DisableParallelization = true)]
[Collection(nameof(BatchOutboxTests))]
public sealed class BatchOutboxTests : IDisposable
{
    private static readonly SignalCatalog Catalog = new([new SignalDescription("can0/M/S", null)]);

    private readonly OutboxRig _rig = new(new OutboxOptions(TimeSpan.FromSeconds(5), 8_000_000));

    private BatchOutbox Outbox => _rig.Outbox;

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void While_the_broker_is_there_the_flash_is_spared()
    {
        Outbox.SetBrokerIsThere(true);
        for (int i = 0; i < 20; i++)
        {
            _rig.Append();
            Outbox.Acknowledge(Outbox.TryTake()!);
            _rig.Time.Advance(TimeSpan.FromSeconds(1));
            Assert.True(Outbox.Flush());
        }
        Assert.Empty(_rig.Segments());
        Assert.False(Outbox.HasWork);
    }

    [Fact]
    public void What_is_not_acknowledged_in_time_goes_to_the_disk_though_it_is_under_way()
    {
        Outbox.SetBrokerIsThere(true);
        _rig.Append();
        var delivery = Outbox.TryTake()!;
        Outbox.Flush();
        Assert.Empty(_rig.Segments());
        _rig.Time.Advance(TimeSpan.FromSeconds(6));
        Outbox.Flush();
        Assert.Single(_rig.Segments());
        Assert.Null(Outbox.TryTake()); // and is not taken a second time

        Outbox.Acknowledge(delivery);
        Outbox.Flush();
        Assert.Empty(_rig.Segments());
    }

    [Fact]
    public void What_was_stored_is_there_after_a_restart_and_goes_once_it_is_acknowledged()
    {
        for (int i = 0; i < 3; i++)
        {
            _rig.Append();
            Assert.True(Outbox.Flush(all: true));
        }
        _rig.Reopen();
        Assert.Equal(3, Outbox.Counts.StoredBatches);
        Assert.Equal([1L, 2, 3], _rig.TakeAll().Select(delivery =>
        {
            Outbox.Acknowledge(delivery);
            return delivery.Batch.FirstSequence;
        }));
        Outbox.Flush();
        Assert.Empty(_rig.Segments());
        Assert.Equal(3, Outbox.Counts.DeliveredOfEarlierRuns);
    }

    [Fact]
    public void What_is_lost_since_it_is_too_large_does_not_come_back_though_the_power_fails_before_it_is_deleted()
    {
        Outbox.OpenLedger(TestStamps.Acme.Assignment).Reserve(RecordStream.Telemetry, 1);
        _rig.Append();
        Outbox.Flush(all: true);
        byte[] segment = File.ReadAllBytes(_rig.Segments().Single());
        Outbox.SetBrokerIsThere(true);
        Outbox.Lose(Outbox.TryTake()!, LedgerReason.TooLarge);
        string path = _rig.Segments().Single();
        Outbox.Flush(all: true);
        Assert.Empty(_rig.Segments());
        _rig.Reopen(meanwhile: () => File.WriteAllBytes(path, segment));
        Assert.Null(Outbox.TryTake());
        Assert.Equal(new LedgerRange(1, 1, LedgerOutcome.Lost, LedgerReason.TooLarge), Outbox.Ledgers(TestStamps.Acme.Tenant).Single().Ranges[0]);
    }

    [Fact]
    public void What_was_parked_comes_again_in_the_next_run()
    {
        _rig.Append();
        Outbox.SetBrokerIsThere(true);
        Outbox.Park(Outbox.TryTake()!);
        Assert.False(Outbox.HasWork);
        Assert.Null(Outbox.TryTake());
        Assert.True(Outbox.Flush(all: true));
        Assert.Equal((0L, 1L), (Outbox.Counts.MemoryBytes, Outbox.Counts.StoredBatches));
        Assert.Null(Outbox.TryTake());
        _rig.Reopen();
        Assert.Equal(1, Outbox.TryTake()!.Batch.FirstSequence);
    }

    [Fact]
    public void A_second_agent_on_the_same_outbox_is_refused()
    {
        var e = Assert.ThrowsAny<IOException>(() => DirectoryDisk.OpenRoot(_rig.Directory.Path));
        Assert.Equal($"{_rig.Directory.Path}: another edge-agent uses this outbox; stop it first, for the service: systemctl stop edge-agent", e.Message);
    }

    [Fact]
    public void An_altered_segment_is_said_so_and_a_copy_is_kept()
    {
        for (int i = 0; i < 2; i++)
        {
            _rig.Append();
            Assert.True(Outbox.Flush(all: true));
        }
        string segment = Assert.Single(_rig.Segments());
        byte[] content = [];
        _rig.Reopen(meanwhile: () =>
        {
            content = File.ReadAllBytes(segment);
            content[100] ^= 1; // in the first commit
            File.WriteAllBytes(segment, content);
        });
        Assert.Empty(_rig.TakeAll());
        Assert.Equal(content, File.ReadAllBytes(segment + ".broken"));
        _rig.Append();
        Assert.True(Outbox.Flush(all: true));
        Assert.Single(_rig.TakeAll());
    }

    [Fact]
    public void A_file_of_nonsense_is_no_obstacle()
    {
        _rig.Reopen(meanwhile: () =>
        {
            _rig.Directory.Write("tenants/acme/outbox/00000001-normal.db", string.Concat(Enumerable.Repeat("nonsense", 10_000)));
            _rig.Directory.Write("tenants/acme/outbox/readme.txt", "not ours");
            _rig.Directory.Write("elsewhere.db", "not ours either");
        });
        _rig.Append();
        Assert.True(Outbox.Flush(all: true));
        Assert.Single(_rig.TakeAll());
    }

    [Fact]
    public void Memory_does_not_grow_with_the_backlog()
    {
        long sequence = 1;
        void Fill(int batches)
        {
            for (int i = 0; i < batches; i++)
            {
                var builder = new BatchBuilder(TestStamps.Acme, Catalog);
                for (int n = 0; n < 1000; n++) builder.Add(new Sample(sequence++, n * 1_000_000, 0, n * 0.1));
                Outbox.Append(builder.Seal(default));
                if (i % 4 == 3) Assert.True(Outbox.Flush(all: true));
            }
        }
        // LiteDB leaves to finalizers what it no longer needs, and a busy machine lets them wait.
        static long Taken()
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            return GC.GetTotalMemory(forceFullCollection: true);
        }
        Fill(1200);
        long some = Taken();
        int segments = _rig.Segments().Length;
        Fill(3600);
        long many = Taken();
        Assert.True(_rig.Segments().Length >= segments + 3);
        Assert.InRange(many - some, long.MinValue, 6_000_000); // one open segment's cache, not forty
    }
}
