using System.Text;
using EdgeAgent.Can.Dbc;
using EdgeAgent.Capture;
using EdgeAgent.Outbox;
using EdgeAgent.Tenancy;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeAgent.Tests.Outbox;

/// <summary>What each tenant is promised: its priorities, its quota, its key, its ledger.</summary>
public sealed class TenantOutboxTests : IDisposable
{
    private static readonly TenantId Acme = TenantId.Parse("acme"), Bravo = TenantId.Parse("bravo");

    private static readonly Channel Event = Channel.Event("vehicle/engine/running");

    private readonly OutboxRig _rig = new(Options());
    private readonly Random _values = new(1);

    private BatchOutbox Outbox => _rig.Outbox;

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void A_message_of_high_priority_is_on_the_disk_when_it_is_recorded_and_others_are_not()
    {
        Outbox.Configure(Acme, new TenantOutboxOptions(1_000_000, TimeSpan.FromSeconds(5)));
        Outbox.SetBrokerIsThere(true);
        var recorder = Record("acme");
        recorder.Append(Channel.Health, "\"a\":1"u8.ToArray());
        Assert.Empty(_rig.Segments());
        recorder.Append(Event, "\"a\":2"u8.ToArray());
        Assert.EndsWith("-high.db", Assert.Single(_rig.Segments()), StringComparison.Ordinal);

        _rig.Reopen();
        Assert.Equal("\"a\":2", Encoding.UTF8.GetString(Outbox.TryTake()!.Batch.Payload));
        Assert.Null(Outbox.TryTake());
    }

    [Fact]
    public void What_matters_more_goes_first_from_memory_and_from_the_disk()
    {
        var recorder = Record("acme");
        recorder.Append(Channel.Health, "\"a\":1"u8.ToArray());
        Sample(recorder, 10);
        recorder.Append(Event, "\"a\":2"u8.ToArray());
        Assert.Equal([Event, Channel.Telemetry, Channel.Health], _rig.TakeAll().Select(delivery => delivery.Batch.Channel));
        Assert.True(Outbox.Flush(all: true));
        _rig.Reopen();
        Assert.Equal([Event, Channel.Telemetry, Channel.Health], _rig.TakeAll().Select(delivery => delivery.Batch.Channel));
    }

    private static MayTake AtLeast(Priority least) => (_, priority, _) => priority >= least;

    [Fact]
    public void On_a_metered_network_only_what_matters_is_taken()
    {
        var recorder = Record("acme");
        recorder.Append(Channel.Health, "\"a\":1"u8.ToArray());
        Sample(recorder, 10);
        Assert.Null(Outbox.TryTake(AtLeast(Priority.High)));
        Assert.Equal(Channel.Telemetry, Outbox.TryTake(AtLeast(Priority.Normal))!.Batch.Channel);
        Assert.Null(Outbox.TryTake(AtLeast(Priority.Normal)));
        Assert.Equal(Channel.Health, Outbox.TryTake()!.Batch.Channel);
    }

    [Fact]
    public void A_tenant_over_its_quota_gives_up_what_matters_least_and_then_the_oldest_and_nobody_elses()
    {
        Outbox.Configure(Acme, new TenantOutboxOptions(600_000, TimeSpan.Zero));
        var bravo = Record("bravo", epoch: 2);
        Sample(bravo, 1000);
        Outbox.Flush();
        var acme = Record("acme");
        acme.Append(Channel.Health, new byte[100]);
        acme.Append(Event, "\"a\":2"u8.ToArray());
        Outbox.Flush();
        for (int i = 0; i < 100; i++)
        {
            Sample(acme, 1000);
            Assert.True(Outbox.Flush());
            Assert.InRange(Outbox.CountsOf(Acme).StoredBytes, 1, 600_000 + 150_000);
        }
        Assert.Equal(1000, Outbox.CountsOf(Bravo).BufferedSamples);
        Assert.Equal([new LedgerRange(1, 1, LedgerOutcome.Evicted, LedgerReason.Quota), new LedgerRange(2, 2, LedgerOutcome.Buffered)], Ranges(Acme, RecordStream.Messages));
        var samples = Ranges(Acme, RecordStream.Telemetry);
        Assert.Equal(2, samples.Count);
        Assert.Equal((1, LedgerOutcome.Evicted, LedgerOutcome.Buffered), (samples[0].From, samples[0].Outcome, samples[1].Outcome));
        Assert.Equal(samples[1].Count, _rig.TakeAll().Where(delivery => delivery.Batch.Stamp.Tenant == Acme && delivery.Batch.Channel == Channel.Telemetry).Sum(delivery => delivery.Batch.Count));
    }

