using System.Buffers;
using System.Net;
using MQTTnet;
using MQTTnet.Adapter;
using MQTTnet.Diagnostics.Logger;
using MQTTnet.Formatter;
using MQTTnet.Protocol;

namespace EdgeAgent.Publishing;

/// <summary>MQTT 5 (OASIS standard) by MQTTnet, over a channel of our own.</summary>
internal sealed class MqttBrokerLink : IBrokerLink
{
    /// <summary>The biggest packet that is accepted: a document or a piece of an artifact, with its topic and properties.</summary>
    public const int MaximumPacketSize = 1024 * 1024 + 64 * 1024;

    /// <summary>Publications under way at once, if the broker allows as many, and as many of the broker's that may wait to be acknowledged.</summary>
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
    private readonly IMqttClient _client;
    private IncomingQueue? _incoming;
    private Action<string> _passedOver = _ => { };
    private BrokerChannel? _channel;
    private TopicAliases _aliases = new(0);
    private TaskCompletionSource<string> _lost = NewSignal();
    private long _bytesInFlight;
    private long _maximumPacketSize;
    private int _connection;
    private bool _mayRetain;

    public MqttBrokerLink(BrokerOptions options, TimeProvider time)
    {
        _options = options;
        _time = time;
        _client = new MqttClientFactory().CreateMqttClient(new ChannelFactory(this));
        _client.DisconnectedAsync += reason =>
        {
            string why = _channel?.Trouble ?? reason.ReasonString ?? reason.Exception?.GetBaseException().Message ?? reason.Reason.ToString();
            _lost.TrySetResult($"{_options.Name} closed the connection: {why}");
            return Task.CompletedTask;
        };
        _client.ApplicationMessageReceivedAsync += arrived =>
        {
            arrived.AutoAcknowledge = false;
            int connection = Volatile.Read(ref _connection);
            bool waits = _incoming?.Add(
                new IncomingMessage(arrived.ApplicationMessage.Topic, arrived.ApplicationMessage.Payload.ToArray(), arrived.ApplicationMessage.Retain),
                () => connection == Volatile.Read(ref _connection) && _client.IsConnected,
                () => arrived.AcknowledgeAsync(CancellationToken.None)) != false;
            if (!waits) _passedOver(arrived.ApplicationMessage.Topic);
            return Task.CompletedTask;
        };
    }

    public Task<string> Lost => _lost.Task;

    public int ReceiveMaximum { get; private set; } = MaxInFlight;

    public bool SessionIsPresent { get; private set; }

    public string? NetworkInterface { get; private set; }

    public Func<IncomingMessage, Task> Received
    {
        set => _incoming = new IncomingQueue(value, _options.MaxWaiting);
    }

    public Action<string> PassedOver
    {
        set => _passedOver = value;
    }

    public async Task ConnectAsync(Publication? will, CancellationToken stop)
    {
        _lost = NewSignal();
        Interlocked.Exchange(ref _bytesInFlight, 0);
        Interlocked.Increment(ref _connection);
        var options = Describe(will);
        var answer = await BoundedAsync(token => _client.ConnectAsync(options, token), Timeout, $"{_options.Name} cannot be reached", stop);
        if (answer.ResultCode != MqttClientConnectResultCode.Success) throw Refused(answer.ResultCode);
        // A broker that does not say allows 65,535 (MQTT 5 §3.2.2.3.3); MQTTnet then reports 0 or null.
        ReceiveMaximum = answer.ReceiveMaximum is > 0 and var most ? Math.Min(MaxInFlight, (int)most) : MaxInFlight;
        SessionIsPresent = answer.IsSessionPresent;
        NetworkInterface = InterfaceOf((_channel?.LocalEndPoint as IPEndPoint)?.Address);
        _maximumPacketSize = answer.MaximumPacketSize is > 0 and var size ? size : long.MaxValue;
        _mayRetain = answer.RetainAvailable;
        _aliases = new TopicAliases(answer.TopicAliasMaximum);
    }

