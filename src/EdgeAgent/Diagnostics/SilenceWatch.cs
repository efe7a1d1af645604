using EdgeAgent.Capture;
using EdgeAgent.Management;
using EdgeAgent.Tenancy;
using Microsoft.Extensions.Logging;

namespace EdgeAgent.Diagnostics;

/// <summary>
/// Whether one bus carries frames at all, also such as no DBC file knows: by the interface's own counters. A bus that falls silent and wakes again
/// and again is told of each <see cref="BusWatch.ShortestDistance"/> at most.
/// </summary>
internal sealed class SilenceWatch(BusName bus, Action<Channel, ReadOnlyMemory<byte>> record, ILogger logger)
{
    private readonly Channel _silent = Channel.Event($"can/{bus}/silent"), _awake = Channel.Event($"can/{bus}/awake");
    private ulong? _frames;
    private TimeSpan _lastTraffic, _quiet;
    private TimeSpan? _toldAt;
    private bool _isSilent, _toldSilent;

    /// <returns>How long it has been silent; null while it is not, and while nothing is read from it.</returns>
    public TimeSpan? Observe(BusLook look, TimeSpan now)
    {
        if (!look.IsOpen || look.Link is not { } link)
        {
            _frames = null;
            return null;
        }
        ulong frames = link.Statistics.ReceivedFrames + link.Statistics.SentFrames;
        if (frames != _frames)
        {
            if (_isSilent) _quiet = now - _lastTraffic;
            (_frames, _lastTraffic) = (frames, now);
        }
        _isSilent = now - _lastTraffic >= look.Policy.SilentAfter;
        if (_isSilent) _quiet = now - _lastTraffic;
        if (_isSilent != _toldSilent && !(now - _toldAt < BusWatch.ShortestDistance)) Tell(now);
        return _isSilent ? _quiet : null;
    }

    private void Tell(TimeSpan now)
    {
        double seconds = Math.Round(_quiet.TotalSeconds, 1);
        (_toldSilent, _toldAt) = (_isSilent, now);
        record(_isSilent ? _silent : _awake, JsonMembers.Of(json =>
        {
            json.WriteString("bus"u8, bus.ToString());
            json.WriteNumber("silentSeconds"u8, seconds);
        }));
        if (_isSilent) DiagnosticsLog.BusFellSilent(logger, bus, seconds);
        else DiagnosticsLog.BusWoke(logger, bus, seconds);
    }
}
