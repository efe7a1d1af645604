using EdgeAgent.Outbox;

namespace EdgeAgent.Tests.Outbox;

/// <summary>While the broker is away: the flash is written seldom and little. While the disk is at work: nobody waits for it.</summary>
public sealed class OfflineTests : IDisposable
{
    private readonly SlowDisk _disk;
    private readonly OutboxRig _rig;

    public OfflineTests()
    {
        SlowDisk? disk = null;
        _rig = new OutboxRig(new OutboxOptions(TimeSpan.FromSeconds(5), 8_000_000), inner => disk = new SlowDisk(inner));
        _disk = disk!;
    }

    private BatchOutbox Outbox => _rig.Outbox;

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void What_is_sealed_waits_in_memory_until_the_oldest_has_to_be_stored_and_then_all_of_it_is_stored_with_one_sync()
    {
        for (int second = 0; second < 5; second++)
        {
            _rig.Append(10);
            Assert.True(Outbox.Flush());
            Assert.Equal(0, _disk.Syncs);
            _rig.Time.Advance(TimeSpan.FromSeconds(1));
        }
        _rig.Append(10);
        Assert.True(Outbox.Flush());
        Assert.Equal(1, _disk.Syncs);
        Assert.Equal((1L, 0L), (Outbox.Counts.StoredBatches, Outbox.Counts.MemoryBytes));

        var delivery = Outbox.TryTake()!;
        Assert.Equal((1L, 60), (delivery.Batch.FirstSequence, delivery.Batch.Count));
        Outbox.Acknowledge(delivery);
        Assert.Equal(60, Outbox.Counts.DeliveredSamples);
        Assert.Null(Outbox.TryTake());
    }

    [Fact]
    public void With_the_broker_there_only_what_has_waited_long_enough_is_stored_and_what_is_under_way_is_stored_for_itself()
    {
        Outbox.SetBrokerIsThere(true);
        _rig.Append(10);
        var underWay = Outbox.TryTake()!;
        _rig.Append(10);
        _rig.Append(10);
        _rig.Time.Advance(TimeSpan.FromSeconds(5));
        _rig.Append(10);
        Assert.True(Outbox.Flush());
        Assert.Equal(2, Outbox.Counts.StoredBatches); // the one under way, and the two behind it as one
        Assert.Equal([31L, 11], TakeAll());
        Outbox.Acknowledge(underWay);
    }

    [Fact]
    public void What_the_disk_refuses_can_be_taken()
    {
        _disk.IsBroken = true;
        _rig.Append(10);
        _rig.Append(10);
        Assert.False(Outbox.Flush(all: true));
        Assert.Equal([1L, 11], TakeAll());
    }

    [Fact]
    public async Task What_is_new_and_what_was_read_ahead_is_taken_while_the_disk_is_at_work_and_the_rest_when_it_is_free()
    {
        for (int i = 0; i < 70; i++)
        {
            _rig.Append(1);
            Assert.True(Outbox.Flush(all: true));
        }
        Outbox.SetBrokerIsThere(true);
        Assert.Equal(1, Outbox.TryTake()!.Batch.FirstSequence); // and 63 more are read with it

        _rig.Append(10);
        using var began = new ManualResetEventSlim();
        using var goOn = new ManualResetEventSlim();
        _disk.OnSync = () =>
        {
            began.Set();
            goOn.Wait(TestContext.Current.CancellationToken);
        };
        var storing = Task.Run(() => Outbox.Flush(all: true), TestContext.Current.CancellationToken);
        List<long> meanwhile;
        Task arrival;
        try
        {
            began.Wait(TestContext.Current.CancellationToken);
            _rig.Append(10); // captured and taken while the other thread waits for its sync
            meanwhile = TakeAll();
            arrival = Outbox.ArrivalAsync();
            Assert.False(arrival.IsCompleted);
        }
        finally
        {
            goOn.Set();
        }
        Assert.True(await storing);
        await arrival;
        Assert.Equal([71, 81, .. Enumerable.Range(2, 63).Select(number => (long)number)], meanwhile);
        Assert.Equal([65L, 66, 67, 68, 69, 70], TakeAll());
    }

    private List<long> TakeAll() => [.. _rig.TakeAll().Select(delivery => delivery.Batch.FirstSequence)];

    /// <summary>Counts and delays the syncs of segments.</summary>
    private sealed class SlowDisk(IDisk inner) : DiskOver(inner)
    {
        public int Syncs { get; private set; }

        public bool IsBroken { get; set; }

        public Action? OnSync { get; set; }

        public override Stream Open(string path) => IsBroken ? throw new IOException("Input/output error") : new SlowStream(this, base.Open(path));

        private sealed class SlowStream(SlowDisk disk, Stream inner) : StreamOver(inner)
        {
            public override void Flush()
            {
                disk.Syncs++;
                disk.OnSync?.Invoke();
                base.Flush();
            }
        }
    }
}
