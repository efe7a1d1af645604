using EdgeAgent.Can;
using EdgeAgent.Obd;
using Microsoft.Extensions.Logging;

namespace EdgeAgent.Capture;

/// <summary>What a poller is doing.</summary>
internal enum ObdPollerState
{
    /// <summary>It listens: nothing has been heard yet, or the source is not open.</summary>
    Listening,

    /// <summary>It asks.</summary>
    Asking,

    /// <summary>The bus is silent.</summary>
    Silent,

    /// <summary>The engine is off.</summary>
    EngineOff,

    /// <summary>Another tester is asking.</summary>
    Yielding,

    /// <summary>The bus cannot be used.</summary>
    Troubled,
}

/// <summary>
/// Asks the ECUs of an open source for what its plan says, and nothing else. A parked vehicle is left alone: it asks only while the bus carries
/// frames that are neither its own nor answers to it, and while no other tester asks. Its loop ends only when it is told to.
/// </summary>
internal sealed partial class ObdPoller(
    BusName bus, ObdPollPlan plan, int[] signals, Func<long?> opening, SampleRing ring, CaptureWindow window, WallClock clock, TimeProvider time, ILogger logger)
{
    /// <summary>A bus without a frame for this long is left alone.</summary>
    public static readonly TimeSpan SilentAfter = TimeSpan.FromSeconds(2);

    /// <summary>How often it looks whether something has changed.</summary>
    public static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(250);

    /// <summary>How often it listens while it asks: often enough to notice, and seldom enough to cost nothing.</summary>
    private static readonly TimeSpan ListenInterval = TimeSpan.FromMilliseconds(50);

    private static readonly TimeSpan TroubleInterval = TimeSpan.FromSeconds(5), ShortestWait = TimeSpan.FromMilliseconds(1);

    private readonly ObdSchedule _schedule = new([.. plan.Queries, .. plan.Vin is { } vin ? new ObdQuery[] { vin } : [], .. EngineQueries(plan)], plan.Manners, query => query.SignalsOf(bus).Count);
    private readonly List<UnderWay> _underWay = [];
    private readonly long _begun = time.GetTimestamp();
    private long _opening = -1;
    private TimeSpan _lastTraffic, _lastTester;
    private bool _isAwake, _saidSilent, _isYielding;
    private volatile ObdPollerState _state;
    private string? _lastTrouble;

    public BusName Bus => bus;

    /// <summary>The vehicle's identification number as it was read last; null if it never was.</summary>
    public string? Vin => plan.Vin?.Vin;

    /// <summary>How long it makes way for another tester.</summary>
    public TimeSpan YieldFor => plan.Manners.YieldFor;

    /// <summary>What it is doing.</summary>
    public ObdPollerState State => _state;

    /// <summary>The same in a word, such as <c>engine-off</c>.</summary>
    public string StateName => _state == ObdPollerState.EngineOff ? "engine-off" : _state.ToString().ToLowerInvariant();

    /// <summary>Beats whenever it looks whether something has changed; a request to all may take some seconds.</summary>
    public Pulse Pulse { get; } = new($"OBD of {bus}", TimeSpan.FromSeconds(60));

    private TimeSpan Now => time.GetElapsedTime(_begun);

    /// <summary>False while the vehicle, or its bus, is somebody else's.</summary>
    private bool MayAsk => _isAwake && !_isYielding && !_engineIsOff;

    public async Task RunAsync(CancellationToken stop)
    {
        try
        {
            await window.Begun.WaitAsync(stop);
            while (true)
            {
                Pulse.Beat();
                if (opening() is not { } current)
                {
                    _state = ObdPollerState.Listening;
                    await Task.Delay(LookInterval, time, stop);
                    continue;
                }
                if (current != _opening) Begin(current);
                try
                {
                    await PollAsync(current, stop);
                }
                catch (Exception e) when (e is CanSourceException or ObdException)
                {
                    _state = ObdPollerState.Troubled;
                    _rates = null;
                    BeginRates(Now);
                    Report(e);
                    // The mode of an interface can change only while it is down.
                    if (e is CanSourceException { Fault: CanSourceFault.ListenOnly }) await WhileAsync(() => opening() == current, stop);
                    else await Task.Delay(TroubleInterval, time, stop);
                }
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
        }
    }

    private void Begin(long current)
    {
        _opening = current;
        _lastTrouble = null;
        _isAwake = false;
        _saidSilent = false;
        _isYielding = false;
        _lastTraffic = Now;
        BeginTrip(Now);
    }

    /// <summary>An ECU that slept may know what it did not know before, and the vehicle may be another one.</summary>
    private void BeginTrip(TimeSpan now)
    {
        _schedule.Restart(now);
        ForgetEngine();
        BeginRates(now);
    }

    private async Task PollAsync(long current, CancellationToken stop)
    {
        using var traffic = plan.OpenTraffic();
        using var testers = plan.OpenTesters?.Invoke();
        var listenAt = Now;
        try
        {
            while (opening() == current)
            {
                Pulse.Beat();
                if (Now >= listenAt)
                {
                    listenAt = Now + ListenInterval;
                    Listen(traffic);
                    if (testers is not null) Yield(testers);
                }
                if (await TakeEndedAsync()) continue;
                var now = Now;
                NoteRates(now);
                _state = StateNow();
                if (_isAwake && !_isYielding && _engineIsOff) await LookForEngineAsync(now, stop);
                while (MayAsk && _schedule.Start(Now) is { } ask) Ask(ask, stop);
                if (!_underWay.Exists(each => each.Answers.IsCompleted)) await WaitAsync(stop);
            }
        }
        finally
        {
            foreach (var each in _underWay) await ((Task)each.Answers).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // one told already what is wrong
            _underWay.Clear();
            _schedule.Abandon();
        }
    }

    private ObdPollerState StateNow() =>
        !_isAwake ? _saidSilent ? ObdPollerState.Silent : ObdPollerState.Listening
        : _isYielding ? ObdPollerState.Yielding
        : _engineIsOff ? ObdPollerState.EngineOff : ObdPollerState.Asking;

    private void Listen(IBusTraffic traffic)
    {
        var now = Now;
        if (traffic.WasSeen())
        {
            _lastTraffic = now;
            if (_isAwake) return;
            _isAwake = true;
            if (!_saidSilent) return;
            _saidSilent = false;
            BeginTrip(now);
            CaptureLog.BusIsAskedAgain(logger, bus);
        }
        else if (now - _lastTraffic >= SilentAfter && !_saidSilent)
        {
            _isAwake = false;
            _saidSilent = true;
            CaptureLog.BusIsSilent(logger, bus);
        }
    }

    private void Yield(IBusTraffic testers)
    {
        var now = Now;
        if (testers.WasSeen())
        {
            _lastTester = now;
            if (_isYielding) return;
            _isYielding = true;
            Volatile.Write(ref _testersSeen, _testersSeen + 1);
            CaptureLog.AnotherTesterAsks(logger, bus, plan.Manners.YieldFor.TotalSeconds);
        }
        else if (_isYielding && now - _lastTester >= plan.Manners.YieldFor)
        {
            _isYielding = false;
        }
    }

    /// <summary>Until something under way has ended, something may be sent, or it is time to look.</summary>
    private async Task WaitAsync(CancellationToken stop)
    {
        var now = Now;
        var wait = LookInterval;
        if (MayAsk)
        {
            var next = _schedule.NextStart(now);
            // What is under way ends soon enough.
            if (next == TimeSpan.MaxValue && _underWay.Count > 0)
            {
                await Task.WhenAny(_underWay.Select(each => each.Answers));
                return;
            }
            if (next - now < wait) wait = next - now > ShortestWait ? next - now : ShortestWait;
        }
        if (_underWay.Count == 0)
        {
            await Task.Delay(wait, time, stop);
            return;
        }
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stop);
        await Task.WhenAny([.. _underWay.Select(each => each.Answers), Task.Delay(wait, time, ended.Token)]);
        await ended.CancelAsync();
        stop.ThrowIfCancellationRequested();
    }

    private async Task WhileAsync(Func<bool> condition, CancellationToken stop)
    {
        while (condition())
        {
            Pulse.Beat();
            await Task.Delay(LookInterval, time, stop);
        }
    }

    private void Report(Exception trouble)
    {
        // The same trouble again and again is one entry in the journal.
        if (trouble.Message == _lastTrouble) return;
        _lastTrouble = trouble.Message;
        CaptureLog.EcusCannotBeAsked(logger, bus, trouble.Message);
    }

    private sealed record UnderWay(ObdAsk Ask, Task<IReadOnlyList<ObdAnswer>> Answers);
}
