using System.Text.Json.Nodes;
using EdgeAgent.Management.Commands;
using EdgeAgent.Obd;
using EdgeAgent.Tests.Capture;

namespace EdgeAgent.Tests.Management.Commands;

public sealed class ObdOperationsTests
{
    private readonly FakeVehicle _vehicle = new(TimeProvider.System);
    private readonly ObdOperations _operations;

    public ObdOperationsTests() => _operations = new ObdOperations(bus => bus == "can0" ? _vehicle : null);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Trouble_codes_of_all_kinds_and_ecus_are_one_result()
    {
        _vehicle.Answers["03"] = [(FakeVehicle.Engine, "430203010420"), (FakeVehicle.Transmission, "4300")];
        _vehicle.Answers["07"] = [(FakeVehicle.Engine, "4700")];
        _vehicle.Answers["0A"] = [(FakeVehicle.Transmission, "7F0A11")];
        AssertJson(
            """{"bus":"can0","ecus":[{"ecu":"7E8","stored":["P0301","P0420"],"pending":[]},{"ecu":"7E9","stored":[],"trouble":{"permanent":"serviceNotSupported (11)"}}]}""",
            await _operations.DtcReadAsync("can0", Stop));
    }

    [Fact]
    public async Task Codes_are_cleared_in_a_vehicle_that_stands()
    {
        _vehicle.Answers["010D"] = [(FakeVehicle.Engine, "410D00")];
        _vehicle.Answers["04"] = [(FakeVehicle.Engine, "44"), (FakeVehicle.Transmission, "7F0422")];
        AssertJson(
            """{"bus":"can0","ecus":[{"ecu":"7E8","cleared":true},{"ecu":"7E9","cleared":false,"trouble":"conditionsNotCorrect (22)"}]}""",
            await _operations.DtcClearAsync("can0", Stop));
    }

    [Fact]
    public async Task Codes_are_cleared_where_no_ecu_says_how_fast_the_vehicle_is()
    {
        _vehicle.Answers["010D"] = [(FakeVehicle.Engine, "7F0112")];
        _vehicle.Answers["04"] = [(FakeVehicle.Engine, "44")];
        Assert.True((bool)(await _operations.DtcClearAsync("can0", Stop))["ecus"]![0]!["cleared"]!);
    }

    [Fact]
    public async Task Codes_are_not_cleared_while_any_ecu_says_that_the_vehicle_moves()
    {
        _vehicle.Answers["010D"] = [(FakeVehicle.Engine, "410D00"), (FakeVehicle.Transmission, "410D01")];
        _vehicle.Answers["04"] = [(FakeVehicle.Engine, "44")];
        var e = await Assert.ThrowsAsync<ObdException>(() => _operations.DtcClearAsync("can0", Stop));
        Assert.Equal(ObdFault.VehicleMoves, e.Fault);
        Assert.Equal("can0: trouble codes are not cleared while the vehicle moves (1 km/h)", e.Message);
        Assert.DoesNotContain(_vehicle.Requests, request => request.Request == "04");
    }

