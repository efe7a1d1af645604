using System.Text;
using EdgeAgent.Publishing;

namespace EdgeAgent.Tests.Publishing;

/// <summary>A broker and the link to it. Acknowledges at once unless told otherwise.</summary>
internal sealed class FakeBroker : IBrokerLink
{
    private readonly Lock _gate = new();
    private readonly List<(string Topic, string Payload)> _received = [];
    private readonly List<string> _requests = [];
    private readonly SortedDictionary<string, string> _retained = new(StringComparer.Ordinal);
    private readonly HashSet<string> _subscriptions = [];
    private TaskCompletionSource<string> _lost = NewSignal();

    /// <summary>Every record that reached the broker.</summary>
    public IReadOnlyList<(string Topic, string Payload)> Publications => Locked(() => _received.ToArray());

    /// <summary>Everything but records, in order: <c>connect</c>, <c>disconnect</c>, <c>+filter</c>, <c>-filter</c>, <c>topic=payload</c>.</summary>
    public IReadOnlyList<string> Requests => Locked(() => _requests.ToArray());

    /// <summary>What the broker would give a subscriber now.</summary>
    public IReadOnlyDictionary<string, string> Retained => Locked(() => new Dictionary<string, string>(_retained));

    public IReadOnlyCollection<string> Subscriptions => Locked(() => _subscriptions.Order(StringComparer.Ordinal).ToArray());

    public int Connections { get; private set; }

    public Publication? Will { get; private set; }

    public int MostInFlight { get; private set; }

    public int InFlight { get; private set; }

    public Func<Exception?> OnConnect { get; set; } = () => null;

    /// <summary>What becomes of a record: completes for a PUBACK, throws for none.</summary>
    public Func<string, Task> OnPublish { get; set; } = _ => Task.CompletedTask;

    /// <summary>The same for what is retained.</summary>
    public Func<string, Task> OnReport { get; set; } = _ => Task.CompletedTask;

    /// <summary>How long a record of so many bytes takes to be acknowledged, if it matters.</summary>
    public Func<Publication, Task>? Carry { get; set; }

    public Func<string, bool> RefusesSubscription { get; set; } = _ => false;

    /// <summary>Whoever wants to know that something is asked of the link.</summary>
    public Action Asked { get; set; } = () => { };

    public Task<string> Lost => _lost.Task;

    public int ReceiveMaximum { get; set; } = 4;

    public bool SessionIsPresent { get; set; }

    public string? NetworkInterface { get; set; }

    public Func<IncomingMessage, Task> Received { private get; set; } = _ => Task.CompletedTask;

    public Action<string> PassedOver { get; set; } = _ => { };

    public void Drop() => _lost.TrySetResult("the broker closed the connection");

    public Task ConnectAsync(Publication? will, CancellationToken stop)
    {
        Asked();
        Connections++;
        if (OnConnect() is { } trouble) return Task.FromException(trouble);
        Will = will;
        Note("connect");
        if (!SessionIsPresent) Locked(() => _subscriptions.RemoveWhere(_ => true));
        _lost = NewSignal();
        return Task.CompletedTask;
    }

    public async Task PublishAsync(Publication publication, CancellationToken stop)
    {
        Asked();
        string payload = Encoding.UTF8.GetString(publication.Payload.Span);
        if (publication.Retain)
        {
            Note($"{publication.Topic}={payload}");
            await OrStopAsync(OnReport(publication.Topic), stop);
            Locked(() => payload.Length == 0 ? _retained.Remove(publication.Topic) : (_retained[publication.Topic] = payload) == payload);
            return;
        }
        lock (_gate)
        {
            MostInFlight = Math.Max(MostInFlight, ++InFlight);
            _received.Add((publication.Topic, payload));
        }
        try
        {
            if (Carry is { } carry) await OrStopAsync(carry(publication), stop);
            await OrStopAsync(OnPublish(publication.Topic), stop);
        }
        finally
        {
            lock (_gate) InFlight--;
        }
    }

    /// <summary>Something comes from outside.</summary>
    public Task DeliverAsync(string topic, string payload) => Received(new IncomingMessage(topic, Encoding.UTF8.GetBytes(payload)));

    public Task<IReadOnlyList<RefusedSubscription>> SubscribeAsync(IReadOnlyCollection<string> filters, CancellationToken stop)
    {
        Asked();
        foreach (string filter in filters) Note("+" + filter);
        Locked(() => _subscriptions.UnionWith(filters.Where(filter => !RefusesSubscription(filter))));
        return Task.FromResult<IReadOnlyList<RefusedSubscription>>(
            [.. filters.Where(RefusesSubscription).Select(filter => new RefusedSubscription(filter, $"refuses the subscription to {filter}: NotAuthorized (0x87)"))]);
    }

    public Task UnsubscribeAsync(IReadOnlyCollection<string> filters, CancellationToken stop)
    {
        Asked();
        foreach (string filter in filters) Note("-" + filter);
        Locked(() => _subscriptions.ExceptWith(filters));
        return Task.CompletedTask;
    }

    public Task DisconnectAsync()
    {
        Asked();
        Note("disconnect");
        _lost.TrySetResult("disconnected");
        return Task.CompletedTask;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>As Task.WaitAsync, without its detour over other threads.</summary>
    private static async Task OrStopAsync(Task answer, CancellationToken stop)
    {
        var either = new TaskCompletionSource();
        using var stopping = stop.Register(() => either.TrySetCanceled(stop));
        _ = ForwardAsync();
        await either.Task;

        async Task ForwardAsync()
        {
            try
            {
                await answer;
                either.TrySetResult();
            }
            catch (Exception e)
            {
                either.TrySetException(e);
            }
        }
    }

    private void Note(string request) => Locked(() => _requests.Add(request));

    private void Locked(Action action)
    {
        lock (_gate) action();
    }

    private T Locked<T>(Func<T> read)
    {
        lock (_gate) return read();
    }

    private static TaskCompletionSource<string> NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
