using EdgeAgent.Publishing;

namespace EdgeAgent.Tests.Publishing;

/// <summary>A broker and the link to it. Acknowledges at once unless told otherwise.</summary>
internal sealed class FakeBroker : IBrokerLink
{
    private readonly Lock _gate = new();
    private readonly List<(string Topic, string Payload)> _received = [];
    private TaskCompletionSource<string> _lost = NewSignal();

    /// <summary>Everything that reached the broker.</summary>
    public IReadOnlyList<(string Topic, string Payload)> Received
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

    public Task ConnectAsync(CancellationToken stop)
    {
        Connections++;
        if (OnConnect() is { } trouble) throw trouble;
        _lost = NewSignal();
        return Task.CompletedTask;
    }

    public async Task PublishAsync(string topic, ReadOnlyMemory<byte> payload, string contentType, CancellationToken stop)
    {
        Assert.Equal("application/senml+json", contentType);
        lock (_gate)
        {
            MostInFlight = Math.Max(MostInFlight, ++InFlight);
            _received.Add((topic, System.Text.Encoding.UTF8.GetString(payload.Span)));
        }
        try
        {
            await OnPublish(topic);
        }
        finally
        {
            lock (_gate) InFlight--;
        }
    }

    public Task DisconnectAsync()
    {
        _lost.TrySetResult("disconnected");
        return Task.CompletedTask;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static TaskCompletionSource<string> NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
