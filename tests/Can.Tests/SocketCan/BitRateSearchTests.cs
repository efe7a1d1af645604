using EdgeAgent.Can.SocketCan;

namespace EdgeAgent.Can.Tests.SocketCan;

/// <summary>The search by the kernel's own code, on a controller whose hardware we are: what it hears depends on the bit rate that it is told.</summary>
[Trait("needs", "vcan")]
public sealed class BitRateSearchTests
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(0.5), Patience = TimeSpan.FromSeconds(20);

    private readonly List<BitRateTrial> _tried = [];

    public BitRateSearchTests()
    {
        if (!File.Exists("/sys/class/net/vcan0/ifindex") || !Directory.Exists("/sys/module/slcan")) Assert.Skip("no slcan here: run with tests/rig/with-vcan.sh");
    }

    [Theory]
    [InlineData(500_000, "S6", 1)]
    [InlineData(125_000, "S4", 3)]
    [InlineData(50_000, "S2", 8)]
    public void The_bit_rate_at_which_frames_come_is_found_and_nothing_is_sent(int bitRate, string setting, int tries)
    {
        using var controller = new SlcanController();
        using var traffic = new Traffic(controller, setting);
        var found = Search(controller);
        Assert.Equal((bitRate, true), (found!.BitRate, found.IsSure));
        Assert.Equal(tries, _tried.Count);
        // It opens the bus to listen ('L'), never to take part ('O'), and sends no frame ('t', 'T', 'r', 'R').
        Assert.DoesNotContain(controller.Written, letter => "OtTrR".Contains(letter, StringComparison.Ordinal));
        Assert.True(SpinWait.SpinUntil(() => controller.Written.EndsWith($"{setting};L;C;", StringComparison.Ordinal), Patience), controller.Written);
        if (tries > 1) Assert.All(_tried.Take(tries - 1).Where(trial => trial.Trouble is null), trial => Assert.Equal((0L, true), (trial.Frames, trial.Errors > 0)));
    }

    [Fact]
    public void The_interface_is_afterwards_as_it_was()
    {
        using var controller = new SlcanController();
        CanLinkControl.Configure(controller.Name, new CanLinkSettings { BitTiming = new CanBitTiming(250_000, 0) });
        CanLinkControl.SetUp(controller.Name, true);
        using var traffic = new Traffic(controller, "S8");
        Assert.Equal(1_000_000, Search(controller)!.BitRate);
        AssertAsBefore(controller);
    }

    [Fact]
    public void It_is_so_too_when_the_search_is_stopped_or_fails()
    {
        using var controller = new SlcanController();
        CanLinkControl.Configure(controller.Name, new CanLinkSettings { BitTiming = new CanBitTiming(250_000, 0) });
        CanLinkControl.SetUp(controller.Name, true);
        using var stop = new CancellationTokenSource();
        controller.OnCommand = command =>
        {
            if (command == "S4") stop.Cancel();
        };
        Assert.Throws<OperationCanceledException>(() => BitRateSearch.Run(controller.Name, [500_000, 125_000, 100_000], Window, _tried.Add, TimeProvider.System, stop.Token));
        Assert.Equal(500_000, Assert.Single(_tried).BitRate);
        AssertAsBefore(controller);
        Assert.Throws<InvalidOperationException>(() => BitRateSearch.Run(controller.Name, [500_000], Window, _ => throw new InvalidOperationException(), TimeProvider.System, CancellationToken.None));
        AssertAsBefore(controller);
    }

    [Fact]
    public void A_silent_bus_and_one_with_nothing_but_errors_have_none()
    {
        using var controller = new SlcanController();
        Assert.Null(BitRateSearch.Run(controller.Name, [500_000, 83_333], Window, _tried.Add, TimeProvider.System, CancellationToken.None));
        Assert.Equal([(500_000, 0L, 0L, false), (83_333, 0L, 0L, true)], _tried.Select(trial => (trial.BitRate, trial.Frames, trial.Errors, trial.Trouble is not null)));
        _tried.Clear();
        using var traffic = new Traffic(controller, "none of them");
        Assert.Null(BitRateSearch.Run(controller.Name, [500_000, 250_000], Window, _tried.Add, TimeProvider.System, CancellationToken.None));
        Assert.All(_tried, trial => Assert.True(trial.Errors > 0));
    }

    [Fact]
    public void A_quiet_bus_is_likely_and_not_sure()
    {
        using var controller = new SlcanController();
        using var traffic = new Traffic(controller, "S5", most: 2);
        var found = Search(controller);
        Assert.Equal((250_000, false), (found!.BitRate, found.IsSure));
        Assert.Equal(BitRateSearch.CommonRates.Count, _tried.Count);
    }

    [Fact]
    public void An_interface_without_a_controller_has_no_bit_rate()
    {
        var e = Assert.Throws<CanSourceException>(() => BitRateSearch.Run("vcan0", [500_000], Window, _tried.Add, TimeProvider.System, CancellationToken.None));
        Assert.StartsWith("vcan0 has no controller (vcan)", e.Message, StringComparison.Ordinal);
        Assert.True(CanLinkInfo.Read("vcan0").IsUp);
    }

    private BitRateTrial? Search(SlcanController controller) => BitRateSearch.Run(controller.Name, BitRateSearch.CommonRates, Window, _tried.Add, TimeProvider.System, TestContext.Current.CancellationToken);

    private static void AssertAsBefore(SlcanController controller)
    {
        var info = CanLinkInfo.Read(controller.Name);
        Assert.Equal((true, 250_000, false), (info.IsUp, info.BitTiming?.BitRate, info.IsListenOnly));
        Assert.True(SpinWait.SpinUntil(() => controller.Written.EndsWith("S5;O;", StringComparison.Ordinal), Patience), controller.Written);
    }

    /// <summary>A bus with traffic: at its bit rate the hardware hears frames, at others violations of stuffing, for as long as it listens.</summary>
    private sealed class Traffic : IDisposable
    {
        private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(10);

        private readonly Timer _timer;
        private volatile string? _heard;

        /// <param name="controller">The hardware.</param>
        /// <param name="setting">The driver's command for the bus's bit rate.</param>
        /// <param name="most">So many frames and no more.</param>
        public Traffic(SlcanController controller, string setting, int most = int.MaxValue)
        {
            string set = "";
            int said = 0;
            _timer = new Timer(_ =>
            {
                if (_heard is { } line && Interlocked.Increment(ref said) <= most) controller.Say(line);
            }, null, TimeSpan.Zero, Period);
            controller.OnCommand = command =>
            {
                if (command.StartsWith('S')) set = command;
                _heard = command is not "L" ? null : set == setting ? "t12321122" : most == int.MaxValue ? "e1s" : null;
            };
        }

        public void Dispose() => _timer.Dispose();
    }
}
