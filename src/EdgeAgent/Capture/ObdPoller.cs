using EdgeAgent.Can;
using EdgeAgent.Can.Dbc;
using EdgeAgent.Obd;
using Microsoft.Extensions.Logging;

namespace EdgeAgent.Capture;

/// <summary>
/// Asks the ECUs of an open source for what its plan says, and nothing else: service 01 reads and changes nothing. A parked vehicle is left
/// alone: it asks only while the bus carries frames that are neither its own nor answers to it. Its loop ends only when it is told to.
/// </summary>
internal sealed class ObdPoller(
    BusName bus, ObdPollPlan plan, int[] signals, Func<long?> opening, SampleRing ring, CaptureWindow window, WallClock clock, TimeProvider time, ILogger logger)
{
    /// <summary>A bus without a frame for this long is left alone.</summary>
    public static readonly TimeSpan SilentAfter = TimeSpan.FromSeconds(2);

    /// <summary>How often it looks whether something has changed.</summary>
    public static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(250);

    private static readonly TimeSpan TroubleInterval = TimeSpan.FromSeconds(5);

    private readonly ObdSchedule _schedule = new(plan.Polls);
    private readonly SignalValue[] _values = new SignalValue[Math.Max(1, plan.Polls.Max(poll => poll.Pid.Parameters.Count))];
    private readonly long _begun = time.GetTimestamp();
    private long _opening = -1, _requests, _samples, _refusedSamples;
    private TimeSpan _lastTraffic;
    private bool _isAwake, _saidSilent;
    private string? _lastTrouble;

    public BusName Bus => bus;

    /// <summary>Beats whenever it looks whether something has changed; a request to all may take some seconds.</summary>
    public Pulse Pulse { get; } = new($"OBD of {bus}", TimeSpan.FromSeconds(60));

    /// <summary>Requests sent.</summary>
    public long Requests => Volatile.Read(ref _requests);

    /// <summary>Samples accepted into the ring.</summary>
    public long Samples => Volatile.Read(ref _samples);

    /// <summary>Samples that found the ring full.</summary>
    public long RefusedSamples => Volatile.Read(ref _refusedSamples);

    private TimeSpan Now => time.GetElapsedTime(_begun);

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
        _lastTraffic = Now;
        _schedule.Restart(Now);
    }

    private async Task PollAsync(long current, CancellationToken stop)
    {
        using var traffic = plan.OpenTraffic();
        while (opening() == current)
        {
            Pulse.Beat();
            Listen(traffic);
            var now = Now;
            if (_isAwake && _schedule.Next(now) is { } due)
            {
                await AskAsync(due, stop);
                continue;
            }
            var wait = _isAwake ? _schedule.NextDue - now : LookInterval;
            await Task.Delay(wait < LookInterval ? wait : LookInterval, time, stop);
        }
    }

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
            // An ECU that slept with the bus may know what it did not know before.
            _schedule.Restart(now);
            CaptureLog.BusIsAskedAgain(logger, bus);
        }
        else if (now - _lastTraffic >= SilentAfter && !_saidSilent)
        {
            _isAwake = false;
            _saidSilent = true;
            CaptureLog.BusIsSilent(logger, bus);
        }
    }

    private async Task AskAsync(ObdSchedule.Entry due, CancellationToken stop)
    {
        Volatile.Write(ref _requests, _requests + 1);
        var answers = await plan.Link.RequestAsync(due.Ecu, due.Request, stop);
        long timeNs = clock.NowNs();
        foreach (var answer in answers)
        {
            int count = Decode(due, answer);
            if (count == 0) continue;
            if (window.Contains(timeNs)) Accept(timeNs, count);
            _schedule.Answered(due, answer.Ecu, Now);
            return;
        }
        if (due.Unanswered(Now)) CaptureLog.PidIsUnsupported(logger, bus, due.Poll.Pid.ToString(), due.Poll.Pid.Parameters[0].Name);
    }

    private int Decode(ObdSchedule.Entry entry, in ObdAnswer answer)
    {
        if (!answer.IsPositive || answer.Message.Length < 2 || answer.Message.Span[1] != entry.Poll.Pid.Pid) return 0;
        var data = answer.Message.Span[2..];
        int count = 0;
        for (int i = 0; i < entry.Poll.Pid.Parameters.Count; i++)
        {
            if (entry.Poll.Pid.Parameters[i].TryDecode(data, out double value)) _values[count++] = new SignalValue(entry.FirstSlot + i, 0, value);
        }
        return count;
    }

    private void Accept(long timeNs, int count)
    {
        if (ring.TryAccept(timeNs, signals, _values.AsSpan(0, count))) Volatile.Write(ref _samples, _samples + count);
        else Volatile.Write(ref _refusedSamples, _refusedSamples + count);
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
}
