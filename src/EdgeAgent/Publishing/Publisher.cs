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
internal sealed class Publisher(IBrokerLink link, BatchOutbox outbox, BootId boot, WallClock clock, TimeProvider time, Random random, ILogger logger)
{
    /// <summary>The longest wait between two attempts to connect.</summary>
    public static readonly TimeSpan LongestRetry = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(1);

    /// <summary>A connection that lived so long was of use, even if there was nothing to publish.</summary>
    private static readonly TimeSpan WellAfter = TimeSpan.FromMinutes(1);

    private string? _lastTrouble;

    /// <summary>True while the broker is connected.</summary>
    public bool IsConnected { get; private set; }

    public async Task RunAsync(CancellationToken stop)
    {
        var retry = new ResiliencePipelineBuilder { TimeProvider = time }.AddRetry(new RetryStrategyOptions
        {
            ShouldHandle = new PredicateBuilder().Handle<BrokerException>(),
            MaxRetryAttempts = int.MaxValue,
            DelayGenerator = failure => ValueTask.FromResult<TimeSpan?>(Wait(failure.AttemptNumber)),
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
                // The broker is well or was a moment ago, so the waits start over.
                await Task.Delay(Wait(0), time, stop);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
        }
    }

    /// <summary>Exponential with full jitter, at the longest wait too, so that a fleet which lost its broker at one moment does not return at one moment.</summary>
    private TimeSpan Wait(int attempt)
    {
        var most = FirstRetry * Math.Pow(2, Math.Min(attempt + 1, 16));
        return FirstRetry / 4 + (most < LongestRetry ? most : LongestRetry) * random.NextDouble();
    }

    /// <summary>One connection, from its beginning to its end. Returns if it was of use, throws if it was not.</summary>
    private async Task SessionAsync(CancellationToken stop)
    {
        await link.ConnectAsync(will: null, stop);
        PublishingLog.Connected(logger);
        _lastTrouble = null;
        IsConnected = true;
        outbox.SetBrokerIsThere(true);
        long begun = time.GetTimestamp();
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
        var trouble = session.Trouble ?? new BrokerException(await link.Lost);
        bool wasOfUse = session.Delivered > 0 || session.Trouble is null && time.GetElapsedTime(begun) >= WellAfter;
        if (!wasOfUse) throw trouble;
        Report(trouble);
    }

    private async Task PumpAsync(Session session, CancellationToken stop)
    {
        while (!link.Lost.IsCompleted && session.Trouble is null)
        {
            stop.ThrowIfCancellationRequested();
            if (!session.TryEnter())
            {
                await Task.WhenAny(session.RoomAsync(), link.Lost, session.Failed).WaitAsync(stop);
                continue;
            }
            if (outbox.TryTake() is { } delivery)
            {
                session.Begin(PublishAsync(session, delivery, stop));
                continue;
            }
            session.Leave();
            await Task.WhenAny(outbox.ArrivalAsync(), link.Lost, session.Failed).WaitAsync(stop);
        }
    }

    /// <summary>Publishes one batch. Never throws: what becomes of the batch is told to the outbox, what is wrong with the connection to the session.</summary>
    private async Task PublishAsync(Session session, Delivery delivery, CancellationToken stop)
    {
        var batch = delivery.Batch;
        try
        {
            var output = new ArrayBufferWriter<byte>(batch.Count * 64);
            bool isOfThisBoot = batch.Stamp.Boot == boot;
            SenMlJson.Encode(batch, isOfThisBoot ? clock.Read() : batch.ClockAtSeal, isOfThisBoot ? clock.NowNs() : null, output);
            await link.PublishAsync(new Publication(Topics.Of(batch.Stamp, batch.Channel), output.WrittenMemory, SenMlJson.ContentType), stop);
            session.AddDelivered();
            outbox.Acknowledge(delivery);
        }
        catch (PublicationRefusedException e)
        {
            if (e.Message != _lastTrouble) PublishingLog.Refused(logger, e.Message);
            _lastTrouble = e.Message;
            outbox.Refuse(delivery);
        }
        catch (InvalidDataException e)
        {
            // It stays in flight, so that it is neither tried again nor deleted by this version.
            PublishingLog.CannotEncode(logger, batch.FirstSequence, batch.LastSequence, batch.Stamp.Tenant, batch.Stamp.Epoch, e.Message);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            outbox.Return(delivery);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            session.Fail(e as BrokerException ?? new BrokerException($"publishing failed: {e.Message}", e));
            outbox.Return(delivery);
        }
        finally
        {
            session.Leave();
        }
    }

    private void Report(Exception trouble)
    {
        if (trouble.Message == _lastTrouble) return;
        _lastTrouble = trouble.Message;
        PublishingLog.BrokerTrouble(logger, trouble.Message);
    }

    /// <summary>
    /// What belongs to one connection. It begins with one publication at a time and allows one more with each that is acknowledged, so that
    /// a slow link is not filled with more than it can carry before the first answer.
    /// </summary>
    private sealed class Session(int receiveMaximum)
    {
        private readonly TaskCompletionSource _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly Lock _gate = new();
        private readonly List<Task> _underWay = [];
        private TaskCompletionSource _room = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _allowed = 1;
        private int _inside;

        public long Delivered { get; private set; }

        public BrokerException? Trouble { get; private set; }

        public Task Failed => _failed.Task;

        /// <summary>Takes the right to have one more under way, if there is one. <see cref="Leave"/> gives it back.</summary>
        public bool TryEnter()
        {
            lock (_gate)
            {
                if (_inside >= _allowed)
                {
                    if (_room.Task.IsCompleted) _room = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                    return false;
                }
                _inside++;
                return true;
            }
        }

        /// <summary>Completes when <see cref="TryEnter"/> is worth another try.</summary>
        public Task RoomAsync()
        {
            lock (_gate) return _inside < _allowed ? Task.CompletedTask : _room.Task;
        }

        public void Begin(Task publication)
        {
            _underWay.RemoveAll(task => task.IsCompleted);
            _underWay.Add(publication);
        }

        public void Leave()
        {
            lock (_gate)
            {
                _inside--;
                _room.TrySetResult();
            }
        }

        public void AddDelivered()
        {
            lock (_gate)
            {
                Delivered++;
                _allowed = Math.Min(receiveMaximum, _allowed + 1);
            }
        }

        public void Fail(BrokerException trouble)
        {
            Trouble ??= trouble;
            _failed.TrySetResult();
        }

        public Task WhenSettledAsync() => Task.WhenAll(_underWay);
    }
}