    public async Task PublishAsync(Publication publication, CancellationToken stop)
    {
        if (publication.WireBytes > _maximumPacketSize)
            throw new PublicationTooLargeException($"{_options.Name} accepts no more than {_maximumPacketSize} bytes, and a publication to {publication.Topic} has {publication.WireBytes}; raise the broker's limit");
        var (topic, alias) = publication.Retain ? (publication.Topic, (ushort)0) : _aliases.For(publication.Topic);
        var message = new MqttApplicationMessageBuilder()
            .WithTopic(topic)
            .WithTopicAlias(alias)
            .WithPayload(new ReadOnlySequence<byte>(publication.Payload))
            .WithContentType(publication.ContentType)
            .WithRetainFlag(publication.Retain && _mayRetain)
            .WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce)
            .Build();
        long ahead = Interlocked.Add(ref _bytesInFlight, publication.Payload.Length);
        MqttClientPublishResult result;
        try
        {
            var limit = Timeout + TimeSpan.FromSeconds(ahead / SlowestBytesPerSecond);
            result = await BoundedAsync(token => _client.PublishAsync(message, token).WaitAsync(token), limit, $"{_options.Name}: the connection was lost", stop);
        }
        finally
        {
            Interlocked.Add(ref _bytesInFlight, -publication.Payload.Length);
        }
        // "No matching subscribers" is a success too (MQTT 5 §3.4.2.1).
        if ((int)result.ReasonCode >= 0x80)
            throw new PublicationRefusedException($"{_options.Name} refuses {publication.Topic}: {result.ReasonCode} (0x{(int)result.ReasonCode:X2}); check the broker's access rules and limits");
    }

    public async Task<IReadOnlyList<RefusedSubscription>> SubscribeAsync(IReadOnlyCollection<string> filters, CancellationToken stop)
    {
        var options = new MqttClientSubscribeOptionsBuilder();
        foreach (string filter in filters) options.WithTopicFilter(filter, MqttQualityOfServiceLevel.AtLeastOnce);
        var answer = await BoundedAsync(token => _client.SubscribeAsync(options.Build(), token).WaitAsync(token), Timeout, $"{_options.Name}: the connection was lost", stop);
        return [.. answer.Items.Where(item => (int)item.ResultCode >= 0x80).Select(item => new RefusedSubscription(
            item.TopicFilter.Topic,
            $"{_options.Name} refuses the subscription to {item.TopicFilter.Topic}: {item.ResultCode} (0x{(int)item.ResultCode:X2}); check the broker's access rules"))];
    }

    public async Task UnsubscribeAsync(IReadOnlyCollection<string> filters, CancellationToken stop)
    {
        var options = new MqttClientUnsubscribeOptionsBuilder();
        foreach (string filter in filters) options.WithTopicFilter(filter);
        await BoundedAsync(token => _client.UnsubscribeAsync(options.Build(), token).WaitAsync(token), Timeout, $"{_options.Name}: the connection was lost", stop);
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
        _incoming?.Complete();
        await DisconnectAsync();
        _client.Dispose();
    }

    private MqttClientOptions Describe(Publication? will)
    {
        var builder = new MqttClientOptionsBuilder()
            .WithProtocolVersion(MqttProtocolVersion.V500)
            .WithTcpServer(_options.Uri.IdnHost, _options.Port)
            .WithClientId(_options.ClientId)
            .WithCleanStart(!_options.KeepsSession)
            .WithSessionExpiryInterval(_options.KeepsSession ? SessionExpirySeconds : 0)
            .WithReceiveMaximum(MaxInFlight)
            .WithMaximumPacketSize(MaximumPacketSize)
            .WithKeepAlivePeriod(KeepAlive)
            // One write, one TLS record, one segment for a small packet.
            .WithoutPacketFragmentation()
            // MQTTnet bounds each packet's sending by it, and nothing else where a token is given: large packets on slow links need long.
            .WithTimeout(TimeSpan.FromMinutes(10));
        if (_options.UserName is not null) builder.WithCredentials(_options.UserName, ReadPassword());
        if (will is not null)
        {
            builder.WithWillTopic(will.Topic).WithWillPayload(will.Payload.ToArray()).WithWillContentType(will.ContentType)
                .WithWillRetain(will.Retain).WithWillQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce);
        }
        return builder.Build();
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
            for (var cause = e; cause is not null; cause = cause.InnerException)
            {
                if (cause is BrokerException known) throw new BrokerException(known.Message, e) { Fault = known.Fault };
            }
            bool isLate = timeout.IsCancellationRequested;
            string why = isLate ? $"no answer within {limit.TotalSeconds:0} s" : _channel?.Trouble ?? e.GetBaseException().Message;
            var fault = isLate ? BrokerFault.Tcp : _channel?.Trouble is not null ? BrokerFault.Tls : BrokerFaults.Of(e);
            throw new BrokerException($"{trouble}: {why}", e) { Fault = fault };
        }
    }

    private string ReadPassword()
    {
        if (_options.PasswordFile is not { } file) return _options.Password ?? "";
        try
        {
            return File.ReadLines(file).FirstOrDefault("");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BrokerException($"{file}: cannot read the broker's password: {e.Message}; see /broker/passwordFile", e) { Fault = BrokerFault.File };
        }
    }

    private BrokerException Refused(MqttClientConnectResultCode code) => new(code switch
    {
        MqttClientConnectResultCode.BadUserNameOrPassword or MqttClientConnectResultCode.NotAuthorized =>
            $"{_options.Name} refuses {(_options.UserName is { } user ? $"user '{user}'" : _options.CertificateFile is { } file ? $"the certificate in {file}" : "a connection without a user")}: "
            + $"{code} (0x{(int)code:X2}); check {(_options.UserName is null && _options.CertificateFile is not null ? "/broker/certificateFile" : "/broker/userName and /broker/passwordFile")}",
        MqttClientConnectResultCode.UnsupportedProtocolVersion => $"{_options.Name} does not speak MQTT 5",
        _ => $"{_options.Name} refuses the connection: {code} (0x{(int)code:X2})",
    })
    {
        Fault = code is MqttClientConnectResultCode.BadUserNameOrPassword or MqttClientConnectResultCode.NotAuthorized ? BrokerFault.Credentials : BrokerFault.Connack,
    };

    private static string? InterfaceOf(IPAddress? local)
    {
        if (local is null) return null;
        if (local.IsIPv4MappedToIPv6) local = local.MapToIPv4();
        return System.Net.NetworkInformation.NetworkInterface.GetAllNetworkInterfaces()
            .FirstOrDefault(candidate => candidate.GetIPProperties().UnicastAddresses.Any(unicast => unicast.Address.Equals(local)))?.Name;
    }

    private static TaskCompletionSource<string> NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private sealed class ChannelFactory(MqttBrokerLink link) : IMqttClientAdapterFactory
    {
        public IMqttChannelAdapter CreateClientAdapter(MqttClientOptions options, MqttPacketInspector packetInspector, IMqttNetLogger logger)
        {
            link._channel = new BrokerChannel(link._options, link._time, MaximumPacketSize);
            var buffer = new MqttBufferWriter(options.WriterBufferSize, options.WriterBufferSizeMax);
            return new MqttChannelAdapter(link._channel, new MqttPacketFormatterAdapter(options.ProtocolVersion, buffer), logger)
            {
                AllowPacketFragmentation = options.AllowPacketFragmentation,
                PacketInspector = packetInspector,
            };
        }
    }
}