    [Fact]
    public void What_matters_less_than_all_that_is_stored_gives_way_itself()
    {
        Outbox.Configure(Acme, new TenantOutboxOptions(300_000, TimeSpan.Zero));
        var acme = Record("acme");
        for (int i = 0; Outbox.CountsOf(Acme).StoredBytes < 250_000; i++) acme.Append(Event, Random(2000, i));
        acme.Append(Channel.Raw, Random(2000, 1));
        Assert.True(Outbox.Flush());
        Assert.Equal(LedgerOutcome.Evicted, Ranges(Acme, RecordStream.Messages)[^1].Outcome);
        Assert.All(_rig.Segments(), segment => Assert.EndsWith("-high.db", segment, StringComparison.Ordinal));
    }

    [Fact]
    public void When_the_whole_store_is_too_large_the_tenant_with_most_gives_way()
    {
        _rig.Reopen(Options(maxStoreBytes: 900_000));
        Sample(Record("bravo", epoch: 2), 1000);
        Outbox.Flush();
        var acme = Record("acme");
        for (int i = 0; i < 120; i++)
        {
            Sample(acme, 1000);
            Assert.True(Outbox.Flush());
        }
        Assert.InRange(Outbox.Counts.StoredBytes, 1, 900_000 + 150_000);
        Assert.Equal(1000, Outbox.CountsOf(Bravo).BufferedSamples);
        Assert.True(Outbox.CountsOf(Acme).Evicted > 0);
    }

    [Fact]
    public void A_purge_destroys_the_key_and_all_that_waits_and_the_ledger_says_so()
    {
        var acme = Record("acme");
        Sample(acme, 10);
        acme.Append(Event, "\"a\":2"u8.ToArray());
        Outbox.Flush();
        Sample(Record("bravo", epoch: 2), 7);
        Outbox.Flush();
        Outbox.SetBrokerIsThere(true);
        var underWay = Outbox.TryTake()!;
        Sample(acme, 5); // in memory
        string key = Path.Combine(_rig.Directory.Path, "tenants/acme/key");
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(key));

        Outbox.Purge(Acme);
        Assert.False(File.Exists(key));
        Assert.All(_rig.Segments(), segment => Assert.Contains("/bravo/", segment, StringComparison.Ordinal));
        Assert.Equal([new LedgerRange(1, 15, LedgerOutcome.Purged, LedgerReason.Purge)], Ranges(Acme, RecordStream.Telemetry));
        Assert.Equal([new LedgerRange(1, 1, LedgerOutcome.Unconfirmed, LedgerReason.Purge)], Ranges(Acme, RecordStream.Messages));
        Outbox.Acknowledge(underWay);
        Assert.Equal([new LedgerRange(1, 1, LedgerOutcome.Unconfirmed, LedgerReason.Purge)], Ranges(Acme, RecordStream.Messages));
        Outbox.Purge(Acme); // once more, as after a crash
        Assert.Equal([7], _rig.TakeAll().Select(delivery => delivery.Batch.Count));

