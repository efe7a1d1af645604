using EdgeAgent.Can;
using EdgeAgent.Obd;
using EdgeAgent.Simulation;

namespace EdgeAgent.Tests.Simulation;

/// <summary>What an ECU answers, by the tables of SAE J1979 and ISO 14229-1.</summary>
public sealed class SimulatedEcuTests
{
    private const string Vin = "WEA22Z0SXMV000001";

    internal static readonly EcuDescription Engine = new()
    {
        Name = "engine",
        Kind = EcuKind.Engine,
        Id = CanId.Standard(0x7E8),
        Vin = Vin,
        Stored = Codes("P0301", "P0420"),
        Pending = Codes("P0171", "P0420"),
        Permanent = Codes("U0100"),
        Identifiers = new Dictionary<ushort, byte[]> { [0xD001] = [1, 2, 3] },
    };

    internal static readonly VehicleState Standing = new SimulatedVehicle([new DriveLeg(DrivePhase.Idle, TimeSpan.FromSeconds(10))]).At(TimeSpan.FromSeconds(60));

    private static readonly VehicleState Driving = new SimulatedVehicle([new DriveLeg(DrivePhase.Motorway, TimeSpan.FromSeconds(10))]).At(TimeSpan.FromSeconds(60));

    private readonly SimulatedEcu _ecu = new(Engine);
    private TimeSpan _now;

    [Theory]
    [InlineData("0100", "4100BE3FA813")]
    [InlineData("0120", "41208003A001")]
    [InlineData("0140", "41407C808015")]
    [InlineData("0160", "416000000001")]
    [InlineData("01A0", "41A004000000")]
    [InlineData("01C0", "7F0112")]
    [InlineData("0101", "41018207E500")]
    [InlineData("010D", "410D00")]
    [InlineData("0C", "7F0C11")]
    [InlineData("01", "7F0113")]
    [InlineData("010D0D0D0D0D0D0D", "7F0113")]
    [InlineData("01FE", "7F0112")]
    [InlineData("010D511C", "410D0051011C06")]
    [InlineData("010DFE51", "410D005101")] // what it has not got is left out
    [InlineData("020200", "4202000301")]
    [InlineData("020D00", "420D0000")]
    [InlineData("020D01", "7F0212")]
    [InlineData("020D", "7F0213")]
    [InlineData("03", "430203010420")]
    [InlineData("07", "470201710420")]
    [InlineData("0A", "4A01C100")]
    [InlineData("0301", "7F0313")]
    [InlineData("05", "7F0511")]
    [InlineData("0600", "460080000001")]
    [InlineData("060020", "4600800000012080000001")]
    [InlineData("0601", "4601010A0E100BB81770010510004800000064")]
    [InlineData("0602", "7F0612")]
    [InlineData("08", "7F0811")]
    [InlineData("0900", "490055400000")]
    [InlineData("0902", "490201" + "57454132325A3053584D56303030303031")]
    [InlineData("09FF", "7F0912")]
    [InlineData("1003", "5003003201F4")]
    [InlineData("1002", "7F1022")] // the engine runs
    [InlineData("1004", "7F1012")]
    [InlineData("10", "7F1013")]
    [InlineData("1101", "7F1122")]
    [InlineData("14FFFFFF", "54")]
    [InlineData("14FFFF", "7F1413")]
    [InlineData("14012345", "7F1431")]
    [InlineData("190108", "59018D010002")]
    [InlineData("190208", "59028D" + "03010089" + "0420008D")]
    [InlineData("190204", "59028D" + "0420008D" + "01710005")]
    [InlineData("190200", "59028D")]
    [InlineData("190A", "590A8D" + "03010089" + "0420008D" + "01710005")]
    [InlineData("1906", "7F1912")]
    [InlineData("1902", "7F1913")]
    [InlineData("22F190", "62F190" + "57454132325A3053584D56303030303031")]
    [InlineData("22D001F186", "62D001010203F18601")]
    [InlineData("22F40D", "62F40D00")]
    [InlineData("22FFFF", "7F2231")]
    [InlineData("22F1", "7F2213")]
    [InlineData("2701", "7F277F")]
    [InlineData("2EF19000", "7F2E7F")]
    [InlineData("3101FF00", "7F317F")]
    [InlineData("34", "7F347F")]
    [InlineData("3E00", "7E00")]
    [InlineData("3E80", null)]
    [InlineData("3E01", "7F3E12")]
    [InlineData("83", "7F8311")]
    public void A_request_to_it_alone_is_answered(string request, string? answer) => Assert.Equal(answer, Ask(request));

