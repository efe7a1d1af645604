using System.Buffers;
using System.Net.Security;
using System.Security.Authentication;
using MQTTnet;
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

    /// <summary>For CONNACK, and for a PUBACK beyond the time that the bytes need on the slowest link.</summary>
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(15);

    /// <summary>For the good-bye: whoever stops the agent waits for it.</summary>
    private static readonly TimeSpan DisconnectTimeout = TimeSpan.FromSeconds(1);

    /// <summary>A link that carries less is as good as none.</summary>
    private const double SlowestBytesPerSecond = 1000;

    private readonly BrokerOptions _options;
    private readonly TimeProvider _time;
    private readonly IMqttClient _client = new MqttClientFactory().CreateMqttClient();
    private TaskCompletionSource<string> _lost = NewSignal();
    private long _bytesInFlight;
    private string? _distrust;

    public MqttBrokerLink(BrokerOptions options, TimeProvider time)
    {
        _options = options;
        _time = time;
        _client.DisconnectedAsync += reason =>
        {
            string why = reason.ReasonString ?? reason.Exception?.GetBaseException().Message ?? reason.Reason.ToString();
            _lost.TrySetResult($"{_options.Name} closed the connection: {why}");
            return Task.CompletedTask;
        };
    }

    public Task<string> Lost => _lost.Task;

    public int ReceiveMaximum { get; private set; } = MaxInFlight;

    public async Task ConnectAsync(Publication? will, CancellationToken stop)
    {
        var builder = new MqttClientOptionsBuilder()
            .WithProtocolVersion(MqttProtocolVersion.V500)
            .WithTcpServer(_options.Uri.Host, _options.Port)
            .WithClientId(_options.ClientId)
            .WithCleanStart(false)
            .WithSessionExpiryInterval(SessionExpirySeconds)
            .WithKeepAlivePeriod(KeepAlive)
            // MQTTnet bounds each packet's sending by it, and nothing else where a token is given: large packets on slow links need long.
            .WithTimeout(TimeSpan.FromMinutes(10));
        if (_options.Tls) builder.WithTlsOptions(tls => tls.UseTls().WithSslProtocols(SslProtocols.Tls12 | SslProtocols.Tls13).WithCertificateValidationHandler(IsTrusted));
        if (_options.UserName is not null) builder.WithCredentials(_options.UserName, ReadPassword());

        if (will is not null)
        {
            builder.WithWillTopic(will.Topic).WithWillPayload(will.Payload.ToArray()).WithWillContentType(will.ContentType)
                .WithWillRetain(will.Retain).WithWillQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce);
        }

        _lost = NewSignal();
        Interlocked.Exchange(ref _bytesInFlight, 0);
        _distrust = null;
        var answer = await BoundedAsync(
            token => _client.ConnectAsync(builder.Build(), token), Timeout, $"{_options.Name} cannot be reached", stop);
        if (answer.ResultCode != MqttClientConnectResultCode.Success) throw Refused(answer.ResultCode);
        // A broker that does not say allows 65,535 (MQTT 5 §3.2.2.3.3); MQTTnet then reports 0 or null.
        ReceiveMaximum = answer.ReceiveMaximum is > 0 and var most ? Math.Min(MaxInFlight, (int)most) : MaxInFlight;
    }

    public async Task PublishAsync(Publication publication, CancellationToken stop)
    {
        var message = new MqttApplicationMessageBuilder()
            .WithTopic(publication.Topic)
            .WithPayload(new ReadOnlySequence<byte>(publication.Payload))
            .WithContentType(publication.ContentType)
            .WithRetainFlag(publication.Retain)
            .WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce)
            .Build();
        long ahead = Interlocked.Add(ref _bytesInFlight, publication.Payload.Length);
        MqttClientPublishResult result;
        try
        {
            var limit = Timeout + TimeSpan.FromSeconds(ahead / SlowestBytesPerSecond);
            result = await BoundedAsync(token => _client.PublishAsync(message, token), limit, $"{_options.Name}: the connection was lost", stop);
        }
        finally
        {
            Interlocked.Add(ref _bytesInFlight, -publication.Payload.Length);
        }
        // "No matching subscribers" is a success too (MQTT 5 §3.4.2.1).
        if ((int)result.ReasonCode >= 0x80)
            throw new PublicationRefusedException($"{_options.Name} refuses {publication.Topic}: {result.ReasonCode} (0x{(int)result.ReasonCode:X2}); check the broker's access rules and limits");
    }

    public async Task SubscribeAsync(IReadOnlyCollection<string> filters, CancellationToken stop)
    {
        var options = new MqttClientSubscribeOptionsBuilder();
        foreach (string filter in filters) options.WithTopicFilter(filter, MqttQualityOfServiceLevel.AtLeastOnce);
        var answer = await BoundedAsync(token => _client.SubscribeAsync(options.Build(), token), Timeout, $"{_options.Name}: the connection was lost", stop);
        if (answer.Items.FirstOrDefault(item => (int)item.ResultCode >= 0x80) is { } refused)
            throw new BrokerException($"{_options.Name} refuses the subscription to {refused.TopicFilter.Topic}: {refused.ResultCode} (0x{(int)refused.ResultCode:X2}); check the broker's access rules");
    }

    public async Task UnsubscribeAsync(IReadOnlyCollection<string> filters, CancellationToken stop)
    {
        var options = new MqttClientUnsubscribeOptionsBuilder();
        foreach (string filter in filters) options.WithTopicFilter(filter);
        await BoundedAsync(token => _client.UnsubscribeAsync(options.Build(), token), Timeout, $"{_options.Name}: the connection was lost", stop);
    }

    public Func<IncomingMessage, Task> Received
    {
        set => _client.ApplicationMessageReceivedAsync += async arrived =>
        {
            // Acknowledged only when it was dealt with: an exception leaves it to be sent again.
            arrived.AutoAcknowledge = false;
            await value(new IncomingMessage(arrived.ApplicationMessage.Topic, arrived.ApplicationMessage.Payload.ToArray()));
            await arrived.AcknowledgeAsync(CancellationToken.None);
        };
    }

    public async Task DisconnectAsync()
    {
        if (!_client.IsConnected) return;
        try
        {
            using var timeout = new CancellationTokenSource(DisconnectTimeout, _time);
            await _client.DisconnectAsync(new MqttClientDisconnectOptionsBuilder().Build(), timeout.Token);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // The connection is gone, which is what was wanted.
        }
    }

    public async ValueTask DisposeAsync()
    {
        await DisconnectAsync();
        _client.Dispose();
    }

    /// <summary>Whatever goes wrong within MQTTnet is trouble with the broker, except that we are told to stop.</summary>
    private async Task<T> BoundedAsync<T>(Func<CancellationToken, Task<T>> work, TimeSpan limit, string trouble, CancellationToken stop)
    {
        using var timeout = new CancellationTokenSource(limit, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, timeout.Token);
        try
        {
            return await work(either.Token);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            stop.ThrowIfCancellationRequested();
            string why = timeout.IsCancellationRequested ? $"no answer within {limit.TotalSeconds:0} s" : _distrust ?? e.GetBaseException().Message;
            throw new BrokerException($"{trouble}: {why}", e);
        }
    }

    /// <summary>Trusts what the system trusts, and keeps the reason when it does not: the exception that follows has none.</summary>
    private bool IsTrusted(MqttClientCertificateValidationEventArgs certificate)
    {
        if (certificate.SslPolicyErrors == SslPolicyErrors.None) return true;
        string reasons = string.Join(", ", certificate.Chain.ChainStatus.Select(status => status.Status.ToString()).Append(certificate.SslPolicyErrors.ToString()).Distinct());
        _distrust = $"its certificate ({certificate.Certificate.Subject}) is not trusted: {reasons}; a private authority is installed with update-ca-certificates";
        return false;
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
            $"{_options.Name} refuses {(_options.UserName is { } user ? $"user '{user}'" : "a connection without a user")}: {code} (0x{(int)code:X2}); check /broker/userName and /broker/passwordFile",
        MqttClientConnectResultCode.UnsupportedProtocolVersion => $"{_options.Name} does not speak MQTT 5",
        _ => $"{_options.Name} refuses the connection: {code} (0x{(int)code:X2})",
    });

    private static TaskCompletionSource<string> NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
