using EdgeAgent.Capture;
using EdgeAgent.Publishing;

namespace EdgeAgent.Benchmarks;

/// <summary>A link that notes what goes over it and how long one tenant's publications take from their last sample to the PUBACK.</summary>
internal sealed class MeasuringLink(IBrokerLink link, string liveTopic, WallClock clock) : IBrokerLink
{
    private readonly Lock _gate = new();
    private readonly List<TimeSpan> _liveDelays = [];
    private readonly List<Sent> _backlog = [];

    /// <summary>What was published of others than the live tenant, in order of acknowledgement; to be read when all is over.</summary>
    public IReadOnlyList<Sent> Backlog => _backlog;

    public int Messages
    {
        get
        {
            lock (_gate) return _backlog.Count;
        }
    }

    public IReadOnlyList<TimeSpan> LiveDelays
    {
        get
        {
            lock (_gate) return [.. _liveDelays];
        }
    }

    public bool SessionIsPresent => link.SessionIsPresent;

    public Func<IncomingMessage, Task> Received
    {
        set => link.Received = value;
    }

    public Action<string> PassedOver
    {
        set => link.PassedOver = value;
    }

    public Task<string> Lost => link.Lost;

    public int ReceiveMaximum => link.ReceiveMaximum;

    public string? NetworkInterface => link.NetworkInterface;

    public Task ConnectAsync(Publication? will, CancellationToken stop) => link.ConnectAsync(will, stop);

    public async Task PublishAsync(Publication publication, CancellationToken stop)
    {
        await link.PublishAsync(publication, stop);
        lock (_gate)
        {
            if (publication.Topic == liveTopic)
            {
                long newestNs = PayloadDecoder.Decode(publication.Payload).Samples[^1].TimeNs;
                _liveDelays.Add(TimeSpan.FromMicroseconds((clock.NowNs() + clock.OffsetNs() - newestNs) / 1000.0));
            }
            else if (publication.Topic.EndsWith("/telemetry", StringComparison.Ordinal))
            {
                _backlog.Add(new Sent(publication.Topic, publication.ContentType, publication.Payload.Length));
            }
        }
    }

    public Task<IReadOnlyList<RefusedSubscription>> SubscribeAsync(IReadOnlyCollection<string> filters, CancellationToken stop) => link.SubscribeAsync(filters, stop);

    public Task UnsubscribeAsync(IReadOnlyCollection<string> filters, CancellationToken stop) => link.UnsubscribeAsync(filters, stop);

    public Task DisconnectAsync() => link.DisconnectAsync();

    public ValueTask DisposeAsync() => link.DisposeAsync();
}
