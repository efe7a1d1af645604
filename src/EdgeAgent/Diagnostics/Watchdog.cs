using System.Globalization;
using EdgeAgent.Capture;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Systemd;
using Microsoft.Extensions.Logging;

namespace EdgeAgent.Diagnostics;

/// <summary>
/// The service manager's watchdog (sd_notify(3), WATCHDOG=1): it gets its heartbeat only while every loop of the agent comes round. An agent of which
/// one loop hangs is so ended and started anew, as is one that hangs as a whole.
/// </summary>
/// <remarks>
/// How long a loop was silent is counted in looks and not read from a clock: a device that slept for an hour, or had no time for the agent, had none
/// for the looks either.
/// </remarks>
/// <param name="pulses">The loops that have to go on at the moment.</param>
/// <param name="timeout">How long the service manager waits for a heartbeat; it gets four in that time.</param>
/// <param name="notifier">The service manager; null if it wants no heartbeat.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">The journal.</param>
internal sealed class Watchdog(Func<IEnumerable<Pulse>> pulses, TimeSpan timeout, ISystemdNotifier? notifier, TimeProvider time, ILogger logger) : BackgroundService
{
    private static readonly ServiceState Heartbeat = new("WATCHDOG=1");

    /// <summary>Where nobody asks for a heartbeat.</summary>
    public static readonly TimeSpan UsualTimeout = TimeSpan.FromSeconds(60);

    private readonly TimeSpan _interval = timeout / 4;
    private Dictionary<Pulse, Seen> _seen = [];

    /// <summary>Which loops hang, for people; null while none does. Any thread.</summary>
    public string? Trouble { get; private set; }

    /// <summary>What the service manager has asked for, if it was this process that it asked (sd_watchdog_enabled(3)); null for no heartbeat.</summary>
    /// <param name="variable">Reads an environment variable.</param>
    /// <param name="processId">Of this process.</param>
    public static TimeSpan? Timeout(Func<string, string?> variable, int processId) =>
        long.TryParse(variable("WATCHDOG_USEC"), NumberStyles.None, CultureInfo.InvariantCulture, out long microseconds) && microseconds is > 0 and <= uint.MaxValue * 1000L
        && (variable("WATCHDOG_PID") is not { Length: > 0 } asked || asked == processId.ToString(CultureInfo.InvariantCulture))
            ? TimeSpan.FromMicroseconds(microseconds)
            : null;

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        HostedLoop.RunAsync("watchdog", () => Periodic.RunAsync(_interval, time, Look, stoppingToken), logger);

    /// <summary>Once in each quarter of the time.</summary>
    internal void Look()
    {
        List<string> stalled = [];
        var now = new Dictionary<Pulse, Seen>();
        foreach (var pulse in pulses())
        {
            var seen = _seen.GetValueOrDefault(pulse, new Seen(-1, 0, IsStalled: false));
            long beats = pulse.Beats;
            if (beats != seen.Beats)
            {
                if (seen.IsStalled) DiagnosticsLog.LoopMovesAgain(logger, pulse.Name);
                now[pulse] = new Seen(beats, 0, IsStalled: false);
                continue;
            }
            int silent = seen.SilentLooks + 1;
            bool isStalled = silent * _interval > pulse.LongestSilence;
            if (isStalled && !seen.IsStalled) DiagnosticsLog.LoopStalled(logger, pulse.Name, (silent * _interval).TotalSeconds);
            now[pulse] = new Seen(beats, silent, isStalled);
            if (isStalled) stalled.Add(pulse.Name);
        }
        // Loops that have ended, those of an earlier pipeline for instance, are forgotten.
        _seen = now;
        Trouble = stalled.Count == 0 ? null : $"these loops do not move: {string.Join(", ", stalled)}";
        if (stalled.Count == 0) notifier?.Notify(Heartbeat);
    }

    private readonly record struct Seen(long Beats, int SilentLooks, bool IsStalled);
}
