using System.Buffers;
using System.Net.Sockets;
using System.Text.Json;
using EdgeAgent.Demo.Checking;
using MQTTnet;
using MQTTnet.Exceptions;
using MQTTnet.Formatter;
using MQTTnet.Protocol;

namespace EdgeAgent.Demo.Broker;

/// <summary>
/// Somebody who may read everything: listens at the broker itself, past the relay, and enters what comes into the ledger. On a shared
/// broker the messages of other devices are passed over.
/// </summary>
internal sealed class Subscriber : IAsyncDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    private readonly IMqttClient _client = new MqttClientFactory().CreateMqttClient();
    private readonly Ledger _ledger;
    private readonly bool _isShared;

    private Subscriber(Ledger ledger, bool isShared)
    {
        _ledger = ledger;
        _isShared = isShared;
        _client.ApplicationMessageReceivedAsync += arrived =>
        {
            Enter(arrived.ApplicationMessage);
            return Task.CompletedTask;
        };
        _client.DisconnectedAsync += _ =>
        {
            _ledger.ReaderWasCut = !IsStopping;
            return Task.CompletedTask;
        };
    }

    private bool IsStopping { get; set; }

    /// <param name="broker">Where to listen.</param>
    /// <param name="ledger">What to write into.</param>
    /// <param name="isShared">True if others may publish there too.</param>
    /// <param name="stop">Gives up.</param>
    /// <exception cref="DemoException">The broker cannot be reached, or refuses.</exception>
    public static async Task<Subscriber> StartAsync(BrokerAddress broker, Ledger ledger, bool isShared, CancellationToken stop)
    {
        var subscriber = new Subscriber(ledger, isShared);
        try
        {
            await subscriber.ConnectAsync(broker, stop);
            return subscriber;
        }
        catch (Exception e)
        {
            await subscriber.DisposeAsync();
            if (e is not (MqttCommunicationException or MqttProtocolViolationException or SocketException or IOException or OperationCanceledException) || stop.IsCancellationRequested) throw;
            while (e.InnerException is { } inner) e = inner;
            throw new DemoException(ExitCode.Failed, $"{broker} cannot be reached: {(e is OperationCanceledException or TimeoutException ? "no answer in time" : e.Message)}", e);
        }
    }

    public async ValueTask DisposeAsync()
    {
        IsStopping = true;
        try
        {
            if (_client.IsConnected) await _client.DisconnectAsync(new MqttClientDisconnectOptionsBuilder().Build());
        }
        catch (Exception e) when (e is MqttCommunicationException or SocketException or IOException or OperationCanceledException)
        {
            // Gone, as wanted.
        }
        _client.Dispose();
    }

    private async Task ConnectAsync(BrokerAddress broker, CancellationToken stop)
    {
        var connected = await _client.ConnectAsync(new MqttClientOptionsBuilder()
            .WithProtocolVersion(MqttProtocolVersion.V500)
            .WithTcpServer(broker.Host, broker.Port)
            .WithClientId($"edge-agent-demo-{Environment.ProcessId}")
            .WithTimeout(Timeout)
            .Build(), stop);
        if (connected.ResultCode != MqttClientConnectResultCode.Success) throw new DemoException(ExitCode.Failed, $"{broker} refuses the connection: {connected.ResultCode}");
        var subscribed = await _client.SubscribeAsync(new MqttClientSubscribeOptionsBuilder()
            .WithTopicFilter("tenants/+/devices/+/telemetry", MqttQualityOfServiceLevel.AtLeastOnce)
            .Build(), stop);
        if (subscribed.Items.FirstOrDefault()?.ResultCode is not MqttClientSubscribeResultCode.GrantedQoS1)
            throw new DemoException(ExitCode.Failed, $"{broker} refuses to let the demo read the topics: {subscribed.Items.FirstOrDefault()?.ResultCode}");
    }

    private void Enter(MqttApplicationMessage message)
    {
        byte[] payload = message.Payload.ToArray();
        SenMlPack? pack;
        try
        {
            pack = SenMlPack.Parse(payload);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or IndexOutOfRangeException)
        {
            pack = null;
        }
        bool isOfOurDevice = pack?.BaseName == $"{Identity.Device}/" || message.Topic.Contains($"/devices/{Identity.Device}/", StringComparison.Ordinal);
        if (_isShared && !isOfOurDevice) return;
        _ledger.Enter(message.Topic, payload.Length, pack);
    }
}