        _rig.Reopen();
        Assert.Equal([new LedgerRange(1, 15, LedgerOutcome.Purged, LedgerReason.Purge)], Ranges(Acme, RecordStream.Telemetry).Take(1));
    }

    [Fact]
    public void At_the_end_of_a_hand_over_what_is_left_is_given_up()
    {
        Sample(Record("acme"), 10);
        Outbox.Flush();
        Outbox.Expire(Acme, LedgerReason.HandOver);
        Assert.Equal([new LedgerRange(1, 10, LedgerOutcome.Evicted, LedgerReason.HandOver)], Ranges(Acme, RecordStream.Telemetry));
        Assert.Empty(_rig.Segments());
        Assert.False(File.Exists(Path.Combine(_rig.Directory.Path, "tenants/acme/key")));
    }

    [Theory]
    [InlineData(null)]
    [InlineData(5)]
    [InlineData(32)]
    public void Without_its_key_a_backlog_is_set_aside_and_lost_and_a_new_key_is_made(int? length)
    {
        Sample(Record("acme"), 10);
        Outbox.Flush();
        string key = Path.Combine(_rig.Directory.Path, "tenants/acme/key");
        _rig.Reopen(meanwhile: () =>
        {
            if (length is { } bytes) File.WriteAllBytes(key, Random(bytes, 1));
            else File.Delete(key);
        });
        Assert.Null(Outbox.TryTake());
        Assert.Equal(new LedgerRange(1, 10, LedgerOutcome.Lost, LedgerReason.Corrupt), Ranges(Acme, RecordStream.Telemetry)[0]);
        Assert.Equal(10, Outbox.CountsOf(Acme).Corrupt);
        Sample(Record("acme", epoch: 2), 3);
        Assert.True(Outbox.Flush());
        Assert.Equal(32, new FileInfo(key).Length);
        Assert.Equal([3], _rig.TakeAll().Select(delivery => delivery.Batch.Count));
    }

    [Fact]
    public void Nothing_that_a_tenant_said_can_be_read_on_the_disk()
    {
        var acme = Record("acme");
        Sample(acme, 500);
        acme.Append(Event, "\"the-tenants-own\":1"u8.ToArray());
        Outbox.Flush(all: true);
        foreach (string file in Directory.GetFiles(_rig.Directory.Path, "*", SearchOption.AllDirectories).Where(file => !file.EndsWith(".lock", StringComparison.Ordinal)))
        {
            byte[] content = File.ReadAllBytes(file);
            Assert.True(content.AsSpan().IndexOf("the-tenants-own"u8) < 0 && content.AsSpan().IndexOf("can0/M/S"u8) < 0, file);
        }
    }

    [Fact]
    public void A_tenant_is_counted_for_itself()
    {
        var acme = Record("acme");
        Sample(acme, 10);
        acme.Append(Channel.Health, "\"a\":1"u8.ToArray());
        Outbox.Flush();
        _rig.Time.Advance(TimeSpan.FromSeconds(30));
        Sample(acme, 5);
        long version = Outbox.LedgerVersion;
        Outbox.Acknowledge(_rig.TakeAll().Single(delivery => delivery.Batch.Count == 5));
        var counts = Outbox.CountsOf(Acme);
        Assert.Equal((10L, 1L, 2L, 5L), (counts.BufferedSamples, counts.BufferedMessages, counts.StoredBatches, counts.Delivered));
        Assert.Equal(5, counts.DeliveredSamples);
        Assert.InRange(counts.Oldest!.Value.TotalSeconds, 30, 33);
        Assert.True(Outbox.LedgerVersion > version);
        Assert.Equal(new TenantCounts(0, 0, 0, 0, null, 0, 0, 0, 0), Outbox.CountsOf(Bravo));
    }

    private static OutboxOptions Options(long maxStoreBytes = 100_000_000) => new(TimeSpan.Zero, 8_000_000) { MaxStoreBytes = maxStoreBytes, ReserveBytes = 0 };

    private Recorder Record(string tenant, long epoch = 1) =>
        Recorder.Open(TestStamps.Of(tenant, epoch), Outbox, TimeSpan.FromSeconds(1), new WallClock(_rig.Time), _rig.Time, NullLogger.Instance, ringCapacity: 4096);

    private void Sample(Recorder recorder, int count)
    {
        int[] signals = recorder.Catalog.Add([new SignalDescription("can0/M/S", null)]);
        for (int i = 0; i < count; i++) Assert.True(recorder.Ring.TryAccept(i, signals, [new SignalValue(0, 0, _values.NextDouble())]));
        Assert.Equal(0, recorder.Finish());
    }

    private IReadOnlyList<LedgerRange> Ranges(TenantId tenant, RecordStream stream) => Outbox.Ledgers(tenant).First(entry => entry.Stream == stream).Ranges;

    private static byte[] Random(int bytes, int seed)
    {
        byte[] content = new byte[bytes];
        new Random(seed).NextBytes(content);
        return content;
    }
}
