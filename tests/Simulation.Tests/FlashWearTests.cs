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

    /// <summary>However often batches are sealed, what is written depends on how long they may wait.</summary>
    [Theory]
    [InlineData(1, 5)]
    [InlineData(1, 30)]
    [InlineData(10, 30)]
    public void Offline_a_sample_is_written_once_and_the_disk_is_synced_once_in_the_time_that_it_may_wait(int sealAfter, int flushAfter)
    {
        var (bytes, syncs, batches) = Run(brokerIsThere: false, eventsAnHour: 0, sealAfter, flushAfter);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"offline, sealed after {sealAfter} s, stored after {flushAfter} s: {bytes} bytes, {syncs} syncs an hour, {batches} batches, {(double)bytes / (Seconds * SamplesASecond):0.0} a sample; {bytes * 24 / 1e6:0.0} MB a day"));
        Assert.InRange(bytes * 24, 1, 80_000_000); // the random values and times of this test take 5 bytes themselves, a vehicle's take 3
        Assert.InRange(syncs, 1, 2 * Seconds / flushAfter + 200);
    }

    private (long Bytes, long Syncs, long Batches) Run(bool brokerIsThere, int eventsAnHour, int sealAfter = 10, int flushAfter = 30)
    {
        using var outbox = new BatchOutbox(_disk, new OutboxOptions(TimeSpan.FromSeconds(flushAfter), 8_000_000), _time, NullLogger.Instance);
        var stamp = new RecordStamp(new Assignment(DeviceId.Parse("dongle-1"), TenantId.Parse("acme"), new Epoch(1)), new BootId(Guid.Empty));
        var recorder = Recorder.Open(stamp, outbox, TimeSpan.FromSeconds(sealAfter), new WallClock(_time), _time, NullLogger.Instance, ringCapacity: 4096);
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
