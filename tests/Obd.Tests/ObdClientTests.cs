using EdgeAgent.Can;

namespace EdgeAgent.Obd.Tests;

public sealed class ObdClientTests
{
    private static readonly CanId Engine = CanId.Standard(0x7E8), Transmission = CanId.Standard(0x7E9);

    private readonly ScriptedLink _link = new();
    private readonly ObdClient _client;

    public ObdClientTests() => _client = new ObdClient(_link);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Supported_parameters_are_asked_for_range_by_range_as_long_as_an_ecu_has_more()
    {
        _link.Answers["0100"] = [(Engine, "4100BE3EA813"), (Transmission, "410080000000")];
        _link.Answers["0120"] = [(Engine, "412000000001")];
        _link.Answers["0140"] = [(Engine, "414040000000")];
        var supported = await _client.SupportedPidsAsync(Stop);
        Assert.Equal(["0100", "0120", "0140"], _link.Requests);
        // BE3EA813, the example of SAE J1979
        Assert.Equal([0x01, 0x03, 0x04, 0x05, 0x06, 0x07, 0x0B, 0x0C, 0x0D, 0x0E, 0x0F, 0x11, 0x13, 0x15, 0x1C, 0x1F, 0x20, 0x40, 0x42], supported[Engine].Select(pid => (int)pid));
        Assert.Equal([0x01], supported[Transmission].Select(pid => (int)pid));
    }

    [Fact]
    public async Task The_last_range_does_not_lead_beyond_the_last_parameter()
    {
        for (int range = 0; range <= 0xE0; range += 0x20) _link.Answers[$"01{range:X2}"] = [(Engine, $"41{range:X2}FFFFFFFF")];
        var supported = await _client.SupportedPidsAsync(Stop);
        Assert.Equal(Enumerable.Range(1, 255), supported[Engine].Select(pid => (int)pid));
        Assert.Equal(8, _link.Requests.Count);
    }

    [Theory]
    [InlineData("4300", "")]
    [InlineData("430103010000", "P0301")]
    [InlineData("43020301", "P0301")] // fewer than it says
    [InlineData("430203010420AAAA", "P0301 P0420")] // filling behind
    [InlineData("430200000301", "P0301")]
    [InlineData("43", "")]
    public async Task Trouble_codes_are_counted_and_listed(string message, string codes)
    {
        _link.Answers["03"] = [(Engine, message)];
        var read = Assert.Single(await _client.TroubleCodesAsync(TroubleCodeKind.Stored, Stop));
        Assert.Equal((codes, null), (string.Join(' ', read.Codes), read.Trouble));
    }

    [Fact]
    public async Task An_ecu_that_refuses_says_why()
    {
        _link.Answers["0A"] = [(Engine, "7F0A11")];
        Assert.Equal("serviceNotSupported (11)", Assert.Single(await _client.TroubleCodesAsync(TroubleCodeKind.Permanent, Stop)).Trouble);
    }

    [Theory]
    [InlineData("WVWZZZ1KZAW000001", "490201{0}")]
    [InlineData("1G1JC5444R7252367", "490201000000{0}")]
    public async Task The_identification_number_is_found_with_or_without_filling(string vin, string message)
    {
        _link.Answers["0902"] = [(Transmission, "7F0912"), (Engine, string.Format(System.Globalization.CultureInfo.InvariantCulture, message, Convert.ToHexString(System.Text.Encoding.ASCII.GetBytes(vin))))];
        Assert.Equal(vin, await _client.VinAsync(Stop));
    }

    [Theory]
    [InlineData("490201")]
    [InlineData("4902010000000000000000000000000000000000")]
    [InlineData("490201FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF")]
    public async Task What_is_no_identification_number_is_none(string message)
    {
        _link.Answers["0902"] = [(Engine, message)];
        Assert.Null(await _client.VinAsync(Stop));
    }

    [Theory]
    [InlineData(0x22, "conditionsNotCorrect (22)")]
    [InlineData(0x88, "vehicleSpeedTooHigh (88)")]
    [InlineData(0xF1, "vehicleManufacturerSpecificConditionsNotCorrect (F1)")]
    [InlineData(0x02, "reserved (02)")]
    public void Negative_answers_have_names(byte code, string text) => Assert.Equal(text, new NegativeResponseCode(code).ToString());

    [Fact]
    public void Identifiers_are_those_of_the_standard()
    {
        Assert.Equal("7E3", ObdAddressing.Standard.RequestIdOf(CanId.Standard(0x7EB)).ToString());
        Assert.Equal("18DA10F1", ObdAddressing.Extended.RequestIdOf(CanId.Extended(0x18DAF110)).ToString());
        Assert.Equal("18DB33F1", ObdAddressing.Extended.Functional.ToString());
        Assert.Throws<ObdException>(() => ObdAddressing.Standard.RequestIdOf(CanId.Standard(0x7F0)));
    }
}
