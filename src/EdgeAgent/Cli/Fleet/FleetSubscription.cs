using EdgeAgent.Publishing;
using EdgeAgent.Tenancy;

namespace EdgeAgent.Cli.Fleet;

/// <summary>Keeps a roster supplied: connects, subscribes, and connects again whenever the broker goes away.</summary>
internal sealed class FleetSubscription
{
    /// <summary>The longest wait between two attempts to connect.</summary>
    public static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(1);

    private readonly IBrokerLink _link;
    private readonly TenantId _tenant;
    private readonly TimeProvider _time;
    private readonly Random _random;

    /// <param name="link">Not yet connected.</param>
    /// <param name="roster">Where everything that comes is entered.</param>
    /// <param name="time">The clock.</param>
    /// <param name="random">Jitter, so that many watchers do not return at one moment.</param>
    public FleetSubscription(IBrokerLink link, FleetRoster roster, TimeProvider time, Random random)
    {
        (_link, _tenant, _time, _random) = (link, roster.Tenant, time, random);
        _link.Received = message =>
        {
            roster.Take(message);
            return Task.CompletedTask;
        };
    }

    public bool IsConnected { get; private set; }

    /// <summary>Why there is no connection, for people; null while there is one.</summary>
    public string? Trouble { get; private set; }

    /// <summary>True if the broker does not tell who is connected.</summary>
    public bool StatusIsRefused { get; private set; }

    /// <summary>Connects once.</summary>
    /// <exception cref="BrokerException">The broker cannot be reached or refuses.</exception>
    public async Task ConnectAsync(CancellationToken stop)
    {
        await _link.ConnectAsync(will: null, stop);
        var refused = await _link.SubscribeAsync([.. Topics.OfFleet(_tenant), Topics.AllStatuses], stop);
        if (refused.FirstOrDefault(subscription => subscription.Filter != Topics.AllStatuses) is { } needed) throw new BrokerException(needed.Message);
        StatusIsRefused = refused.Count > 0;
        IsConnected = true;
        Trouble = null;
    }

    /// <summary>Connects and stays connected until it is told to stop, which is no error.</summary>
    /// <param name="told">Is told each time when the connection is there, with null, or is not, with the reason.</param>
    /// <param name="stop">Ends it.</param>
    public async Task RunAsync(Action<string?> told, CancellationToken stop)
    {
        int attempt = 0;
        try
        {
            while (true)
            {
                long begun = _time.GetTimestamp();
                try
                {
                    if (!IsConnected) await ConnectAsync(stop);
                    told(null);
                    Trouble = await _link.Lost.WaitAsync(stop);
                }
                catch (BrokerException e)
                {
                    Trouble = e.Message;
                }
                IsConnected = false;
                told(Trouble);
                // It may be connected but of no use, if the subscription was refused.
                await _link.DisconnectAsync();
                if (_time.GetElapsedTime(begun) > LongestRetry) attempt = 0;
                await Task.Delay(Wait(attempt++), _time, stop);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
        }
    }

    /// <summary>Exponential with full jitter.</summary>
    private TimeSpan Wait(int attempt)
    {
        var most = FirstRetry * Math.Pow(2, Math.Min(attempt, 8));
        return FirstRetry / 4 + (most < LongestRetry ? most : LongestRetry) * _random.NextDouble();
    }
}
