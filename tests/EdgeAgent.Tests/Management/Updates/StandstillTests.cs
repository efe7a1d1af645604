using EdgeAgent.Can;
using EdgeAgent.Capture;
using EdgeAgent.Management.Updates;
using EdgeAgent.Tests.Cli.Doctor;

namespace EdgeAgent.Tests.Management.Updates;

public sealed class StandstillTests
{
    private static readonly BusName Can0 = BusName.Parse("can0");

    /// <summary>What a bus says, and what is doubted.</summary>
    public static TheoryData<string, bool, bool, int?, string?, CanControllerState?, string?> Buses => new()
    {
        { "silent for long enough", true, true, 30, null, CanControllerState.ErrorActive, null },
        { "a virtual one, which has no controller", true, true, 31, null, null, null },
        { "silent, but not for long enough", true, true, 29, null, CanControllerState.ErrorActive, "silent for 29 s" },
        { "frames on it", true, true, null, null, CanControllerState.ErrorActive, "carries frames" },
        { "frames on it while the engine is off", true, true, null, "EngineOff", CanControllerState.ErrorActive, null },
        { "silent because it is off", true, true, 300, null, CanControllerState.BusOff, "says nothing" },
        { "silent because of another bit rate", true, true, 300, null, CanControllerState.ErrorPassive, "says nothing" },
        { "not open", true, false, null, null, null, "is not open" },
        { "an adapter, nothing charges", false, true, null, "Silent", null, null },
        { "an adapter, the alternator charges", false, true, null, "Asking", null, "the engine may run" },
        { "an adapter whose ECUs nobody asks", false, true, null, null, null, "the engine may run" },
    };

    [Theory]
    [MemberData(nameof(Buses))]
    public void A_vehicle_stands_if_its_bus_says_so(string what, bool hasFrames, bool isOpen, int? silent, string? poller, CanControllerState? controller, string? doubt)
    {
        var reading = new BusReading { Link = TestFacts.Link with { State = controller }, Silent = silent is { } seconds ? TimeSpan.FromSeconds(seconds) : null };
        string? found = Standstill.Doubt([new BusWitness(Can0, hasFrames, isOpen, reading, poller is null ? null : Enum.Parse<ObdPollerState>(poller))]);
        if (doubt is null) Assert.True(found is null, $"{what}: {found}");
        else Assert.Contains(doubt, found, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_bus_has_to_say_so_and_no_bus_says_nothing()
    {
        var silent = new BusWitness(Can0, true, true, new BusReading { Silent = TimeSpan.FromMinutes(1) }, null);
        Assert.Null(Standstill.Doubt([silent, silent]));
        Assert.NotNull(Standstill.Doubt([silent, silent with { Reading = new BusReading() }]));
        Assert.Contains("no bus", Standstill.Doubt([]), StringComparison.Ordinal);
        Assert.Contains("no bus", Standstill.Doubt(Standstill.Witnesses(null)), StringComparison.Ordinal);
    }
}
