using EdgeAgent.Capture;
using EdgeAgent.Outbox;
using EdgeAgent.Tenancy;
using Microsoft.Extensions.Logging;
using Polly;
using Polly.Retry;

namespace EdgeAgent.Publishing;

/// <summary>
/// The agent's side of the connection to the broker. It publishes what the outbox holds, several batches at once, and tells it what the broker
/// acknowledged; a batch goes to the topic of the tenant that it was captured for, and nobody else's id is at hand here. It keeps reports and
/// subscriptions in step with the broker, and hands on what arrives. Everything but <see cref="RunAsync"/> may be called from any thread;
/// what that awaits comes back to where it was called.
/// </summary>
internal sealed partial class Publisher
{
    /// <summary>The longest wait between two attempts to connect.</summary>
    public static readonly TimeSpan LongestRetry = TimeSpan.FromMinutes(1);

    /// <summary>So many messages that could not be dealt with end the connection: the broker sends them again only in the next one, and no more
    /// than twice as many without an acknowledgement.</summary>
    public const int MostUndealt = 8;

    /// <summary>Fewer of them end it after this while.</summary>
    public static readonly TimeSpan AgainAfter = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(1);

    /// <summary>A connection that lived so long was of use, even if there was nothing to publish.</summary>
    private static readonly TimeSpan WellAfter = TimeSpan.FromMinutes(1);

    /// <summary>How long a proper stop waits for the broker to take the last word.</summary>
    private static readonly TimeSpan GoodByeTimeout = TimeSpan.FromSeconds(2);

    private readonly IBrokerLink _link;
    private readonly BatchOutbox _outbox;
    private readonly DeviceStatus _status;
    private readonly WallClock _clock;
    private readonly TimeProvider _time;
    private readonly Random _random;
    private readonly ILogger _logger;
    private readonly Wakeup _wakeup = new();
    private readonly Subscriptions _subscriptions;
    private readonly Reports _reports;
    private readonly Allowances _allowances;
    private Window? _window;
    private ITimer? _again;
    private string? _lastSaid;
    private int _undealt;
    private int _passedOver;

    /// <param name="link">The broker.</param>
    /// <param name="outbox">What is to be published.</param>
    /// <param name="status">The device's birth, will and good-bye.</param>
    /// <param name="receive">Whoever deals with what arrives. When its task completes the broker is told; after an exception the message comes again in
    /// a later connection, so what will never be right has to be swallowed.</param>
    /// <param name="clock">Wall time.</param>
    /// <param name="time">The clock for all waits.</param>
    /// <param name="random">For the jitter.</param>
    /// <param name="logger">The journal.</param>
    public Publisher(
        IBrokerLink link, BatchOutbox outbox, DeviceStatus status, Func<IncomingMessage, Task> receive, WallClock clock, TimeProvider time, Random random, ILogger logger)
    {
        (_link, _outbox, _status, _clock, _time, _random, _logger) = (link, outbox, status, clock, time, random, logger);
        History = new BrokerHistory(time);
        _subscriptions = new Subscriptions(link, time, logger);
        _allowances = new Allowances(time);
        _reports = new Reports(time, _wakeup, _allowances);
        link.Received = message => DealWithAsync(receive, message);
        link.PassedOver = PassOver;
    }

    /// <summary>Beats whenever the loop comes round, at the latest after the longest wait between two attempts to connect.</summary>
    public Pulse Pulse { get; } = new("publishing", 3 * LongestRetry);

    /// <summary>True while the broker is connected.</summary>
    public bool IsConnected { get; private set; }

    /// <summary>Connections since the start.</summary>
    public long Connects { get; private set; }

    /// <summary>What the broker said last.</summary>
    public BrokerHistory History { get; }

    /// <summary>The subscriptions that the broker refuses now, in words.</summary>
    public IReadOnlyList<string> RefusedSubscriptions => _subscriptions.Refused;

    /// <summary>What shall be subscribed from now on, whether the broker is connected or not; nothing else.</summary>
    /// <param name="filters">What.</param>
    /// <param name="anew">True to subscribe what is subscribed once more, so that what the broker retains comes again.</param>
    public void SetSubscriptions(IReadOnlyCollection<string> filters, bool anew = false) => _subscriptions.Set(filters, anew);

    /// <summary>The latest value of a topic that the broker retains: published now if it has changed, at most once a second, and again after each connect.</summary>
    /// <param name="topic">Where.</param>
    /// <param name="contentType">A media type.</param>
    /// <param name="payload">What.</param>
    /// <param name="owner">The tenant whose bytes it takes; null for nobody's.</param>
    /// <param name="mayWait">True for one that is published every ten seconds at most, and waits for bytes and networks as records of low priority do.</param>
    public void SetReport(string topic, string contentType, ReadOnlyMemory<byte> payload, TenantId? owner = null, bool mayWait = false) =>
        _reports.Set(topic, contentType, payload, owner, mayWait);

    /// <summary>Has the broker forget what it retains of a topic.</summary>
    public void ClearReport(string topic) => _reports.Clear(topic);

    /// <summary>How a tenant wants its records published from now on.</summary>
    public void Configure(TenantId tenant, PublishingOptions options)
    {
        _allowances.Configure(tenant, options);
        _outbox.Reconsider();
    }

