using System.Buffers;
using EdgeAgent.Capture;
using EdgeAgent.Outbox;
using EdgeAgent.Tenancy;
using Microsoft.Extensions.Logging;
using Polly;
using Polly.Retry;

namespace EdgeAgent.Publishing;

/// <summary>
/// Publishes what the outbox holds, several batches at once, and tells it what the broker acknowledged. A batch goes to the topic of the
/// tenant that it was captured for; nobody else's id is at hand here.
/// </summary>
internal sealed class Publisher(IBrokerLink link, BatchOutbox outbox, BootId boot, WallClock clock, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan LongestRetry = TimeSpan.FromMinutes(1);

    private string? _lastTrouble;

    /// <summary>True while the broker is connected.</summary>
    public bool IsConnected { get; private set; }

    public async Task RunAsync(CancellationToken stop)
    {
        // Exponential with jitter, so that a fleet which lost its broker at one moment does not return at one moment.
        var retry = new ResiliencePipelineBuilder { TimeProvider = time }.AddRetry(new RetryStrategyOptions
        {
            ShouldHandle = new PredicateBuilder().Handle<BrokerException>(),
            MaxRetryAttempts = int.MaxValue,
            BackoffType = DelayBackoffType.Exponential,
            UseJitter = true,
            Delay = FirstRetry,
            MaxDelay = LongestRetry,
            OnRetry = failure =>
            {
                Report(failure.Outcome.Exception!);
                return default;
            },
        }).Build();
        try
        {
            while (!stop.IsCancellationRequested)
            {
                await retry.ExecuteAsync(async token => await SessionAsync(token), stop);
                // The session ended after it had delivered: the broker is well or was a moment ago, so the waits start over.
                await Task.Delay(FirstRetry, time, stop);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
        }
    }

    /// <summary>One connection, from its beginning to its end. Returns if it delivered anything, throws if it was of no use.</summary>
    private async Task SessionAsync(CancellationToken stop)
    {
        await link.ConnectAsync(stop);
        PublishingLog.Connected(logger);
        _lastTrouble = null;
        IsConnected = true;
        outbox.SetBrokerIsThere(true);
        var session = new Session(link.ReceiveMaximum);
        try
        {
            await PumpAsync(session, stop);
        }
        finally
        {
            IsConnected = false;
            outbox.SetBrokerIsThere(false);
            await link.DisconnectAsync();
            await session.WhenSettledAsync();
        }
        var trouble = session.Trouble ?? new BrokerException("the broker closed the connection");
        if (session.Delivered == 0) throw trouble;
        Report(trouble);
    }

    private async Task PumpAsync(Session session, CancellationToken stop)
    {
        while (!link.Lost.IsCompleted && session.Trouble is null)
        {
            stop.ThrowIfCancellationRequested();
            await session.Window.WaitAsync(stop);
            if (outbox.TryTake() is { } delivery)
            {
                session.Begin(PublishAsync(session, delivery, stop));
                continue;
            }
            session.Window.Release();
            await Task.WhenAny(outbox.ArrivalAsync(), link.Lost, session.Failed).WaitAsync(stop);
        }
    }

    private async Task PublishAsync(Session session, Delivery delivery, CancellationToken stop)
    {
        bool acknowledged = false;
        try
        {
            var batch = delivery.Batch;
            var output = new ArrayBufferWriter<byte>(batch.Count * 64);
            SenMlJson.Encode(batch, batch.Stamp.Boot == boot ? clock.Read() : batch.ClockAtSeal, output);
            await link.PublishAsync(Topics.Telemetry(batch.Stamp.Tenant, batch.Stamp.Device), output.WrittenMemory, SenMlJson.ContentType, stop);
            acknowledged = true;
        }
        catch (BrokerException e)
        {
            session.Fail(e);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
        }
        finally
        {
            if (acknowledged)
            {
                session.AddDelivered();
                outbox.Acknowledge(delivery);
            }
            else
            {
                outbox.Return(delivery);
            }
            session.Window.Release();
        }
    }

    private void Report(Exception trouble)
    {
        if (trouble.Message == _lastTrouble) return;
        _lastTrouble = trouble.Message;
        PublishingLog.BrokerTrouble(logger, trouble.Message);
    }

    /// <summary>What belongs to one connection.</summary>
    private sealed class Session(int receiveMaximum)
    {
        private readonly TaskCompletionSource _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly List<Task> _underWay = [];
        private long _delivered;

        public SemaphoreSlim Window { get; } = new(receiveMaximum);

        public long Delivered => Interlocked.Read(ref _delivered);

        public BrokerException? Trouble { get; private set; }

        public Task Failed => _failed.Task;

        public void Begin(Task publication)
        {
            _underWay.RemoveAll(task => task.IsCompletedSuccessfully);
            _underWay.Add(publication);
        }

        public void AddDelivered() => Interlocked.Increment(ref _delivered);

        public void Fail(BrokerException trouble)
        {
            Trouble ??= trouble;
            _failed.TrySetResult();
        }

        public Task WhenSettledAsync() => Task.WhenAll(_underWay);
    }
}
