using EdgeAgent.Capture;
using EdgeAgent.Outbox;
using EdgeAgent.Tenancy;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace EdgeAgent.Simulation.Tests;

public sealed class FullDiskTests
{
    [Fact]
    public void A_backlog_on_a_full_disk_is_published_once_and_gives_its_space_back()
    {
        const int batches = 200;
        var time = new FakeTimeProvider();
        var disk = new SimulatedDisk(new Random(1));
        var catalog = new SignalCatalog([new SignalDescription("can0/M/S", null)]);
        var stamp = new RecordStamp(new Assignment(DeviceId.Parse("dongle-1"), TenantId.Parse("acme"), new Epoch(1)), new BootId(Guid.Empty));
        var options = new OutboxOptions(TimeSpan.FromSeconds(5), 8_000_000);

        using (var before = new BatchOutbox(disk, options, time, NullLogger.Instance))
        {
            for (int i = 0; i < batches; i++)
            {
                var builder = new BatchBuilder(stamp, catalog);
                for (int n = 0; n < 100; n++) builder.Add(new Sample(i * 100 + n + 1, n, 0, n));
                before.Append(builder.Seal(default));
                Assert.True(before.Flush(all: true));
            }
        }

        disk.IsFull = true;
        using var outbox = new BatchOutbox(disk, options, time, NullLogger.Instance);
        outbox.SetBrokerIsThere(true);
        List<long> published = [];
        for (int second = 0; second < 600 && outbox.HasWork; second++)
        {
            for (int i = 0; i < 4 && outbox.TryTake() is { } delivery; i++)
            {
                published.Add(delivery.Batch.FirstSequence);
                outbox.Acknowledge(delivery);
            }
            time.Advance(TimeSpan.FromSeconds(1));
            outbox.Flush();
        }
        time.Advance(TimeSpan.FromMinutes(1)); // the longest wait between two tries to write
        outbox.Flush();
        Assert.Equal(Enumerable.Range(0, batches).Select(i => i * 100L + 1), published);
        Assert.Equal(batches * 100, outbox.Counts.DeliveredOfEarlierRuns);
        Assert.DoesNotContain(disk.List(), path => path.EndsWith(".db", StringComparison.Ordinal));
    }
}