    [Theory]
    [InlineData("01", "0C", "010C", "410C1AF8", """{"data":"1AF8","values":[{"name":"EngineSpeed","value":1726,"unit":"rpm"}]}""")]
    [InlineData("01", "00", "0100", "4100BE3EA813", """{"data":"BE3EA813","supported":["01","03","04","05","06","07","0B","0C","0D","0E","0F","11","13","15","1C","1F","20"]}""")]
    [InlineData("01", "02", "0102", "41020301", """{"data":"0301","values":[{"name":"DTCFreezeFrame","value":769}],"codes":["P0301"]}""")]
    [InlineData("01", "51", "0151", "415104", """{"data":"04","values":[{"name":"FuelType","value":4,"text":"diesel"}]}""")]
    [InlineData("01", "1E", "011E", "411E01", """{"data":"01","flags":["PowerTakeOffIsActive"]}""")]
    [InlineData("01", "67", "0167", "4167027B50", """{"data":"027B50","values":[{"name":"CoolantTemperatureSensor2","value":40,"unit":"°C"}]}""")]
    [InlineData("01", "41", "0141", "414100040000", """{"data":"00040000","ignition":"spark","ready":true,"monitors":[{"name":"components","complete":true}]}""")]
    [InlineData("06", "01", "0601", "4601010A0BB00BB00BAF", """{"data":"010A0BB00BB00BAF","results":[{"monitor":"01","test":"01","monitorName":"oxygen sensor, bank 1, sensor 1","testName":"threshold from rich to lean","value":365.024,"minimum":365.024,"maximum":364.902,"unit":"mV","passed":false}]}""")]
    [InlineData("09", "06", "0906", "49060112345678", """{"data":"0112345678","items":["12345678"]}""")]
    [InlineData("09", "08", "0908", "49080200100020", """{"data":"0200100020","counters":{"OBDCOND":16,"IGNCNTR":32}}""")]
    [InlineData("02", "0D", "020D00", "420D0032", """{"data":"32","values":[{"name":"Speed","value":50,"unit":"km/h"}]}""")]
    [InlineData("03", null, "03", "43010301", """{"data":"010301","codes":["P0301"]}""")]
    [InlineData("06", "01", "0601", "4601010B0000", """{"data":"010B0000"}""")]
    [InlineData("09", "02", "0902", "490201575657", """{"data":"01575657"}""")]
    [InlineData("1", "d", "010D", "410D32", """{"data":"32","values":[{"name":"Speed","value":50,"unit":"km/h"}]}""")]
    [InlineData("0a", null, "0A", "4A00", """{"data":"00","codes":[]}""")]
    [InlineData("09", "04", "0904", "7F0931", """{"trouble":"requestOutOfRange (31)"}""")]
    [InlineData("22", "f187", "22F187", "62F18730354C", """{"data":"30354C","text":"05L"}""")]
    [InlineData("22", "D020", "22D020", "62D02001FF", """{"data":"01FF"}""")]
    [InlineData("19", "01FF", "1901FF", "5901FF010003", """{"data":"FF010003","counters":{"codes":3}}""")]
    [InlineData("19", "02FF", "1902FF", "5902FF0301002FC1000008", """{"data":"FF0301002FC1000008","codes":["P0301:00","U0100:00"],"statuses":["testFailed, testFailedThisOperationCycle, pendingDTC, confirmedDTC, testFailedSinceLastClear","confirmedDTC"]}""")]
    [InlineData("19", "0603010001", "190603010001", "59060301002F0112", """{"data":"0301002F0112","codes":["P0301:00"],"statuses":["testFailed, testFailedThisOperationCycle, pendingDTC, confirmedDTC, testFailedSinceLastClear"]}""")]
    [InlineData("19", "0A", "190A", "590AFF", """{"data":"FF","codes":[],"statuses":[]}""")]
    public async Task A_query_says_what_each_ecu_answered(string mode, string? pid, string request, string answer, string said)
    {
        _vehicle.Answers[request] = [(FakeVehicle.Engine, answer)];
        var result = await _operations.QueryAsync("can0", mode, pid, ecu: null, Stop);
        var expected = (JsonObject)JsonNode.Parse(said)!;
        expected.Insert(0, "ecu", "7E8");
        AssertJson(expected.ToJsonString(), result["answers"]![0]!);
        Assert.Equal(("can0", mode.ToUpperInvariant().PadLeft(2, '0'), pid?.ToUpperInvariant().PadLeft(2, '0')), ((string?)result["bus"], (string?)result["mode"], (string?)result["pid"]));
    }

    [Fact]
    public async Task The_identification_number_is_given_as_text()
    {
        _vehicle.Answers["0902"] = [(FakeVehicle.Engine, "490201" + Convert.ToHexString("WVWZZZ1KZAW000001"u8))];
        Assert.Equal("WVWZZZ1KZAW000001", (string?)(await _operations.QueryAsync("can0", "09", "02", ecu: null, Stop))["answers"]![0]!["vin"]);
    }

    [Fact]
    public async Task One_ecu_can_be_asked_alone()
    {
        _vehicle.Answers["22F190"] = [(FakeVehicle.Engine, "62F19031"), (FakeVehicle.Transmission, "62F19032")];
        var result = await _operations.QueryAsync("can0", "22", "F190", "7e9", Stop);
        AssertJson("""[{"ecu":"7E9","data":"32","text":"2"}]""", result["answers"]!);
        var e = await Assert.ThrowsAsync<ObdException>(() => _operations.QueryAsync("can0", "22", "F190", "7G9", Stop));
        Assert.Equal((ObdFault.Arguments, "'7G9' is no ECU: expected the identifier of its answers, three hexadecimal digits such as 7E8, or eight"), (e.Fault, e.Message));
    }

