namespace EdgeAgent.Can.SocketCan;

/// <summary>How a CAN controller shall be set up; what is null stays as it is. All of it can change only while the interface is down.</summary>
public sealed record CanLinkSettings
{
    /// <summary>Bit rates that are taken, in bit/s: what CAN knows, nominal or of the data of CAN FD.</summary>
    public const int LowestBitRate = 1_000, HighestBitRate = 1_000_000, HighestDataBitRate = 20_000_000;

    /// <summary>Sample points that are taken, in thousandths of a bit.</summary>
    public const int EarliestSamplePoint = 500, LatestSamplePoint = 950;

    /// <summary>The longest time after which a controller restarts by itself.</summary>
    public static readonly TimeSpan LongestRestart = TimeSpan.FromMinutes(10);

    /// <summary>The nominal bit rate; a sample point of 0 leaves that to the kernel, which prefers what CiA recommends (87.5 % up to 500 kbit/s).</summary>
    public CanBitTiming? BitTiming { get; init; }

    /// <summary>The bit rate of the data of CAN FD; with it CAN FD is on, and the nominal one has to be there.</summary>
    public CanBitTiming? DataBitTiming { get; init; }

    /// <summary>How long after bus-off the controller returns by itself; zero for never.</summary>
    public TimeSpan? RestartAfter { get; init; }

    /// <summary>Which modes change.</summary>
    public CanControllerModes ModeMask { get; init; }

    /// <summary>What these become.</summary>
    public CanControllerModes Modes { get; init; }

    /// <summary>The same with one more mode that changes.</summary>
    public CanLinkSettings With(CanControllerModes mode, bool isOn) =>
        this with { ModeMask = ModeMask | mode, Modes = isOn ? Modes | mode : Modes & ~mode };

    /// <exception cref="ArgumentOutOfRangeException">A value that no bus has.</exception>
    internal void Check()
    {
        if (BitTiming is { } nominal) Check(nominal, HighestBitRate, nameof(BitTiming));
        if (DataBitTiming is { } data) Check(data, HighestDataBitRate, nameof(DataBitTiming));
        if (DataBitTiming is not null && BitTiming is null) throw new ArgumentOutOfRangeException(nameof(DataBitTiming), "A data bit rate needs the nominal one beside it.");
        if (RestartAfter is { } restart && (restart < TimeSpan.Zero || restart > LongestRestart)) throw new ArgumentOutOfRangeException(nameof(RestartAfter), restart, "Expected 0 to 10 minutes.");
    }

    private static void Check(in CanBitTiming timing, int highest, string name)
    {
        if (timing.BitRate < LowestBitRate || timing.BitRate > highest) throw new ArgumentOutOfRangeException(name, timing.BitRate, $"Expected {LowestBitRate} to {highest} bit/s.");
        if (timing.SamplePoint is not 0 and (< EarliestSamplePoint or > LatestSamplePoint))
            throw new ArgumentOutOfRangeException(name, timing.SamplePoint, $"Expected a sample point of {EarliestSamplePoint} to {LatestSamplePoint}, or 0.");
    }
}
