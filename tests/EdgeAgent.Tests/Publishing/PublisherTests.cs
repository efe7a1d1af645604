using System.Text.Json;
using EdgeAgent.Capture;
using EdgeAgent.Outbox;
using EdgeAgent.Publishing;
using EdgeAgent.Tenancy;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeAgent.Tests.Publishing;

public sealed class PublisherTests : IDisposable
{
    private static readonly SignalCatalog Catalog = new([new SignalDescription("can0/M/S", null)]);

    private readonly TestDirectory _directory = new();
    private readonly SteppedTime _time = new();
    private readonly FakeBroker _broker = new();
    private readonly DirectoryDisk _disk;
    private readonly BatchOutbox _outbox;
    private readonly Publisher _publisher;
    private readonly CancellationTokenSource _stop = new();

    public PublisherTests()
    {
        _disk = DirectoryDisk.OpenRoot(_directory.Path);
        _outbox = new BatchOutbox(_disk, new OutboxOptions(TimeSpan.FromSeconds(5), 1_000_000), _time, NullLogger.Instance);
        var clock = new WallClock(_time);
        var status = new DeviceStatus(TestStamps.Acme.Device, "1.2.3", TestStamps.Boot, clock);
        _publisher = new Publisher(_broker, _outbox, status, _ => Task.CompletedTask, clock, _time, new Random(1), NullLogger.Instance);
    }

    public void Dispose()
    {
        _outbox.Dispose();
        _disk.Dispose();
        _directory.Dispose();
        _stop.Dispose();
    }

    [Fact]
    public async Task Each_batch_goes_to_the_topic_of_the_tenant_it_was_captured_for()
    {
        Append("acme", 1, 3);
        Append("bravo", 1, 2);
        Append("acme", 4, 1);
        var running = _publisher.RunAsync(_stop.Token);
        await Until(() => !_outbox.HasWork);
        Assert.Equal(
            ["tenants/acme/devices/dongle-1/telemetry 1", "tenants/acme/devices/dongle-1/telemetry 4", "tenants/bravo/devices/dongle-1/telemetry 1"],
            _broker.Publications.Select(message => $"{message.Topic} {Sequence(message.Payload)}").Order(StringComparer.Ordinal));
        Assert.All(_broker.Publications, message => Assert.Contains($"\"tenant\":\"{message.Topic.Split('/')[1]}\"", message.Payload, StringComparison.Ordinal));
        await Stop(running);
    }

    [Fact]
    public async Task Without_an_acknowledgement_nothing_is_forgotten()
    {
        var never = new TaskCompletionSource();
        _broker.OnPublish = _ => never.Task;
        Append("acme", 1, 5);
        var running = _publisher.RunAsync(_stop.Token);
        await Until(() => _broker.Publications.Count == 1);
        Assert.True(_outbox.HasWork);

        _broker.OnPublish = _ => Task.CompletedTask;
        _broker.Drop();
        never.SetException(new BrokerException("the connection was lost"));
        await Until(() => !_outbox.HasWork);
        Assert.Equal([1L, 1], _broker.Publications.Select(message => Sequence(message.Payload))); // again, under the same number
        Assert.Equal(5, _outbox.Counts.DeliveredSamples);
        await Stop(running);
    }

    [Fact]
    public async Task A_broker_that_refuses_is_asked_again_and_everything_is_kept()
    {
        int refusals = 0;
        _broker.OnConnect = () => ++refusals <= 3 ? new BrokerException("mqtt://x refuses user 'y'") : null;
        Append("acme", 1, 1);
        var running = _publisher.RunAsync(_stop.Token);
        await Until(() => !_outbox.HasWork);
        Assert.Equal(4, _broker.Connections);
        await Stop(running);
    }

    [Fact]
    public async Task A_tenant_that_the_broker_refuses_waits_longer_each_time_and_the_others_go_on()
    {
        bool refuses = true;
        _broker.OnPublish = topic => refuses && topic.StartsWith("tenants/acme/", StringComparison.Ordinal)
            ? Task.FromException(new PublicationRefusedException("refuses it: NotAuthorized (0x87)")) : Task.CompletedTask;
        for (int i = 1; i <= 8; i++) Append("acme", 10 * i, 1); // with gaps, so that they stay apart
        var running = _publisher.RunAsync(_stop.Token);
        for (int second = 0; second < 600; second++)
        {
            Append("bravo", second + 1, 1);
            _time.Advance(TimeSpan.FromSeconds(1));
            _outbox.Flush();
            await Eventually.TrueAsync(() => _outbox.Counts.DeliveredSamples == second + 1); // bravo's goes out at once, every time
        }
        Assert.Equal(1, _broker.Connections);
        Assert.InRange(Received("acme").Count, 5, 100);

        refuses = false;
        await Until(() => !_outbox.HasWork);
        Assert.Equal(Enumerable.Range(1, 8).Select(number => 10L * number), Received("acme").Distinct().Order());
        Assert.Equal(608, _outbox.Counts.DeliveredSamples);
        await Stop(running);
    }

