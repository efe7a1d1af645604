using System.Net;
using System.Net.Sockets;
using EdgeAgent.Publishing;
using MQTTnet;
using MQTTnet.Packets;
using MQTTnet.Server;

namespace EdgeAgent.Tests.Publishing;

/// <summary>What comes from a broker that keeps sessions: when it is acknowledged, and that nothing of it stops anything else.</summary>
public sealed class MqttBrokerLinkIncomingTests : IAsyncLifetime
{
    private static readonly BrokerOptions Anywhere = new(new Uri("mqtt://127.0.0.1"), "dongle-1");

    private readonly int _port = FreePort();
    private readonly MqttServer _broker;
    private readonly MqttBrokerLink _link;

    public MqttBrokerLinkIncomingTests()
    {
        _broker = new MqttServerFactory().CreateMqttServer(new MqttServerOptionsBuilder().WithDefaultEndpoint().WithPersistentSessions()
            .WithDefaultEndpointBoundIPAddress(IPAddress.Loopback).WithDefaultEndpointBoundIPV6Address(IPAddress.None).WithDefaultEndpointPort(_port).Build());
        _link = new MqttBrokerLink(Anywhere with { Uri = new Uri($"mqtt://127.0.0.1:{_port}") }, TimeProvider.System);
    }

    public async ValueTask InitializeAsync() => await _broker.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _link.DisposeAsync();
        _broker.Dispose();
    }

    [Fact]
    public async Task What_could_not_be_dealt_with_is_not_acknowledged_and_comes_again_with_the_next_connection()
    {
        bool fails = true;
        List<string> received = [];
        _link.Received = message =>
        {
            lock (received) received.Add(message.Topic);
            return fails ? Task.FromException(new IOException("the disk is full")) : Task.CompletedTask;
        };
        List<string> acknowledged = [];
        _broker.ClientAcknowledgedPublishPacketAsync += packet =>
        {
            lock (acknowledged) acknowledged.Add(packet.PublishPacket.Topic);
            return Task.CompletedTask;
        };
        await ConnectAsync();
        Assert.False(_link.SessionIsPresent);
        await _link.SubscribeAsync(["commands/+"], TestContext.Current.CancellationToken);
        await SendAsync("commands/1");
        await Eventually.TrueAsync(() => Count(received) == 1);
        await _link.DisconnectAsync();
        Assert.Equal(0, Count(acknowledged));

        fails = false;
        await ConnectAsync();
        Assert.True(_link.SessionIsPresent);
        await Eventually.TrueAsync(() => Count(acknowledged) == 1);
        Assert.Equal(["commands/1", "commands/1"], received);
    }

    [Fact]
    public async Task A_receiver_that_is_slow_or_never_comes_back_keeps_neither_acknowledgements_nor_the_end_from_being_seen()
    {
        var never = new TaskCompletionSource();
        int begun = 0;
        _link.Received = _ =>
        {
            Interlocked.Increment(ref begun);
            return never.Task;
        };
        await ConnectAsync();
        await _link.SubscribeAsync(["commands/+"], TestContext.Current.CancellationToken);
        for (int i = 0; i < 5; i++) await SendAsync($"commands/{i}");
        await Eventually.TrueAsync(() => begun == 1);
        for (int i = 0; i < 10; i++) await _link.PublishAsync(new Publication("t", new byte[1000], "text/plain"), TestContext.Current.CancellationToken);
        Assert.Equal(1, begun); // one after the other
        await _broker.DisconnectClientAsync("dongle-1", new MqttServerClientDisconnectOptions());
        Assert.Contains("closed the connection", await _link.Lost.WaitAsync(TimeSpan.FromSeconds(10), TimeProvider.System, TestContext.Current.CancellationToken), StringComparison.Ordinal);
        await ConnectAsync();
        await _link.PublishAsync(new Publication("t", new byte[1000], "text/plain"), TestContext.Current.CancellationToken);
        never.SetResult();
    }

    [Fact]
    public async Task What_arrives_while_too_many_wait_is_told()
    {
        await using var link = new MqttBrokerLink(Anywhere with { Uri = new Uri($"mqtt://127.0.0.1:{_port}"), ClientId = "dongle-2", MaxWaiting = 2 }, TimeProvider.System);
        var never = new TaskCompletionSource();
        int begun = 0;
        link.Received = _ =>
        {
            Interlocked.Increment(ref begun);
            return never.Task;
        };
        List<string> passedOver = [];
        link.PassedOver = topic =>
        {
            lock (passedOver) passedOver.Add(topic);
        };
        await link.ConnectAsync(will: null, TestContext.Current.CancellationToken);
        await link.SubscribeAsync(["commands/+"], TestContext.Current.CancellationToken);
        await SendAsync("commands/0");
        await Eventually.TrueAsync(() => Volatile.Read(ref begun) == 1);
        for (int i = 1; i < 5; i++) await SendAsync($"commands/{i}");
        await Eventually.TrueAsync(() => Count(passedOver) == 2);
        Assert.Equal(["commands/3", "commands/4"], passedOver);
        never.SetResult();
    }

    [Fact]
    public async Task The_broker_is_told_what_may_come_and_a_packet_beyond_that_ends_the_connection_without_being_read()
    {
        (long MaximumPacketSize, int ReceiveMaximum, bool? CleanSession) announced = default;
        _broker.ValidatingConnectionAsync += connection =>
        {
            announced = (connection.MaximumPacketSize, connection.ReceiveMaximum, connection.CleanSession);
            return Task.CompletedTask;
        };
        List<int> received = [];
        _link.Received = message =>
        {
            lock (received) received.Add(message.Payload.Length);
            return Task.CompletedTask;
        };
        await ConnectAsync();
        Assert.Equal((1024 * 1024 + 64 * 1024, 16, (bool?)false), announced);
        await _link.SubscribeAsync(["big"], TestContext.Current.CancellationToken);
        await SendAsync("big", 1024 * 1024);
        await Eventually.TrueAsync(() => Count(received) == 1);

        await SendAsync("big", 50_000_000); // this broker sends it all the same
        Assert.Equal(
            $"mqtt://127.0.0.1:{_port} closed the connection: it sent a packet of more than the 1114112 bytes that this device announced to accept",
            await _link.Lost.WaitAsync(TimeSpan.FromSeconds(10), TimeProvider.System, TestContext.Current.CancellationToken));
        Assert.Equal([1024 * 1024], received);
    }

    [Fact]
    public async Task A_refused_subscription_is_told_from_those_that_hold()
    {
        _broker.InterceptingSubscriptionAsync += subscription =>
        {
            if (subscription.TopicFilter.Topic == "forbidden") subscription.Response.ReasonCode = MQTTnet.Protocol.MqttSubscribeReasonCode.NotAuthorized;
            return Task.CompletedTask;
        };
        List<string> received = [];
        _link.Received = message =>
        {
            lock (received) received.Add(message.Topic);
            return Task.CompletedTask;
        };
        await ConnectAsync();
        var refused = Assert.Single(await _link.SubscribeAsync(["allowed", "forbidden"], TestContext.Current.CancellationToken));
        Assert.Equal(
            ("forbidden", $"mqtt://127.0.0.1:{_port} refuses the subscription to forbidden: NotAuthorized (0x87); check the broker's access rules"), (refused.Filter, refused.Message));
        await SendAsync("forbidden");
        await SendAsync("allowed");
        await Eventually.TrueAsync(() => Count(received) == 1);
        await _link.UnsubscribeAsync(["allowed"], TestContext.Current.CancellationToken);
        await SendAsync("allowed");
        await _link.PublishAsync(new Publication("t", "x"u8.ToArray(), "text/plain"), TestContext.Current.CancellationToken);
        Assert.Equal(["allowed"], received);
    }

    [Fact]
    public async Task A_topic_is_said_once_a_connection()
    {
        List<(string Topic, ushort Alias)> packets = [];
        List<string> meant = [];
        _broker.InterceptingInboundPacketAsync += packet =>
        {
            if (packet.Packet is MqttPublishPacket publish) packets.Add((publish.Topic, publish.TopicAlias));
            return Task.CompletedTask;
        };
        _broker.InterceptingPublishAsync += message =>
        {
            meant.Add(message.ApplicationMessage.Topic);
            return Task.CompletedTask;
        };
        for (int connection = 0; connection < 2; connection++)
        {
            await ConnectAsync();
            foreach (string topic in (string[])["a", "a", "b", "a", "b"]) await _link.PublishAsync(new Publication(topic, "x"u8.ToArray(), "text/plain"), TestContext.Current.CancellationToken);
            await _link.DisconnectAsync();
        }
        Assert.Equal([("a", 1), ("", 1), ("b", 2), ("", 1), ("", 2), ("a", 1), ("", 1), ("b", 2), ("", 1), ("", 2)], packets);
        Assert.Equal(["a", "a", "b", "a", "b", "a", "a", "b", "a", "b"], meant);
    }

    [Fact]
    public async Task The_interface_of_the_connection_is_known()
    {
        await ConnectAsync();
        Assert.Equal("lo", _link.NetworkInterface);
    }

    private Task ConnectAsync() => _link.ConnectAsync(will: null, TestContext.Current.CancellationToken);

    private Task SendAsync(string topic, int length = 1) => _broker.InjectApplicationMessage(
        new InjectedMqttApplicationMessage(new MqttApplicationMessageBuilder().WithTopic(topic).WithPayload(new byte[length])
            .WithQualityOfServiceLevel(MQTTnet.Protocol.MqttQualityOfServiceLevel.AtLeastOnce).Build()), TestContext.Current.CancellationToken);

    private static int Count<T>(List<T> list)
    {
        lock (list) return list.Count;
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
