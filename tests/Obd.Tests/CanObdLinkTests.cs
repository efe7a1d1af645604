using System.Diagnostics;
using EdgeAgent.Can;
using EdgeAgent.Can.SocketCan;
using EdgeAgent.Obd.Uds;

namespace EdgeAgent.Obd.Tests;

/// <summary>Client, link and ISO-TP against simulated ECUs on vcan0, see <c>tests/rig/with-vcan.sh</c>.</summary>
[Trait("needs", "vcan")]
public sealed class CanObdLinkTests : IDisposable
{
    // The rig is slow; what is tested is not how fast it is.
    private static readonly ObdTiming Timing = new() { Answer = TimeSpan.FromMilliseconds(400), PendingAnswer = TimeSpan.FromMilliseconds(1500) };

    private static readonly CanId Engine = CanId.Standard(0x7E8), Transmission = CanId.Standard(0x7E9);

    private readonly CanObdLink _link = new("vcan0", ObdAddressing.Standard, Timing, TimeProvider.System);
    private readonly ObdClient _client;

    public CanObdLinkTests()
    {
        if (!File.Exists("/sys/class/net/vcan0/ifindex")) Assert.Skip("no vcan0 here: run with tests/rig/with-vcan.sh");
        _client = new ObdClient(_link);
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_vehicle_identification_number_comes_in_several_frames()
    {
        using var engine = Ecu(0, request => request == "0902" ? ["490201" + Convert.ToHexString("WVWZZZ1KZAW000001"u8)] : []);
        Assert.Equal("WVWZZZ1KZAW000001", await _client.VinAsync(Stop));
    }

    [Fact]
    public async Task Trouble_codes_of_two_ecus_are_read_at_once_one_of_them_in_several_frames()
    {
        using var engine = Ecu(0, request => request == "03" ? ["4304" + "0301" + "0420" + "0171" + "C100"] : []);
        using var transmission = Ecu(1, request => request == "03" ? ["43010700"] : []);
        var codes = await _client.TroubleCodesAsync(TroubleCodeKind.Stored, Stop);
        Assert.Equal(
            ["7E8: P0301 P0420 P0171 U0100 ", "7E9: P0700 "],
            codes.Select(ecu => $"{ecu.Ecu}: {string.Join(' ', ecu.Codes)} {ecu.Trouble}"));
    }

    [Fact]
    public async Task Two_ecus_are_asked_at_once_and_one_after_the_other_for_two_things()
    {
        // Each answers only when the other has been asked, too.
        using var both = new CountdownEvent(2);
        IEnumerable<string> Answer(string answer)
        {
            both.Signal();
            if (both.Wait(TimeSpan.FromMilliseconds(300), Stop)) yield return answer;
        }
        using var engine = Ecu(0, request => request == "010C" ? Answer("410C1AF8") : ["410D10"]);
        using var transmission = Ecu(1, _ => Answer("410D20"));
        var answers = await Task.WhenAll(
            _link.RequestAsync(Engine, new byte[] { 0x01, 0x0C }, Stop), _link.RequestAsync(Engine, new byte[] { 0x01, 0x0D }, Stop), _link.RequestAsync(Transmission, new byte[] { 0x01, 0x0D }, Stop));
        Assert.Equal(["410C1AF8", "410D10", "410D20"], answers.Select(each => Convert.ToHexString(Assert.Single(each).Message.Span)));
        Assert.Equal(["010C", "010D"], engine.Requests);
    }

    [Fact]
    public async Task An_ecu_that_asks_for_time_gets_it()
    {
        using var slow = new ManualResetEventSlim();
        IEnumerable<string> Pending()
        {
            yield return "7F0478";
            slow.Wait(TimeSpan.FromMilliseconds(700), Stop); // longer than the first answer may take
            yield return "7F0478";
            yield return "44";
        }
        using var engine = Ecu(0, _ => Pending());
        using var transmission = Ecu(1, _ => ["7F0422"]);
        var answers = await _client.ClearTroubleCodesAsync(Stop);
        Assert.Equal(["7E8 44 ", "7E9 7F0422 conditionsNotCorrect (22)"], answers.Select(answer => $"{answer.Ecu} {Convert.ToHexString(answer.Message.Span)} {answer.Trouble}"));
    }

    [Fact]
    public async Task An_ecu_that_asks_for_time_and_keeps_silent_is_given_up()
    {
        using var engine = Ecu(0, _ => ["7F0478"]);
        var answer = Assert.Single(await _client.ClearTroubleCodesAsync(Stop));
        Assert.Equal((Engine, ObdAnswerState.Overdue), (answer.Ecu, answer.State));
    }

    [Fact]
    public async Task Where_nobody_answers_the_answer_is_empty_and_does_not_take_long()
    {
        var began = Stopwatch.StartNew();
        Assert.Empty(await _client.CurrentDataAsync(null, 0x0C, Stop));
        Assert.InRange(began.Elapsed, Timing.Answer, TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task One_ecu_can_be_asked_alone()
    {
        using var engine = Ecu(0, _ => ["410C0FA0"]);
        using var transmission = Ecu(1, _ => ["410C0FA0"]);
        var answer = Assert.Single(await _client.CurrentDataAsync(Transmission, 0x0C, Stop));
        Assert.Equal(Transmission, answer.Ecu);
        Assert.Empty(engine.Requests);
    }

    [Fact]
    public async Task Answers_to_another_testers_questions_are_not_taken()
    {
        using var engine = Ecu(0, _ => ["7F0911", "4300", "410C0000", "410D32"]);
        var answer = Assert.Single(await _client.CurrentDataAsync(null, 0x0D, Stop));
        Assert.Equal("410D32", Convert.ToHexString(answer.Message.Span));
    }

    [Fact]
    public async Task An_answer_that_comes_too_late_is_not_taken_for_the_next()
    {
        using var late = new ManualResetEventSlim();
        int asked = 0;
        IEnumerable<string> Answer()
        {
            if (++asked == 1) late.Wait(Timing.Answer * 1.5, Stop);
            yield return $"410D0{asked}";
        }
        using var engine = Ecu(0, _ => Answer());
        using var listener = CanSocket.Open("vcan0", new CanSocketOptions { Filter = [Engine], ErrorFrames = false });
        Assert.Empty(await _client.CurrentDataAsync(Engine, 0x0D, Stop));
        using var batch = new FrameBatch();
        while (listener.Read(batch) != ReadOutcome.Frames) Stop.ThrowIfCancellationRequested();
        Assert.Equal("410D02", Convert.ToHexString(Assert.Single(await _client.CurrentDataAsync(Engine, 0x0D, Stop)).Message.Span));
    }

    [Fact]
    public async Task With_29_bits_the_tester_is_F1()
    {
        using var link = new CanObdLink("vcan0", ObdAddressing.Extended, Timing, TimeProvider.System);
        using var engine = new EcuSimulator("vcan0", ObdAddressing.Extended, 0x10, request => request == "0902" ? ["490201" + Convert.ToHexString("WVWZZZ1KZAW000001"u8)] : []);
        var answer = Assert.Single(await link.RequestAsync(null, new byte[] { 9, 2 }, Stop));
        Assert.Equal("18DAF110", answer.Ecu.ToString());
        Assert.Equal("WVWZZZ1KZAW000001", await new ObdClient(link).VinAsync(Stop));
    }

    [Fact]
    public async Task The_services_of_iso_14229_are_asked_of_one_ecu_and_of_all()
    {
        using var engine = Ecu(0, request => request switch
        {
            "1003" => ["5003003201F4"],
            "22F190" => ["62F190" + Convert.ToHexString("WVWZZZ1KZAW000001"u8)],
            "14FFFFFF" => ["7F1478", "54"],
            _ => [],
        });
        using var transmission = Ecu(1, request => request == "14FFFFFF" ? ["7F1422"] : ["7F" + request[..2] + "11"]);
        var uds = new UdsClient(_link, UdsPermissions.Clear);
        Assert.Equal(TimeSpan.FromSeconds(5), (await uds.BeginSessionAsync(Engine, UdsSession.Extended, Stop)).PendingAnswer);
        Assert.Equal(17, (await uds.ReadDataAsync(Engine, 0xF190, Stop)).Length);
        Assert.Equal(ObdFault.Refused, (await Assert.ThrowsAsync<ObdException>(() => uds.ReadDataAsync(Transmission, 0xF190, Stop))).Fault);
        Assert.Equal([null, "conditionsNotCorrect (22)"], (await uds.ClearAsync(null, 0xFFFFFF, Stop)).Select(answer => answer.Trouble));
    }

    [Fact]
    public async Task Requests_of_many_are_sent_one_after_the_other_with_a_gap()
    {
        using var engine = Ecu(0, request => ["41" + request[2..] + "00"]);
        var began = Stopwatch.StartNew();
        var answers = await Task.WhenAll(Enumerable.Range(1, 8).Select(pid => _client.CurrentDataAsync(Engine, (byte)pid, Stop)));
        Assert.Equal(Enumerable.Range(1, 8).Select(pid => $"41{pid:X2}00"), answers.Select(answer => Convert.ToHexString(Assert.Single(answer).Message.Span)));
        Assert.True(began.Elapsed >= Timing.Gap * 7);
    }

    [Fact]
    public async Task An_interface_that_was_down_is_used_again_when_it_is_up()
    {
        await Ip("link add vcan8 type vcan");
        try
        {
            using var link = new CanObdLink("vcan8", ObdAddressing.Standard, Timing, TimeProvider.System);
            Assert.Equal(CanSourceFault.Down, (await Assert.ThrowsAsync<CanSourceException>(() => link.RequestAsync(null, new byte[] { 3 }, Stop))).Fault);
            await Ip("link set vcan8 up");
            Assert.Empty(await link.RequestAsync(null, new byte[] { 3 }, Stop));
            await Ip("link set vcan8 down");
            await Assert.ThrowsAsync<CanSourceException>(() => link.RequestAsync(null, new byte[] { 3 }, Stop));
            await Ip("link set vcan8 up");
            using var engine = new EcuSimulator("vcan8", ObdAddressing.Standard, 0, _ => ["4300"]);
            Assert.Single(await link.RequestAsync(null, new byte[] { 3 }, Stop));
        }
        finally
        {
            await Ip("link del vcan8");
        }
    }

    public void Dispose() => _link.Dispose();

    private static EcuSimulator Ecu(int ecu, Func<string, IEnumerable<string>> answer) => new("vcan0", ObdAddressing.Standard, ecu, answer);

    private static async Task Ip(string arguments)
    {
        using var process = Process.Start("ip", arguments.Split(' '))!;
        await process.WaitForExitAsync(CancellationToken.None);
        Assert.Equal(0, process.ExitCode);
    }
}
