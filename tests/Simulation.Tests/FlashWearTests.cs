using System.Globalization;
using EdgeAgent.Can.Dbc;
using EdgeAgent.Capture;
using EdgeAgent.Outbox;
using EdgeAgent.Tenancy;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace EdgeAgent.Simulation.Tests;

/// <summary>What an hour of 100 samples a second costs the flash.</summary>
public sealed class FlashWearTests(ITestOutputHelper output)
{
    private const int Seconds = 3600, SamplesASecond = 100;

    private static readonly Channel Event = Channel.Event("vehicle/engine/running");

    private readonly FakeTimeProvider _time = new();
    private readonly SimulatedDisk _disk = new(new Random(1));

    [Theory]
    [InlineData(0)]
    [InlineData(12)]
    public void Online_the_flash_is_spared(int eventsAnHour)
    {
        var (bytes, syncs, _) = Run(brokerIsThere: true, eventsAnHour);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"online, {eventsAnHour} events: {bytes} bytes, {syncs} syncs an hour; {bytes * 24 / 1e6:0.0} MB a day"));
        Assert.InRange(bytes * 24, 1, 50_000_000);
    }

    [Fact]
    public void Offline_a_batch_is_written_little_more_than_once()
    {
        var (bytes, syncs, batches) = Run(brokerIsThere: false, eventsAnHour: 0);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"offline: {bytes} bytes, {syncs} syncs an hour, {batches} batches: {bytes / batches} bytes a batch, {(double)bytes / (Seconds * SamplesASecond):0.0} a sample"));
        Assert.InRange(bytes / batches, 1, 64 * 1024);
    }

    private (long Bytes, long Syncs, long Batches) Run(bool brokerIsThere, int eventsAnHour)
    {
        using var outbox = new BatchOutbox(_disk, new OutboxOptions(TimeSpan.FromSeconds(30), 8_000_000), _time, NullLogger.Instance);
        var stamp = new RecordStamp(new Assignment(DeviceId.Parse("dongle-1"), TenantId.Parse("acme"), new Epoch(1)), new BootId(Guid.Empty));
        var recorder = Recorder.Open(stamp, outbox, TimeSpan.FromSeconds(10), new WallClock(_time), _time, NullLogger.Instance, ringCapacity: 4096);
        int[] signals = recorder.Catalog.Add([.. Enumerable.Range(0, 10).Select(i => new SignalDescription($"can0/Message{i}/Signal{i}", "km/h"))]);
        outbox.SetBrokerIsThere(brokerIsThere);
        var random = new Random(1);
        for (int second = 0; second < Seconds; second++)
        {
            for (int i = 0; i < SamplesASecond; i++)
                recorder.Ring.TryAccept(_time.GetTimestamp() + i * 10_000_000L + random.Next(100_000), signals, [new SignalValue(i % 10, 0, random.Next(4000) * 0.05)]);
            if (eventsAnHour > 0 && second % (Seconds / eventsAnHour) == 7) recorder.Append(Event, "\"on\":true,\"rpm\":812.5"u8.ToArray());
            if (second % 60 == 0) recorder.Append(Channel.Health, new byte[800]);
            _time.Advance(TimeSpan.FromSeconds(1));
            recorder.Step();
            while (brokerIsThere && outbox.TryTake() is { } delivery) outbox.Acknowledge(delivery);
            outbox.Flush();
        }
        return (_disk.BytesWritten, _disk.Syncs, outbox.Counts.StoredBatches);
    }
}