    [Theory]
    [InlineData("0C")]
    [InlineData("01FE")]
    [InlineData("05")]
    [InlineData("22FFFF")]
    [InlineData("1906")]
    public void What_all_are_asked_it_does_not_refuse_when_it_has_not_got_it(string request) => Assert.Null(Ask(request, isFunctional: true));

    [Fact]
    public void Codes_are_cleared_while_the_vehicle_stands_and_permanent_ones_never()
    {
        Assert.Equal("7F0422", Convert.ToHexString(_ecu.Answer([0x04], true, Driving, _now)!));
        Assert.Equal("430203010420", Ask("03"));
        Assert.Equal("44", Ask("04"));
        Assert.Equal(("4300", "4700", "4A01C100", "59028D"), (Ask("03"), Ask("07"), Ask("0A"), Ask("1902FF")));
        // Indicator off, no codes, and the monitors have to run again; nothing is left of the freeze frame and the results.
        Assert.Equal("41010007E5E5", Ask("0101"));
        Assert.Equal(("7F0212", "4202000000"), (Ask("020D00"), Ask("020200")));
        Assert.Equal("4601010A000000000000010510000000000000", Ask("0601"));
    }

    [Fact]
    public void A_session_ends_when_the_tester_has_been_silent_for_too_long()
    {
        Assert.Equal("5003003201F4", Ask("1003"));
        _now += TimeSpan.FromSeconds(4);
        Assert.Equal("7E00", Ask("3E00"));
        _now += TimeSpan.FromSeconds(4);
        Assert.Equal("62F18603", Ask("22F186"));
        Assert.Equal("7F2E33", Ask("2EF19000"));
        _now += TimeSpan.FromSeconds(5.1);
        Assert.Equal("62F18601", Ask("22F186"));
    }

    [Fact]
    public void Nobody_has_the_key()
    {
        Ask("1003");
        Assert.Equal("7F2724", Ask("270200000000"));
        foreach (string refusal in (string[])["7F2735", "7F2735", "7F2736"])
        {
            Assert.StartsWith("6701", Ask("2701"));
            Assert.Equal(refusal, Ask("270200000000"));
        }
    }

    [Fact]
    public void All_that_it_says_it_has_is_there_and_decodes_to_what_the_vehicle_does()
    {
        foreach (byte pid in LiveData.SupportedBy(EcuKind.Engine))
        {
            byte[] answer = _ecu.Answer([0x01, pid], false, Driving, _now)!;
            Assert.Equal([0x41, pid], answer[..2]);
            // Banks 3 and 4 are in the answer only if the engine has them (SAE J1979, PIDs 06-09).
            var parameters = (ObdPids.Find(pid)?.Parameters ?? []).Where(parameter => parameter.Name is not ("ShortTermFuelTrim3" or "LongTermFuelTrim3" or "ShortTermFuelTrim4" or "LongTermFuelTrim4"));
            foreach (var parameter in parameters) Assert.True(parameter.TryDecode(answer.AsSpan(2), out _), parameter.Name);
        }
        (byte Pid, double Expected, double Tolerance)[] values =
        [
            (0x04, Driving.EngineLoad, 0.2), (0x05, Driving.CoolantTemperature, 0.5), (0x0C, Driving.EngineSpeed, 0.13), (0x0D, Driving.Speed, 0.5), (0x10, Driving.AirFlow, 0.005),
            (0x2F, Driving.FuelLevel, 0.2), (0x42, Driving.Voltage, 0.0005), (0x5E, Driving.FuelRate, 0.025), (0xA6, Driving.Odometer, 0.05),
        ];
        foreach (var (pid, expected, tolerance) in values)
        {
            Assert.True(ObdPids.Find(pid)!.Parameters[0].TryDecode(_ecu.Answer([0x01, pid], false, Driving, _now).AsSpan(2), out double value));
            Assert.Equal(expected, value, tolerance);
        }
    }

    private static DiagnosticTroubleCode[] Codes(params string[] texts) =>
        [.. texts.Select(text => DiagnosticTroubleCode.TryParse(text, out var code) ? code : throw new FormatException(text))];

    private string? Ask(string request, bool isFunctional = false) =>
        _ecu.Answer(Convert.FromHexString(request), isFunctional, Standing, _now) is { } answer ? Convert.ToHexString(answer) : null;
}