    [Fact]
    public async Task A_batch_of_a_format_that_is_not_known_is_kept_and_the_others_go_on()
    {
        _outbox.Append(new Batch(TestStamps.Acme, Channel.Telemetry, 1, 1, 0, default, [SamplePayload.Version + 1, 0]));
        Append("acme", 2, 1);
        var running = _publisher.RunAsync(_stop.Token);
        await Until(() => Received("acme").Count == 1);
        Append("acme", 3, 1);
        await Until(() => Received("acme").Contains(3));
        Assert.Equal([2L, 3], Received("acme"));
        Assert.Equal(1, _broker.Connections);
        await Stop(running);
        _outbox.Flush(all: true);
        Assert.Equal(1, _outbox.Counts.StoredBatches);
    }

    [Fact]
    public async Task A_bug_behind_the_link_ends_the_connection_and_not_the_agent()
    {
        bool broken = true;
        _broker.OnPublish = _ => broken ? Task.FromException(new InvalidOperationException("unexpected")) : Task.CompletedTask;
        Append("acme", 1, 1);
        var running = _publisher.RunAsync(_stop.Token);
        await Until(() => _broker.Connections == 3);
        broken = false;
        await Until(() => !_outbox.HasWork);
        Assert.False(running.IsCompleted);
        await Stop(running);
    }

    [Fact]
    public async Task A_broker_that_refuses_everybody_is_asked_less_and_less_often()
    {
        _broker.OnConnect = () => new BrokerException("refuses user 'x'");
        var running = _publisher.RunAsync(_stop.Token);
        List<double> waits = [];
        for (int i = 0; i < 60; i++) waits.Add((await _time.StepAsync()).TotalSeconds);
        Assert.InRange(waits[0], 0.25, 2.25);
        Assert.InRange(waits.Max(), 30, 60.25);
        Assert.InRange(waits.Skip(10).Average(), 20, 40); // full jitter: half the longest
        Assert.True(waits.Skip(10).Distinct().Count() > 40);
        await Stop(running);
    }

    [Fact]
    public async Task A_connection_that_lived_long_without_data_was_of_use()
    {
        var running = _publisher.RunAsync(_stop.Token);
        for (int hour = 0; hour < 10; hour++)
        {
            await Eventually.TrueAsync(() => _publisher.IsConnected);
            _time.Advance(TimeSpan.FromHours(1));
            _broker.Drop();
            TimeSpan wait;
            do wait = await _time.StepAsync();
            while (wait == Publisher.LongestIdle);
            Assert.InRange(wait, TimeSpan.FromSeconds(0.25), TimeSpan.FromSeconds(2.25)); // the wait starts over
        }
        await Stop(running);
    }

    [Fact]
    public async Task No_more_is_under_way_than_the_broker_allows()
    {
        var gate = new TaskCompletionSource();
        _broker.OnPublish = _ => gate.Task;
        for (int i = 0; i < 20; i++) Append("acme", 1 + i, 1);
        var running = _publisher.RunAsync(_stop.Token);
        await Until(() => _broker.InFlight == 1); // one first, and one more with each that is acknowledged
        gate.SetResult();
        await Until(() => !_outbox.HasWork);
        Assert.InRange(_broker.MostInFlight, 1, 4);
        Assert.Equal(20, _broker.Publications.Count);
        await Stop(running);
    }

    [Fact]
    public async Task What_waits_on_the_disk_follows_what_is_new()
    {
        for (int i = 1; i <= 2; i++)
        {
            Append("acme", i, 1);
            Assert.True(_outbox.Flush(all: true));
        }
        Append("acme", 3, 1);
        _broker.ReceiveMaximum = 1;
        var running = _publisher.RunAsync(_stop.Token);
        await Until(() => !_outbox.HasWork);
        Assert.Equal([3L, 1, 2], _broker.Publications.Select(message => Sequence(message.Payload)));
        await Stop(running);
    }

    private void Append(string tenant, long sequence, int count)
    {
        var builder = new BatchBuilder(TestStamps.Of(tenant, 1), Catalog);
        for (int i = 0; i < count; i++) builder.Add(new Sample(sequence + i, 0, 0, i));
        _outbox.Append(builder.Seal(default));
    }

    /// <summary>Lets time pass until something is true.</summary>
    private Task Until(Func<bool> condition) => Eventually.TrueAsync(condition, () =>
    {
        _time.Advance(TimeSpan.FromSeconds(1));
        _outbox.Flush();
    });

    private List<long> Received(string tenant) =>
        [.. _broker.Publications.Where(message => message.Topic.StartsWith($"tenants/{tenant}/", StringComparison.Ordinal)).Select(message => Sequence(message.Payload))];

    private async Task Stop(Task running)
    {
        await _stop.CancelAsync();
        await running;
    }

    private static long Sequence(string payload)
    {
        using var pack = JsonDocument.Parse(payload);
        return pack.RootElement[0].GetProperty("sequence").GetInt64();
    }
}
