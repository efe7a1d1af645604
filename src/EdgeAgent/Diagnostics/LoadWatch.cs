using EdgeAgent.Can;

namespace EdgeAgent.Diagnostics;

/// <summary>The load of one bus over the last seconds.</summary>
internal sealed class LoadWatch
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(5);

    private BusBits? _bits;
    private TimeSpan _at;
    private double? _load;

    public double? Observe(BusLook look, TimeSpan now)
    {
        if (look.Link is not { BitTiming: { } timing } link || BusTraffic.Of(link) is not { } bits)
        {
            (_bits, _load) = (null, null);
            return null;
        }
        if (_bits is { } before && now - _at < Window && bits.Nominal >= before.Nominal) return _load;
        if (_bits is { } then) _load = LoadBetween(then, bits, timing.BitRate, link.DataBitTiming?.BitRate ?? 0, now - _at);
        (_bits, _at) = (bits, now);
        return _load;
    }

    /// <summary>Null if the counters began anew.</summary>
    public static double? LoadBetween(BusBits before, BusBits now, long bitRate, long dataBitRate, TimeSpan elapsed) =>
        elapsed > TimeSpan.Zero && now.Nominal >= before.Nominal && now.Data >= before.Data && bitRate is > 0 and <= int.MaxValue
            ? Math.Min(1, (now - before).LoadOf((int)bitRate, (int)dataBitRate, elapsed)) : null;
}
