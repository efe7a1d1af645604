using System.Text.Json;
using EdgeAgent.Capture;
using EdgeAgent.Outbox;
using EdgeAgent.Publishing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace EdgeAgent.Tests.Publishing;

public sealed class PublisherTests : IDisposable
{
    private static readonly SignalCatalog Catalog = new([new SignalDescription("can0/M/S", null)]);

    private readonly TestDirectory _directory = new();
    private readonly FakeTimeProvider _time = new();
    private readonly FakeBroker _broker = new();
    private readonly BatchOutbox _outbox;
    private readonly Publisher _publisher;
    private readonly CancellationTokenSource _stop = new();

    public PublisherTests()
    {
        _outbox = new BatchOutbox(DirectoryDisk.OpenRoot(_directory.Path), new OutboxOptions(TimeSpan.FromSeconds(5), 1_000_000), _time, NullLogger.Instance);
        _publisher = new Publisher(_broker, _outbox, TestStamps.Boot, new WallClock(_time), _time, NullLogger.Instance);
    }

    public void Dispose()
    {
        _outbox.Dispose();
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
            _broker.Received.Select(message => $"{message.Topic} {Sequence(message.Payload)}").Order(StringComparer.Ordinal));
        Assert.All(_broker.Received, message => Assert.Contains($"\"tenant\":\"{message.Topic.Split('/')[1]}\"", message.Payload, StringComparison.Ordinal));
        await Stop(running);
    }

    [Fact]
    public async Task Without_an_acknowledgement_nothing_is_forgotten()
    {
        var never = new TaskCompletionSource();
        _broker.OnPublish = _ => never.Task;
        Append("acme", 1, 5);
        var running = _publisher.RunAsync(_stop.Token);
        await Until(() => _broker.Received.Count == 1);
        Assert.True(_outbox.HasWork);

        _broker.OnPublish = _ => Task.CompletedTask;
        _broker.Drop();
        never.SetException(new BrokerException("the connection was lost"));
        await Until(() => !_outbox.HasWork);
        Assert.Equal([1L, 1], _broker.Received.Select(message => Sequence(message.Payload))); // again, under the same number
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
    public async Task A_topic_that_the_broker_refuses_does_not_make_the_agent_hammer_it()
    {
        _broker.OnPublish = _ => throw new BrokerException("refuses to take it");
        Append("acme", 1, 1);
        var running = _publisher.RunAsync(_stop.Token);
        for (int second = 0; second < 600; second++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await Settle();
        }
        Assert.InRange(_broker.Connections, 5, 60); // waits grow to a minute
        Assert.True(_outbox.HasWork);
        await Stop(running);
    }

    [Fact]
    public async Task No_more_is_under_way_than_the_broker_allows()
    {
        var gate = new TaskCompletionSource();
        _broker.OnPublish = _ => gate.Task;
        for (int i = 0; i < 20; i++) Append("acme", 1 + i, 1);
        var running = _publisher.RunAsync(_stop.Token);
        await Until(() => _broker.InFlight == 4);
        gate.SetResult();
        await Until(() => !_outbox.HasWork);
        Assert.Equal(4, _broker.MostInFlight);
        Assert.Equal(20, _broker.Received.Count);
        await Stop(running);
    }

    [Fact]
    public async Task What_waits_on_the_disk_follows_what_is_new()
    {
        Append("acme", 1, 1);
        Append("acme", 2, 1);
        Assert.True(_outbox.Flush(all: true));
        Append("acme", 3, 1);
        _broker.ReceiveMaximum = 1;
        var running = _publisher.RunAsync(_stop.Token);
        await Until(() => !_outbox.HasWork);
        Assert.Equal([3L, 1, 2], _broker.Received.Select(message => Sequence(message.Payload)));
        await Stop(running);
    }

    private void Append(string tenant, long sequence, int count)
    {
        var builder = new BatchBuilder(TestStamps.Of(tenant, 1), Catalog);
        for (int i = 0; i < count; i++) builder.Add(new Sample(sequence + i, 0, 0, i));
        _outbox.Append(builder.Seal(default));
    }

    private async Task Until(Func<bool> condition)
    {
        for (int i = 0; i < 10_000 && !condition(); i++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            _outbox.Flush();
            await Settle();
        }
        Assert.True(condition());
    }

    /// <summary>Lets everything run that can run: continuations are on the thread pool.</summary>
    private static async Task Settle()
    {
        for (int i = 0; i < 20; i++) await Task.Yield();
    }

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