    [Theory]
    [InlineData("04", null, "mode 04 is not offered")]
    [InlineData("08", "01", "mode 08 is not offered")]
    [InlineData("2E", "F190", "mode 2E is not offered")]
    [InlineData("22", "01", "'01' is no data identifier")]
    [InlineData("22", "F1904", "'F1904' is no data identifier")]
    [InlineData("22", null, "mode 22 needs a pid")]
    [InlineData("19", "0", "'0' is no report")]
    [InlineData("19", "021122334455", "'021122334455' is no report")]
    [InlineData("19", "14", "sub-function 14 of mode 19 is not offered")]
    [InlineData("", "0C", "'' is no mode")]
    [InlineData("0x1", "0C", "'0x1' is no mode")]
    [InlineData("01", "0G", "'0G' is no pid")]
    [InlineData("01", null, "mode 01 needs a pid")]
    [InlineData("03", "00", "mode 03 has no pid")]
    public async Task What_does_not_only_read_or_is_not_understood_is_never_sent(string mode, string? pid, string message)
    {
        var e = await Assert.ThrowsAsync<ObdException>(() => _operations.QueryAsync("can0", mode, pid, ecu: null, Stop));
        Assert.StartsWith(message, e.Message, StringComparison.Ordinal);
        Assert.Empty(_vehicle.Requests);
    }

    [Fact]
    public async Task Which_ecus_there_are_and_what_they_offer_is_one_result()
    {
        _vehicle.Answers["0100"] = [(FakeVehicle.Engine, "410008180001"), (FakeVehicle.Transmission, "410000080000")];
        _vehicle.Answers["0120"] = [(FakeVehicle.Engine, "412080000000")];
        _vehicle.Answers["0900"] = [(FakeVehicle.Engine, "490040000000")];
        _vehicle.Answers["090A"] = [(FakeVehicle.Engine, "490A01" + Convert.ToHexString("ECM\0-Engine Control\0"u8))];
        AssertJson(
            """{"bus":"can0","protocol":"SAE J1979","ecus":[{"ecu":"7E8","services":{"01":["05","0C","0D","21"],"09":["02"]},"name":"ECM -Engine Control"},{"ecu":"7E9","services":{"01":["0D"]}}]}""",
            await _operations.DiscoverAsync("can0", Stop));
    }

    [Fact]
    public async Task A_vehicle_of_the_newer_standard_is_found_and_its_codes_are_read_and_cleared()
    {
        _vehicle.Answers["22F810"] = [(FakeVehicle.Engine, "62F81001")];
        _vehicle.Answers["194233081E"] = [(FakeVehicle.Engine, "594233FF1E040203010009")];
        _vehicle.Answers["14FFFF33"] = [(FakeVehicle.Engine, "54")];
        AssertJson("""{"bus":"can0","protocol":"SAE J1979-2","ecus":[{"ecu":"7E8","services":{}}]}""", await _operations.DiscoverAsync("can0", Stop));
        AssertJson("""{"bus":"can0","ecus":[{"ecu":"7E8","stored":["P0301:00"]}]}""", await _operations.DtcReadAsync("can0", Stop));
        AssertJson("""{"bus":"can0","ecus":[{"ecu":"7E8","cleared":true}]}""", await _operations.DtcClearAsync("can0", Stop));
    }

    [Fact]
    public async Task A_freeze_frame_is_told_with_all_that_is_known_of_it()
    {
        AssertJson("""{"bus":"can0","frames":[]}""", await _operations.FreezeFramesAsync("can0", Stop));
        _vehicle.Answers["020200"] = [(FakeVehicle.Engine, "4202000301")];
        _vehicle.Answers["020000"] = [(FakeVehicle.Engine, "42000000180000")];
        _vehicle.Answers["020C00"] = [(FakeVehicle.Engine, "420C001AF8")];
        AssertJson(
            """{"bus":"can0","frames":[{"ecu":"7E8","frame":0,"code":"P0301","parameters":[{"pid":"0C","data":"1AF8","title":"Engine speed","values":[{"name":"EngineSpeed","value":1726,"unit":"rpm"}]}]}]}""",
            await _operations.FreezeFramesAsync("can0", Stop));
    }

    [Fact]
    public async Task A_bus_that_is_not_there_and_ecus_that_do_not_answer_are_named()
    {
        Assert.Equal("there is no bus 'can9' whose ECUs can be asked", (await Assert.ThrowsAsync<ObdException>(() => _operations.DtcReadAsync("can9", Stop))).Message);
        foreach (var operation in (Func<Task>[])[() => _operations.DtcReadAsync("can0", Stop), () => _operations.DtcClearAsync("can0", Stop), () => _operations.QueryAsync("can0", "03", null, ecu: null, Stop), () => _operations.DiscoverAsync("can0", Stop)])
            Assert.Equal("can0: no ECU answers; is the ignition on?", (await Assert.ThrowsAsync<ObdException>(operation)).Message);
    }

    private static void AssertJson(string expected, JsonNode actual) =>
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), JsonNode.Parse(actual.ToJsonString())), actual.ToJsonString());
}
