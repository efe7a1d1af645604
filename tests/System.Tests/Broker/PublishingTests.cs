using System.Net;
using System.Net.Sockets;
using System.Text;
using EdgeAgent.Capture;
using EdgeAgent.Outbox;
using EdgeAgent.Publishing;
using EdgeAgent.Tenancy;
using Microsoft.Extensions.Logging;

namespace EdgeAgent.SystemTests.Broker;

/// <summary>The agent's publisher and a real mosquitto: what is denied, what comes again, who is online.</summary>
public sealed class PublishingTests : IAsyncLifetime
{
    private static readonly DeviceId Device = DeviceId.Parse("dongle-1");
    private static readonly BootId Boot = new(Guid.Empty);

    private readonly Journal _journal = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("edge-agent-outbox-");
    private ShippedBroker _broker = null!;
    private DirectoryDisk _disk = null!;
    private BatchOutbox _outbox = null!;
    private MqttBrokerLink _link = null!;
    private Task _running = Task.CompletedTask;

    public async ValueTask InitializeAsync()
    {
        _broker = await ShippedBroker.StartAsync();
        _disk = DirectoryDisk.OpenRoot(_directory.FullName);
        _outbox = new BatchOutbox(_disk, new OutboxOptions(TimeSpan.FromSeconds(5), 1_000_000), TimeProvider.System, _journal);
        _link = new MqttBrokerLink(_broker.Options("dongle-1"), TimeProvider.System);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        if (_broker is null) return;
        await _link.DisposeAsync();
        await _broker.DisposeAsync();
        _outbox.Dispose();
        _disk.Dispose();
        _directory.Delete(recursive: true);
        _stop.Dispose();
    }

    [Fact]
    public async Task What_the_broker_denies_is_in_its_log_and_in_the_agents_journal_and_is_kept_until_it_is_allowed()
    {
        Start();
        Append("bravo", 1, 3);
        Append("acme", 1, 2);
        await UntilAsync(() => _outbox.Counts.DeliveredSamples == 2); // acme's goes on
        await _broker.UntilLogAsync("Denied PUBLISH from dongle-1");
        Assert.Contains("'tenants/bravo/devices/dongle-1/telemetry'", _broker.Log, StringComparison.Ordinal);
        await UntilAsync(() => _journal.Has(
            $"broker: mqtts://127.0.0.1:{_broker.Port} refuses tenants/bravo/devices/dongle-1/telemetry: NotAuthorized (0x87); check the broker's access rules and limits"));
        Assert.Equal(3, _outbox.Counts.BufferedSamples);

        await _broker.AssignAsync("dongle-1,bravo,acme\n");
        await UntilAsync(() => _outbox.Counts.DeliveredSamples == 5, meanwhile: () => _outbox.Flush());
        Assert.False(_outbox.HasWork);
    }

    [Fact]
    public async Task A_command_that_could_not_be_dealt_with_comes_again_after_the_broker_was_restarted()
    {
        bool fails = true;
        List<string> received = [];
        var publisher = Start(message =>
        {
            lock (received) received.Add(Encoding.UTF8.GetString(message.Payload.Span));
            return fails ? Task.FromException(new IOException("the disk is full")) : Task.CompletedTask;
        });
        publisher.SetSubscriptions([Topics.Commands(TenantId.Parse("acme"), Device)]);
        await _broker.UntilLogAsync("Sending SUBACK to dongle-1");
        await using var acme = await _broker.ConnectAsync("tenant.acme");
        Assert.True(await acme.PublishAsync("tenants/acme/devices/dongle-1/commands/1"));
        await UntilAsync(() => Count(received) == 1);

        fails = false;
        await _broker.RestartAsync();
        await UntilAsync(() => Count(received) == 2);
        Assert.Equal(2, publisher.Connects);
        Assert.Equal(["x", "x"], received);
    }

    [Fact]
    public async Task What_is_not_acknowledged_is_sent_again_in_the_same_session()
    {
        bool fails = true;
        List<string> received = [];
        _link.Received = message =>
        {
            lock (received) received.Add(message.Topic);
            return fails ? Task.FromException(new IOException("the disk is full")) : Task.CompletedTask;
        };
        await _link.ConnectAsync(will: null, TestContext.Current.CancellationToken);
        await _link.SubscribeAsync(["tenants/acme/devices/dongle-1/commands/+"], TestContext.Current.CancellationToken);
        await using var acme = await _broker.ConnectAsync("tenant.acme");
        Assert.True(await acme.PublishAsync("tenants/acme/devices/dongle-1/commands/1"));
        await UntilAsync(() => Count(received) == 1);
        await _link.DisconnectAsync();
        fails = false;
        await _link.ConnectAsync(will: null, TestContext.Current.CancellationToken);
        Assert.True(_link.SessionIsPresent);
        await UntilAsync(() => Count(received) == 2);
        await _broker.UntilLogAsync("Received PUBACK from dongle-1");
        await _link.DisconnectAsync();
        await _link.ConnectAsync(will: null, TestContext.Current.CancellationToken);
        Assert.True(await acme.PublishAsync("tenants/acme/devices/dongle-1/commands/2"));
        await UntilAsync(() => Count(received) == 3);
        Assert.Equal(["tenants/acme/devices/dongle-1/commands/1", "tenants/acme/devices/dongle-1/commands/1", "tenants/acme/devices/dongle-1/commands/2"], received);
    }