    public async Task RunAsync(CancellationToken stop)
    {
        var retry = new ResiliencePipelineBuilder { TimeProvider = _time }.AddRetry(new RetryStrategyOptions
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
        var context = ResilienceContextPool.Shared.Get(continueOnCapturedContext: true, stop);
        try
        {
            while (!stop.IsCancellationRequested)
            {
                await retry.ExecuteAsync(async attempt => await SessionAsync(attempt.CancellationToken), context);
                Pulse.Beat();
                // The broker is well or was a moment ago, so the waits start over.
                await Task.Delay(Wait(0), _time, stop);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    /// <summary>Exponential with full jitter, at the longest wait too, so that a fleet which lost its broker at one moment does not return at one moment.</summary>
    private TimeSpan Wait(int attempt)
    {
        var most = FirstRetry * Math.Pow(2, Math.Min(attempt + 1, 16));
        return FirstRetry / 4 + (most < LongestRetry ? most : LongestRetry) * _random.NextDouble();
    }

    /// <summary>One connection, from its beginning to its end. Returns if it was of use, throws if it was not.</summary>
    private async Task SessionAsync(CancellationToken stop)
    {
        Pulse.Beat();
        await _link.ConnectAsync(_status.Will(), stop);
        PublishingLog.Connected(_logger);
        _lastSaid = null;
        Connects++;
        _undealt = 0;
        if (Interlocked.Exchange(ref _passedOver, 0) > 0) _subscriptions.Renew();
        var window = _window = new Window(_link.ReceiveMaximum, _time, _wakeup);
        using var again = _again = _time.CreateTimer(
            _ => window.Fail(new BrokerException("messages could not be dealt with; connecting anew to get them again")), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _allowances.SetNetworkInterface(_link.NetworkInterface);
        _reports.Renew();
        var birth = _status.Birth();
        _reports.Set(birth.Topic, birth.ContentType, birth.Payload);
        IsConnected = true;
        _outbox.SetBrokerIsThere(true);
        _outbox.Reconsider();
        long begun = _time.GetTimestamp();
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var subscribing = KeepSubscribedAsync(window, ended.Token);
        try
        {
            await PumpAsync(window, stop);
        }
        finally
        {
            IsConnected = false;
            _outbox.SetBrokerIsThere(false);
            ended.Cancel();
            if (stop.IsCancellationRequested)
            {
                await window.WhenSettledAsync();
                await SayGoodByeAsync(window);
            }
            await _link.DisconnectAsync();
            await window.WhenSettledAsync();
            await subscribing;
        }
        var trouble = window.Trouble ?? new BrokerException(await _link.Lost);
        bool wasOfUse = window.Delivered > 0 || window.Trouble is null && _time.GetElapsedTime(begun) >= WellAfter;
        if (!wasOfUse) throw trouble;
        Report(trouble);
    }

    private async Task KeepSubscribedAsync(Window window, CancellationToken ended)
    {
        try
        {
            await _subscriptions.KeepAsync(ended);
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            window.Fail(e as BrokerException ?? new BrokerException($"subscribing failed: {e.Message}", e));
        }
    }

    /// <summary>What has changed last is told, then that the device goes: a will is for those who go without a word.</summary>
    private async Task SayGoodByeAsync(Window window)
    {
        if (_link.Lost.IsCompleted || window.Trouble is not null) return;
        using var limit = new CancellationTokenSource(GoodByeTimeout, _time);
        try
        {
            foreach (var report in _reports.Outstanding())
            {
                try
                {
                    await _link.PublishAsync(report, limit.Token);
                }
                catch (Exception e) when (e is PublicationRefusedException or PublicationTooLargeException)
                {
                    PublishingLog.Refused(_logger, e.Message);
                }
            }
            await _link.PublishAsync(_status.GoodBye(), limit.Token);
        }
        catch (Exception e) when (e is BrokerException or OperationCanceledException)
        {
            // Then the will says it.
        }
    }

    private async Task DealWithAsync(Func<IncomingMessage, Task> receive, IncomingMessage message)
    {
        try
        {
            await receive(message);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            PublishingLog.NotDealtWith(_logger, message.Topic, e.Message);
            CountUndealt(e.Message);
            throw;
        }
    }

    /// <summary>All that is passed over in one connection counts as one: whoever floods the device shall not keep it from doing anything else.</summary>
    private void PassOver(string topic)
    {
        if (Interlocked.Increment(ref _passedOver) > 1) return;
        PublishingLog.PassedOver(_logger, topic);
        CountUndealt("too many messages came at once");
    }

    private void CountUndealt(string why)
    {
        int undealt = Interlocked.Increment(ref _undealt);
        if (undealt == 1) _again?.Change(AgainAfter, Timeout.InfiniteTimeSpan);
        if (undealt >= MostUndealt)
            _window?.Fail(new BrokerException($"{MostUndealt} messages could not be dealt with, the last because: {why}; connecting anew to get them again"));
    }

    private void Report(Exception trouble)
    {
        History.AddTrouble(trouble as BrokerException ?? new BrokerException(trouble.Message, trouble));
        if (trouble.Message == _lastSaid) return;
        _lastSaid = trouble.Message;
        PublishingLog.BrokerTrouble(_logger, trouble.Message);
    }
}
