using System.Net.Sockets;
using System.Security.Authentication;
using MQTTnet;
using MQTTnet.Exceptions;
using MQTTnet.Formatter;
using MQTTnet.Protocol;

namespace EdgeAgent.Publishing;

/// <summary>MQTT 5 (OASIS standard) by MQTTnet.</summary>
internal sealed class MqttBrokerLink : IBrokerLink
{
    /// <summary>Publications under way at once, if the broker allows as many.</summary>
    private const int MaxInFlight = 16;

    /// <summary>How long the broker remembers the session of a device that is away, in seconds.</summary>
    private const uint SessionExpirySeconds = 24 * 60 * 60;

    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(30);

    /// <summary>For CONNACK and for each PUBACK: a broker that is slower counts as lost, and what it did not acknowledge is sent again.</summary>
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(15);

    private readonly BrokerOptions _options;
    private readonly TimeProvider _time;
    private readonly IMqttClient _client = new MqttClientFactory().CreateMqttClient();
    private TaskCompletionSource _lost = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public MqttBrokerLink(BrokerOptions options, TimeProvider time)
    {
        _options = options;
        _time = time;
        _client.DisconnectedAsync += _ =>
        {
            _lost.TrySetResult();
            return Task.CompletedTask;
        };
    }

    public Task Lost => _lost.Task;

    public int ReceiveMaximum { get; private set; } = MaxInFlight;

    public async Task ConnectAsync(CancellationToken stop)
    {
        var builder = new MqttClientOptionsBuilder()
            .WithProtocolVersion(MqttProtocolVersion.V500)
            .WithTcpServer(_options.Uri.Host, _options.Port)
            .WithClientId(_options.ClientId)
            .WithCleanStart(false)
            .WithSessionExpiryInterval(SessionExpirySeconds)
            .WithKeepAlivePeriod(KeepAlive)
            .WithTimeout(Timeout);
        if (_options.Tls) builder.WithTlsOptions(tls => tls.UseTls().WithSslProtocols(SslProtocols.Tls12 | SslProtocols.Tls13));
        if (_options.UserName is not null) builder.WithCredentials(_options.UserName, ReadPassword());

        _lost = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        try
        {
            var answer = await _client.ConnectAsync(builder.Build(), stop);
            if (answer.ResultCode != MqttClientConnectResultCode.Success) throw Refused(answer.ResultCode);
            // A broker that does not say allows 65,535 (MQTT 5 §3.2.2.3.3); MQTTnet then reports 0 or null.
            ReceiveMaximum = answer.ReceiveMaximum is > 0 and var most ? Math.Min(MaxInFlight, (int)most) : MaxInFlight;
        }
        catch (Exception e) when (e is MqttCommunicationException or MqttProtocolViolationException or SocketException or AuthenticationException or IOException
            || e is OperationCanceledException && !stop.IsCancellationRequested)
        {
            throw Unreachable(e);
        }
    }

    public async Task PublishAsync(string topic, ReadOnlyMemory<byte> payload, string contentType, CancellationToken stop)
    {
        var message = new MqttApplicationMessageBuilder()
            .WithTopic(topic)
            .WithPayload(new System.Buffers.ReadOnlySequence<byte>(payload))
            .WithContentType(contentType)
            .WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce)
            .Build();
        MqttClientPublishResult result;
        using var timeout = new CancellationTokenSource(Timeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, timeout.Token);
        try
        {
            result = await _client.PublishAsync(message, either.Token);
        }
        catch (OperationCanceledException e) when (timeout.IsCancellationRequested && !stop.IsCancellationRequested)
        {
            throw new BrokerException($"{_options.Name} has not acknowledged a publication for {Timeout.TotalSeconds:0} s", e);
        }
        catch (Exception e) when (e is MqttCommunicationException or MqttProtocolViolationException or MqttClientDisconnectedException or MqttClientNotConnectedException or SocketException or IOException or ObjectDisposedException
            || e is OperationCanceledException && !stop.IsCancellationRequested)
        {
            throw new BrokerException($"{_options.Name}: the connection was lost: {Innermost(e)}", e);
        }
        // "No matching subscribers" is a success too (MQTT 5 §3.4.2.1).
        if ((int)result.ReasonCode >= 0x80)
            throw new BrokerException($"{_options.Name} refuses to take {topic}: {result.ReasonCode} (0x{(int)result.ReasonCode:X2}) {result.ReasonString}".TrimEnd()
                + "; check the broker's access rules and limits");
    }

    public async Task DisconnectAsync()
    {
        try
        {
            if (_client.IsConnected) await _client.DisconnectAsync(new MqttClientDisconnectOptionsBuilder().Build());
        }
        catch (Exception e) when (e is MqttCommunicationException or SocketException or IOException or OperationCanceledException)
        {
            // The connection is gone, which is what was wanted.
        }
    }

    public async ValueTask DisposeAsync()
    {
        await DisconnectAsync();
        _client.Dispose();
    }

    private string ReadPassword()
    {
        if (_options.PasswordFile is not { } file) return "";
        try
        {
            return File.ReadLines(file).FirstOrDefault("");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BrokerException($"{file}: cannot read the broker's password: {e.Message}; see /broker/passwordFile", e);
        }
    }

    private BrokerException Refused(MqttClientConnectResultCode code) => new(code switch
    {
        MqttClientConnectResultCode.BadUserNameOrPassword or MqttClientConnectResultCode.NotAuthorized =>
            $"{_options.Name} refuses user '{_options.UserName ?? "(none)"}': {code} (0x{(int)code:X2}); check /broker/userName and /broker/passwordFile",
        MqttClientConnectResultCode.UnsupportedProtocolVersion => $"{_options.Name} does not speak MQTT 5",
        _ => $"{_options.Name} refuses the connection: {code} (0x{(int)code:X2})",
    });

    private BrokerException Unreachable(Exception e) =>
        new($"{_options.Name} cannot be reached: {Innermost(e)}", e);

    private static string Innermost(Exception e)
    {
        while (e.InnerException is { } inner) e = inner;
        return e is OperationCanceledException or TimeoutException ? "no answer in time" : e.Message;
    }
}