    [Fact]
    public async Task A_slow_receiver_stops_neither_acknowledgements_nor_what_the_broker_may_send()
    {
        var gate = new TaskCompletionSource();
        int received = 0;
        _link.Received = async _ =>
        {
            await gate.Task;
            Interlocked.Increment(ref received);
        };
        await _link.ConnectAsync(will: null, TestContext.Current.CancellationToken);
        await _link.SubscribeAsync(["tenants/acme/devices/dongle-1/commands/+"], TestContext.Current.CancellationToken);
        await using var acme = await _broker.ConnectAsync("tenant.acme");
        for (int i = 0; i < 40; i++) Assert.True(await acme.PublishAsync($"tenants/acme/devices/dongle-1/commands/{i}")); // more than the 16 that we announce
        for (int i = 0; i < 20; i++) await _link.PublishAsync(new Publication("tenants/acme/devices/dongle-1/raw", new byte[1000], "text/plain"), TestContext.Current.CancellationToken);
        Assert.Equal(0, received);
        gate.SetResult();
        await UntilAsync(() => received == 40);
    }

    [Fact]
    public async Task A_publication_beyond_what_the_broker_announces_is_not_sent_and_the_connection_is_well()
    {
        await _link.ConnectAsync(will: null, TestContext.Current.CancellationToken);
        var e = await Assert.ThrowsAsync<PublicationTooLargeException>(() => PublishAsync(2_000_000));
        Assert.StartsWith($"mqtts://127.0.0.1:{_broker.Port} accepts no more than 1114112 bytes, and a publication to tenants/acme/devices/dongle-1/raw has 20000", e.Message, StringComparison.Ordinal);
        await PublishAsync(1_000_000);
        Assert.False(_link.Lost.IsCompleted);

        Task PublishAsync(int length) => _link.PublishAsync(new Publication("tenants/acme/devices/dongle-1/raw", new byte[length], "text/plain"), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task The_broker_tells_who_is_online_who_stopped_and_who_vanished()
    {
        await using var acme = new ShippedBroker.Client(_broker.Options("tenant.acme"));
        List<string> said = [];
        acme.Link.Received = message =>
        {
            lock (said) said.Add(Encoding.UTF8.GetString(message.Payload.Span));
            return Task.CompletedTask;
        };
        await acme.Link.ConnectAsync(will: null, TestContext.Current.CancellationToken);
        await acme.SubscribeAsync("devices/dongle-1/status");
        Start();
        await UntilAsync(() => Count(said) == 1);
        await StopAsync();
        await UntilAsync(() => Count(said) == 2);

        var status = new DeviceStatus(Device, "1.2.3", Boot, new WallClock(TimeProvider.System));
        using var cable = new Cable(_broker.Port);
        await using var vanishing = new MqttBrokerLink(_broker.Options("dongle-1") with { Uri = new Uri($"mqtts://127.0.0.1:{cable.Port}") }, TimeProvider.System);
        await vanishing.ConnectAsync(status.Will(), TestContext.Current.CancellationToken);
        cable.Cut();
        await UntilAsync(() => Count(said) == 3);
        Assert.Contains("\"online\":true", said[0], StringComparison.Ordinal);
        Assert.Matches("\"online\":false.*\"time\":", said[1]);
        Assert.Equal("""{"device":"dongle-1","online":false,"version":"1.2.3","boot":"00000000-0000-0000-0000-000000000000"}""", said[2]);
    }

    private Publisher Start(Func<IncomingMessage, Task>? receive = null)
    {
        var clock = new WallClock(TimeProvider.System);
        var publisher = new Publisher(
            _link, _outbox, new DeviceStatus(Device, "1.2.3", Boot, clock), receive ?? (_ => Task.CompletedTask), clock, TimeProvider.System, new Random(1), _journal);
        _running = publisher.RunAsync(_stop.Token);
        return publisher;
    }

    private async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _running;
    }

    private void Append(string tenant, long sequence, int count)
    {
        var builder = new BatchBuilder(new RecordStamp(new Assignment(Device, TenantId.Parse(tenant), new Epoch(1)), Boot), new SignalCatalog([new SignalDescription("can0/M/S", null)]));
        for (int i = 0; i < count; i++) builder.Add(new Sample(sequence + i, 0, 0, i));
        _outbox.Append(builder.Seal(default));
    }

    private static async Task UntilAsync(Func<bool> condition, Action? meanwhile = null)
    {
        using var timeout = new CancellationTokenSource(Rig.Patience, TimeProvider.System);
        while (!condition())
        {
            meanwhile?.Invoke();
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, timeout.Token);
        }
    }

    private static int Count<T>(List<T> list)
    {
        lock (list) return list.Count;
    }

    /// <summary>Carries one connection until it is cut.</summary>
    private sealed class Cable : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly TcpClient _broker = new();
        private TcpClient? _device;

        public Cable(int port)
        {
            _listener.Start();
            _ = CarryAsync(port);
        }

        public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

        public void Cut()
        {
            _device?.Dispose();
            _broker.Dispose();
        }

        public void Dispose()
        {
            Cut();
            _listener.Dispose();
        }

        private async Task CarryAsync(int port)
        {
            _device = await _listener.AcceptTcpClientAsync();
            await _broker.ConnectAsync(IPAddress.Loopback, port);
            await Task.WhenAny(_device.GetStream().CopyToAsync(_broker.GetStream()), _broker.GetStream().CopyToAsync(_device.GetStream()));
        }
    }

    private sealed class Journal : ILogger
    {
        private readonly List<string> _lines = [];

        public bool Has(string line)
        {
            lock (_lines) return _lines.Contains(line);
        }

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (_lines) _lines.Add(formatter(state, exception));
        }
    }
}
