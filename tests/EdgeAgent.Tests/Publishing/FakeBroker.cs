using EdgeAgent.Publishing;

namespace EdgeAgent.Tests.Publishing;

/// <summary>A broker and the link to it. Acknowledges at once unless told otherwise.</summary>
internal sealed class FakeBroker : IBrokerLink
{
    private readonly Lock _gate = new();
    private readonly List<(string Topic, string Payload)> _received = [];
    private readonly HashSet<string> _subscriptions = [];
    private TaskCompletionSource<string> _lost = NewSignal();

    /// <summary>Everything that reached the broker.</summary>
    public IReadOnlyList<(string Topic, string Payload)> Publications
    {
        get
        {
            lock (_gate) return [.. _received];
        }
    }

    public int Connections { get; private set; }

    public int MostInFlight { get; private set; }

    public int InFlight { get; private set; }

    public Func<Exception?> OnConnect { get; set; } = () => null;

    /// <summary>What becomes of a publication: completes for a PUBACK, throws for none.</summary>
    public Func<string, Task> OnPublish { get; set; } = _ => Task.CompletedTask;

    public Task<string> Lost => _lost.Task;

    public int ReceiveMaximum { get; set; } = 4;

    public void Drop() => _lost.TrySetResult("the broker closed the connection");

    public Task ConnectAsync(Publication? will, CancellationToken stop)
    {
        Connections++;
        if (OnConnect() is { } trouble) throw trouble;
        _lost = NewSignal();
        return Task.CompletedTask;
    }

    public async Task PublishAsync(Publication publication, CancellationToken stop)
    {
        Assert.Equal("application/senml+json", publication.ContentType);
        lock (_gate)
        {
            MostInFlight = Math.Max(MostInFlight, ++InFlight);
            _received.Add((publication.Topic, System.Text.Encoding.UTF8.GetString(publication.Payload.Span)));
        }
        try
        {
            await OnPublish(publication.Topic);
        }
        finally
        {
            lock (_gate) InFlight--;
        }
    }

    public IReadOnlyCollection<string> Subscriptions => _subscriptions;

    public Func<IncomingMessage, Task> Received { private get; set; } = _ => Task.CompletedTask;

    /// <summary>Something comes from outside.</summary>
    public Task DeliverAsync(string topic, string payload) => Received(new IncomingMessage(topic, System.Text.Encoding.UTF8.GetBytes(payload)));

    public Task SubscribeAsync(IReadOnlyCollection<string> filters, CancellationToken stop)
    {
        _subscriptions.UnionWith(filters);
        return Task.CompletedTask;
    }

    public Task UnsubscribeAsync(IReadOnlyCollection<string> filters, CancellationToken stop)
    {
        _subscriptions.ExceptWith(filters);
        return Task.CompletedTask;
    }

    public Task DisconnectAsync()
    {
        _lost.TrySetResult("disconnected");
        return Task.CompletedTask;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static TaskCompletionSource<string> NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
