using EdgeAgent.Can;

namespace EdgeAgent.Obd.Tests.Services;

public sealed class DiscoveryTests
{
    private static readonly CanId Engine = CanId.Standard(0x7E8), Transmission = CanId.Standard(0x7E9);

    private readonly ScriptedLink _link = new();
    private readonly ObdClient _client;

    public DiscoveryTests() => _client = new ObdClient(_link);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(0x02, "020000", "42000040000000")]
    [InlineData(0x06, "0600", "460040000000")]
    [InlineData(0x09, "0900", "490040000000")]
    public async Task Each_service_tells_what_it_has(byte service, string request, string answer)
    {
        _link.Answers[request] = [(Engine, answer)];
        Assert.Equal([0x02], (await _client.SupportedAsync(service, Stop))[Engine].Select(id => (int)id));
        await Assert.ThrowsAsync<ArgumentException>(() => _client.SupportedAsync(ObdService.StoredTroubleCodes, Stop));
    }

    [Fact]
    public async Task Several_parameters_are_asked_for_at_once()
    {
        _link.Answers["010C0D05"] = [(Engine, "410C1AF80D32057B"), (Transmission, "410D32"), (CanId.Standard(0x7EA), "7F0112")];
        var answers = await _client.CurrentDataAsync(null, new byte[] { 0x0C, 0x0D, 0x05 }, Stop);
        Assert.Equal(["7E8 3", "7E9 1"], answers.Select(answer => $"{answer.Key} {answer.Value.Count}"));
        await Assert.ThrowsAsync<ArgumentException>(() => _client.CurrentDataAsync(null, new byte[7], Stop));
    }

    [Fact]
    public async Task A_freeze_frame_has_its_cause_and_its_parameters()
    {
        _link.Answers["020200"] = [(Engine, "4202000301"), (Transmission, "4202000000")];
        _link.Answers["020000"] = [(Engine, "42000040180000"), (Transmission, "42000000080000")];
        _link.Answers["020C00"] = [(Engine, "420C001AF8")];
        _link.Answers["020D00"] = [(Engine, "420D0032"), (Transmission, "420D0033")];
        var frame = Assert.Single(await _client.FreezeFramesAsync(0, Stop));
        Assert.Equal((Engine, "P0301"), (frame.Ecu, frame.Cause.ToString()));
        Assert.Equal(["0C 1AF8", "0D 32"], frame.Parameters.Select(parameter => $"{parameter.Key:X2} {Convert.ToHexString(parameter.Value.Span)}"));
    }

    [Fact]
    public async Task Without_a_freeze_frame_nothing_more_is_asked()
    {
        _link.Answers["020200"] = [(Engine, "4202000000")];
        Assert.Empty(await _client.FreezeFramesAsync(0, Stop));
        Assert.Equal(["020200"], _link.Requests);
    }

    [Fact]
    public async Task All_monitors_results_are_collected()
    {
        _link.Answers["0600"] = [(Engine, "460080000001")];
        _link.Answers["0620"] = [(Engine, "462080000000")];
        _link.Answers["0601"] = [(Engine, "4601010A0BB00BB00BB0")];
        _link.Answers["0621"] = [(Engine, "46218001000100000002")];
        var results = await _client.MonitoringResultsAsync(Stop);
        Assert.Equal(["01", "21"], results.Select(result => result.Result.Monitor.ToString("X2", null)));
    }

    [Fact]
    public async Task Monitors_and_names_are_those_of_each_ecu()
    {
        _link.Answers["0141"] = [(Engine, "414100072121"), (Transmission, "414100040000")];
        _link.Answers["090A"] = [(Engine, "490A01" + Convert.ToHexString("ECM\0-Engine Control\0"u8))];
        Assert.Equal([false, true], (await _client.ReadinessAsync(isThisCycle: true, Stop)).Select(ecu => ecu.Report.IsReady));
        Assert.Equal("ECM -Engine Control", Assert.Single(await _client.InformationAsync(InformationType.EcuName, Stop)).Information.Texts[0]);
    }
}
