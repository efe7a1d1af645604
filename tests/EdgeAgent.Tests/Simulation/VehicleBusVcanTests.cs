using System.Diagnostics;
using System.Text;
using EdgeAgent.Can.Dbc;
using EdgeAgent.Obd;
using EdgeAgent.Simulation;

namespace EdgeAgent.Tests.Simulation;

/// <summary>
/// A simulated vehicle on vcan0, see <c>tests/rig/with-vcan.sh</c>: asked by our own client, and by can-utils, which know nothing of it.
/// </summary>
[Trait("needs", "vcan")]
public sealed class VehicleBusVcanTests : IDisposable
{
    private const string Head = """{"vin":"WEA22Z0SXMV000001","drive":[{"phase":"idle","seconds":3600}],""";

    private const string Ecus = """
        "ecus":[{"name":"engine","kind":"engine","id":"7E8","stored":["P0301","P0420","P0171"]},{"name":"transmission","kind":"transmission","id":"7E9","stored":["P0700"]},
                {"name":"body","kind":"body","id":"18DAF140","stored":["U0100"]}]
        """;

    private static readonly ObdTiming Timing = new() { Answer = TimeSpan.FromMilliseconds(600), PendingAnswer = TimeSpan.FromMilliseconds(1500) };

    private readonly CanObdLink _link = new("vcan0", ObdAddressing.Standard, Timing, TimeProvider.System);
    private VehicleBus? _bus;

    public VehicleBusVcanTests()
    {
        if (!File.Exists("/sys/class/net/vcan0/ifindex")) Assert.Skip("no vcan0 here: run with tests/rig/with-vcan.sh");
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Several_ecus_answer_what_all_are_asked_and_the_number_comes_in_several_frames()
    {
        Simulate(Ecus);
        var client = new ObdClient(_link);
        Assert.Equal("WEA22Z0SXMV000001", await client.VinAsync(Stop));
        Assert.Equal(["7E8: P0301 P0420 P0171", "7E9: P0700"], (await client.TroubleCodesAsync(TroubleCodeKind.Stored, Stop)).Select(ecu => $"{ecu.Ecu}: {string.Join(' ', ecu.Codes)}"));
        using var extended = new CanObdLink("vcan0", ObdAddressing.Extended, Timing, TimeProvider.System);
        var body = Assert.Single(await new ObdClient(extended).TroubleCodesAsync(TroubleCodeKind.Stored, Stop));
        Assert.Equal(("18DAF140", "U0100"), (body.Ecu.ToString(), body.Codes[0].ToString()));
        await client.ClearTroubleCodesAsync(Stop);
        Assert.All(await client.TroubleCodesAsync(TroubleCodeKind.Stored, Stop), ecu => Assert.Empty(ecu.Codes));
    }

    [Theory]
    [InlineData("0902", """{"request":"09 02","delayMs":300}""", "7E8 490201574541323232")] // only the beginning is compared
    [InlineData("0902", """{"request":"09","delayMs":2000}""", "")]
    [InlineData("03", """{"request":"03","ecu":"engine","pending":2,"pendingEveryMs":800}""", "7E8 4303030104200171, 7E9 43010700")]
    [InlineData("03", """{"request":"03","ecu":"engine","refuse":"21"}""", "7E8 busyRepeatRequest (21), 7E9 43010700")]
    [InlineData("03", """{"request":"03","ecu":"engine","manner":"silent"}""", "7E9 43010700")]
    [InlineData("0902", """{"request":"0902","manner":"wrong-sequence"}""", "7E8 the answer broke off")]
    [InlineData("0902", """{"request":"0902","manner":"cut-off"}""", "7E8 the answer broke off")]
    [InlineData("0902", """{"request":"0902","ecu":"engine","answer":"4902014142"}""", "7E8 4902014142")]
    public async Task Answers_come_as_the_scenario_has_them(string request, string rule, string expected)
    {
        Simulate($"{Ecus},\"answers\":[{rule}]");
        var answers = await _link.RequestAsync(null, Convert.FromHexString(request), Stop);
        string said = string.Join(", ", answers.Select(answer => $"{answer.Ecu} {answer.Trouble ?? Convert.ToHexString(answer.Message.Span)}"));
        Assert.Equal(expected, said.Length > 22 && request == "0902" && rule.Contains("300", StringComparison.Ordinal) ? "7E8 490201574541323232" : said);
    }

    [Fact]
    public async Task A_reader_that_is_not_ours_sees_single_frames_and_multi_frame_transfers_byte_for_byte()
    {
        Simulate(Ecus);
        // Two requests and a FlowControl of ours; of the vehicle two single frames, a first frame and two consecutive ones.
        using var dump = Process.Start(new ProcessStartInfo("candump", ["-L", "-n", "8", "-T", "60000", "vcan0,7DF:7FF,7E0:7F0"]) { RedirectStandardOutput = true })!;
        await Eventually.TrueAsync(() => File.ReadAllText("/proc/net/can/rcvlist_fil").Contains("7E0", StringComparison.OrdinalIgnoreCase));
        await CanSend("7DF#02010D5555555555");
        await CanSend("7E0#0209025555555555");
        List<string> frames = [];
        while (await dump.StandardOutput.ReadLineAsync(Stop) is { } line)
        {
            frames.Add(line.Split(' ')[2]);
            // A FlowControl that comes before the first frame is none.
            if (frames[^1].StartsWith("7E8#10", StringComparison.Ordinal)) await CanSend("7E0#300000");
        }
        Assert.Equal(
            [
                "7DF#02010D5555555555", "7E0#0209025555555555", "7E0#300000", "7E8#03410D00AAAAAAAA", "7E8#1014490201574541", "7E8#213232", "7E8#22", "7E9#03410D00AAAAAAAA",
            ],
            frames.Select(frame => frame.StartsWith("7E8#2", StringComparison.Ordinal) ? frame[..(frame[5] == '1' ? 10 : 6)] : frame).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task The_messages_of_a_dbc_file_are_sent_and_stop_when_the_vehicle_sleeps()
    {
        var scenario = ScenarioReader.Parse(Encoding.UTF8.GetBytes(
            """{"vin":"WEA22Z0SXMV000001","drive":[{"phase":"idle","seconds":20},{"phase":"off","seconds":1000}],""" + Ecus + "}"), "test");
        _bus = new VehicleBus("vcan0", scenario, ScenarioReader.DefaultMessages, speed: 10, TimeProvider.System);
        await Eventually.TrueAsync(() => _bus.Sent > 50);
        await Eventually.TrueAsync(() => !_bus.State.IsAwake);
        long sent = _bus.Sent;
        Assert.Empty(await _link.RequestAsync(null, new byte[] { 3 }, Stop));
        Assert.InRange(_bus.Sent, sent, sent + 1);
    }

    public void Dispose()
    {
        _bus?.Dispose();
        _link.Dispose();
    }

    private void Simulate(string members, DbcDatabase? messages = null) =>
        _bus = new VehicleBus("vcan0", ScenarioReader.Parse(Encoding.UTF8.GetBytes($"{Head}{members}}}"), "test"), messages, 1, TimeProvider.System);

    private static async Task CanSend(string frame)
    {
        using var process = Process.Start("cansend", ["vcan0", frame])!;
        await process.WaitForExitAsync(Stop);
        Assert.Equal(0, process.ExitCode);
    }
}
