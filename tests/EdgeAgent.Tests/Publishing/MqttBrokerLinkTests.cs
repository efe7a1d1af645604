using System.Net;
using System.Net.Sockets;
using EdgeAgent.Publishing;
using MQTTnet.Server;

namespace EdgeAgent.Tests.Publishing;

/// <summary>The link against brokers on loopback: one that is right and others that are not.</summary>
public sealed class MqttBrokerLinkTests
{
    private readonly SteppedTime _time = new();

    [Fact]
    public async Task What_is_published_reaches_the_broker_with_its_content_type()
    {
        int port = FreePort();
        using var broker = await StartBrokerAsync(port);
        List<string> received = [];
        broker.InterceptingPublishAsync += message =>
        {
            received.Add($"{message.ApplicationMessage.Topic} {(int)message.ApplicationMessage.QualityOfServiceLevel} {message.ApplicationMessage.ContentType}");
            return Task.CompletedTask;
        };
        await using var link = Link(port);
        await link.ConnectAsync(will: null, TestContext.Current.CancellationToken);
        Assert.Equal(16, link.ReceiveMaximum); // this broker announces none, which means that it allows any number
        await link.PublishAsync(new Publication("tenants/acme/devices/d/telemetry", "[]"u8.ToArray(), "application/senml+json"), TestContext.Current.CancellationToken);
        Assert.Equal(["tenants/acme/devices/d/telemetry 1 application/senml+json"], received);
        await broker.StopAsync();
        Assert.StartsWith($"mqtt://127.0.0.1:{port} closed the connection", await link.Lost, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refused_publication_is_told_from_a_lost_connection()
    {
        int port = FreePort();
        using var broker = await StartBrokerAsync(port);
        broker.InterceptingPublishAsync += message =>
        {
            message.ProcessPublish = false;
            message.Response.ReasonCode = MQTTnet.Protocol.MqttPubAckReasonCode.NotAuthorized;
            return Task.CompletedTask;
        };
        await using var link = Link(port);
        await link.ConnectAsync(will: null, TestContext.Current.CancellationToken);
        var e = await Assert.ThrowsAsync<PublicationRefusedException>(() => link.PublishAsync(new Publication("t", "x"u8.ToArray(), "text/plain"), TestContext.Current.CancellationToken));
        Assert.Contains("NotAuthorized (0x87)", e.Message, StringComparison.Ordinal);
        Assert.False(link.Lost.IsCompleted);
    }

    [Fact]
    public async Task A_broker_that_accepts_and_says_nothing_is_given_up()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        int port = ((IPEndPoint)silent.LocalEndpoint).Port;
        await using var link = Link(port);
        var connecting = link.ConnectAsync(will: null, TestContext.Current.CancellationToken);
        Assert.Equal(TimeSpan.FromSeconds(15), await _time.StepAsync());
        var e = await Assert.ThrowsAsync<BrokerException>(() => connecting);
        Assert.Equal($"mqtt://127.0.0.1:{port} cannot be reached: no answer within 15 s", e.Message);
    }

    [Fact]
    public async Task A_publication_that_is_not_acknowledged_is_given_up_after_the_time_that_its_bytes_need()
    {
        int port = FreePort();
        using var broker = await StartBrokerAsync(port);
        var never = new TaskCompletionSource();
        broker.InterceptingPublishAsync += _ => never.Task;
        await using var link = Link(port);
        await link.ConnectAsync(will: null, TestContext.Current.CancellationToken);
        await _time.StepAsync(); // the one for CONNACK
        var publishing = link.PublishAsync(new Publication("t", new byte[30_000], "text/plain"), TestContext.Current.CancellationToken);
        Assert.Equal(TimeSpan.FromSeconds(45), await _time.StepAsync());
        var e = await Assert.ThrowsAsync<BrokerException>(() => publishing);
        Assert.Contains("no answer within 45 s", e.Message, StringComparison.Ordinal);
        never.SetResult();
    }

    [Fact]
    public async Task Nobody_there_is_said_with_the_address()
    {
        int port = FreePort();
        await using var link = Link(port);
        var e = await Assert.ThrowsAsync<BrokerException>(() => link.ConnectAsync(will: null, TestContext.Current.CancellationToken));
        Assert.Equal($"mqtt://127.0.0.1:{port} cannot be reached: Connection refused", e.Message);
    }

    private MqttBrokerLink Link(int port) => new(new BrokerOptions(new Uri($"mqtt://127.0.0.1:{port}"), "dongle-1"), _time);

    private static async Task<MqttServer> StartBrokerAsync(int port)
    {
        var options = new MqttServerOptionsBuilder().WithDefaultEndpoint().WithDefaultEndpointBoundIPAddress(IPAddress.Loopback)
            .WithDefaultEndpointBoundIPV6Address(IPAddress.None).WithDefaultEndpointPort(port).Build();
        var broker = new MqttServerFactory().CreateMqttServer(options);
        await broker.StartAsync();
        return broker;
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
