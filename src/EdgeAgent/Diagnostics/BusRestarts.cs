using EdgeAgent.Can;
using EdgeAgent.Capture;
using Microsoft.Extensions.Logging;

namespace EdgeAgent.Diagnostics;

/// <summary>
/// Restarts the controller of one bus after bus-off, if the configuration says so and it does not return by itself. Each time that it goes off again soon
/// the wait doubles: a node with a wrong bit rate disturbs all others with each attempt.
/// </summary>
internal sealed class BusRestarts(BusName bus, Action<string> restart, ILogger logger)
{
    /// <summary>The longest wait, unless the configured one is longer.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(5);

    /// <summary>A controller that stays on the bus for so long has recovered.</summary>
    public static readonly TimeSpan Recovered = TimeSpan.FromMinutes(1);

    private const int MostDoublings = 16;

    private TimeSpan? _offSince, _restartedAt;
    private int _attempts;
    private string? _lastTrouble;

    public void Observe(BusLook look, TimeSpan now)
    {
        bool isOff = look.Link is { State: CanControllerState.BusOff, RestartAfter: { } byItself } && byItself == TimeSpan.Zero;
        if (!isOff)
        {
            _offSince = null;
            if (now - _restartedAt >= Recovered) (_attempts, _restartedAt, _lastTrouble) = (0, null, null);
            return;
        }
        if (look.Policy.RestartAfter is not { } after) return;
        _offSince ??= now;
        if (now - _offSince < Wait(after)) return;
        (_offSince, _restartedAt) = (now, now);
        _attempts++;
        try
        {
            restart(look.Interface);
            DiagnosticsLog.ControllerRestarted(logger, bus, _attempts, Wait(after).TotalSeconds);
        }
        catch (CanSourceException e)
        {
            // The same trouble again and again is one entry in the journal.
            if (e.Message == _lastTrouble) return;
            _lastTrouble = e.Message;
            DiagnosticsLog.ControllerNotRestarted(logger, bus, e.Message);
        }
    }

    private TimeSpan Wait(TimeSpan after)
    {
        var longest = after > LongestWait ? after : LongestWait;
        var wait = after * Math.Pow(2, Math.Min(_attempts, MostDoublings));
        return wait < longest ? wait : longest;
    }
}
