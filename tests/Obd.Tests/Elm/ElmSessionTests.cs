using EdgeAgent.Can;
using EdgeAgent.Obd.Elm;

namespace EdgeAgent.Obd.Tests.Elm;

public sealed class ElmSessionTests
{
    private const string Vin = "490201" + "3144344750303052353542313233343536"; // 1D4GP00R55B123456, the data sheet's

    private static readonly CanId Engine = CanId.Standard(0x7E8);

    [Fact]
    public void It_is_set_up_once_and_asked()
    {
        var emulator = Emulator();
        var bench = new ElmBench(emulator);
        Assert.Equal("7E8 410C0FA0", Ask(bench, "010C"));
        Assert.Equal(["ATI", "ATZ", "ATE0", "ATL0", "ATS0", "ATAL", "ATAT1", "ATH1", "ATSP6", "STI", "ATSH7DF", "010C"], emulator.Commands);
        Ask(bench, "010C");
        Assert.Equal(13, emulator.Commands.Count);
    }

    [Theory]
    [InlineData(6, "7E8 410C0FA0, 7E9 410C0FA4")]
    [InlineData(8, "7E8 410C0FA0, 7E9 410C0FA4")]
    [InlineData(7, "18DAF110 410C0FA0, 18DAF118 410C0FA4")]
    [InlineData(9, "18DAF110 410C0FA0, 18DAF118 410C0FA4")]
    [InlineData(1, "18DAF110 410C0FA0, 18DAF118 410C0FA4")]
    [InlineData(2, "18DAF110 410C0FA0, 18DAF118 410C0FA4")]
    [InlineData(3, "18DAF110 410C0FA0, 18DAF118 410C0FA4")]
    [InlineData(4, "18DAF110 410C0FA0, 18DAF118 410C0FA4")]
    [InlineData(5, "18DAF110 410C0FA0, 18DAF118 410C0FA4")]
    public void Several_ecus_answer_in_every_protocol(int protocol, string expected)
    {
        bool isShort = protocol is 6 or 8;
        var emulator = new ElmEmulator((_, _) => [new(isShort ? 0x7E8u : protocol < 6 ? 0x10u : 0x18DAF110, 10, "410C0FA0"), new(isShort ? 0x7E9u : protocol < 6 ? 0x18u : 0x18DAF118, 5, "410C0FA4")])
        { VehicleProtocol = protocol };
        foreach (var configured in (ElmProtocol[])[(ElmProtocol)protocol, ElmProtocol.Automatic])
        {
            var bench = new ElmBench(emulator, new ElmOptions { Protocol = configured });
            Assert.Equal(expected, Ask(bench, "010C"));
            Assert.Equal((ElmProtocol)protocol, bench.Session.Protocol);
        }
    }

    [Theory]
    [InlineData(6, "7DF 010C", "7E0 010C")]
    [InlineData(7, "18DB33F1 010C", "18DA10F1 010C")]
    public void One_ecu_is_asked_by_its_own_identifier(int protocol, string all, string one)
    {
        uint id = protocol == 6 ? 0x7E8u : 0x18DAF110;
        var emulator = new ElmEmulator((_, _) => [new(id, 10, "410C0FA0")]) { VehicleProtocol = protocol };
        var bench = new ElmBench(emulator, new ElmOptions { Protocol = (ElmProtocol)protocol });
        Ask(bench, "010C");
        Ask(bench, "010C", protocol == 6 ? Engine : CanId.Extended(id));
        Assert.Equal([all, one], emulator.Sent);
    }

    [Fact]
    public void Of_one_ecu_so_many_frames_are_awaited_as_it_had_before()
    {
        string answer = "410C0FA0";
        var emulator = new ElmEmulator((_, _) => [new(0x7E8, 10, answer)]);
        var bench = new ElmBench(emulator);
        Ask(bench, "010C", Engine);
        var before = bench.Now;
        Assert.Equal("7E8 410C0FA0", Ask(bench, "010C", Engine));
        Assert.Equal("010C1", emulator.Commands[^1]);
        Assert.True(bench.Now - before < TimeSpan.FromMilliseconds(50));
        // An answer that has grown is not cut.
        answer = "410C0FA00D32" + "0400050011";
        Assert.Equal($"7E8 {answer}", Ask(bench, "010C", Engine));
        Assert.Equal("010C", emulator.Commands[^1]);
        Ask(bench, "010C", Engine);
        Assert.Equal("010C2", emulator.Commands[^1]);
    }

    [Fact]
    public void An_adapter_that_cannot_count_is_not_asked_to()
    {
        var emulator = new ElmEmulator((_, _) => [new(0x7E8, 10, "410C0FA0")]) { Unknown = ["010C1"] };
        var bench = new ElmBench(emulator);
        for (int i = 0; i < 3; i++) Assert.Equal("7E8 410C0FA0", Ask(bench, "010C", Engine));
        Assert.Equal(1, emulator.Commands.Count(command => command == "010C1"));
    }

    [Fact]
    public void Long_answers_of_two_ecus_are_told_apart()
    {
        var emulator = new ElmEmulator((_, _) => [new(0x7E8, 10, Vin), new(0x7E9, 5, "7F0911")]);
        Assert.Equal($"7E8 {Vin}, 7E9 7F0911", Ask(new ElmBench(emulator), "0902"));
    }

    [Theory]
    [InlineData(2, "486B10", "43013301340135;43013600000000", "4304" + "0133013401350136")]
    [InlineData(3, "", "43000000000000", "4300")]
    [InlineData(5, "", "43030104200000", "43020301" + "0420")]
    public void Trouble_codes_outside_of_CAN_get_the_form_that_they_have_on_it(int protocol, string _, string lines, string expected)
    {
        var emulator = new ElmEmulator((_, _) => lines.Split(';').Select(line => new EcuSays(0x10, 10, line))) { VehicleProtocol = protocol };
        Assert.Equal($"18DAF110 {expected}", Ask(new ElmBench(emulator, new ElmOptions { Protocol = (ElmProtocol)protocol }), "03"));
    }

    [Fact]
    public void Results_of_service_05_are_read_outside_of_CAN()
    {
        var emulator = new ElmEmulator((_, request) => request == "050101" ? [new(0x10, 10, "4501015A")] : []) { VehicleProtocol = 3 };
        Assert.Equal("18DAF110 4501015A", Ask(new ElmBench(emulator, new ElmOptions { Protocol = ElmProtocol.Iso9141 }), "050101"));
    }

    [Fact]
    public void An_ecu_that_asks_for_time_is_asked_again_with_all_the_time_that_the_adapter_has()
    {
        var elm = new ElmEmulator((_, _) => [new(0x7E8, 10, "7F2278"), new(0x7E8, 900, "62F19031")]);
        Assert.Equal("7E8 62F19031", Ask(new ElmBench(elm), "22F190"));
        Assert.Equal(["ATAT0", "ATSTFF", "22F190"], elm.Commands[^3..]);

        var stn = new ElmEmulator((_, _) => [new(0x7E8, 10, "7F2278"), new(0x7E8, 4900, "62F19031")]) { Stn = "STN1110 v4.0.1" };
        var bench = new ElmBench(stn);
        Assert.Equal("7E8 62F19031", Ask(bench, "22F190"));
        Assert.Equal(["ATAT0", "STPTO5100", "22F190"], stn.Commands[^3..]);
        Ask(bench, "010C");
        Assert.Equal(["ATAT1", "ATST32", "010C"], stn.Commands[^3..]);

        var tooSlow = new ElmEmulator((_, _) => [new(0x7E8, 10, "7F2278"), new(0x7E8, 1500, "62F19031")]);
        Assert.Equal("7E8 asked for time and did not answer", Ask(new ElmBench(tooSlow), "22F190"));
    }

    [Fact]
    public void What_must_not_be_asked_twice_is_given_all_the_time_at_once()
    {
        var emulator = new ElmEmulator((_, _) => [new(0x7E8, 10, "7F0478"), new(0x7E8, 900, "44")]);
        Assert.Equal("7E8 44", Ask(new ElmBench(emulator), "04"));
        Assert.Equal(["7DF 04"], emulator.Sent);
    }

    [Fact]
    public void A_request_of_several_frames_goes_out_through_an_STN_chip_alone()
    {
        string request = "22F190F187F18CF195";
        IEnumerable<EcuSays> Answer(string _, string asked) => [new(0x7E8, 10, asked == request ? "62F19031" : "7F2213")];
        var stn = new ElmEmulator(Answer) { Stn = "STN2120 v5.6.5" };
        Assert.Equal("7E8 62F19031", Ask(new ElmBench(stn), request, Engine));
        Assert.Equal($"7E0 {request}", Assert.Single(stn.Sent));
        var elm = new ElmEmulator(Answer);
        Assert.Equal("the request is longer than 7 bytes, which only an STN chip can send, and on CAN alone", Ask(new ElmBench(elm), request, Engine));
        Assert.Empty(elm.Sent);
    }

    [Theory]
    [InlineData("NO DATA", "")]
    [InlineData("CAN ERROR", "nobody acknowledges on the CAN bus: the ignition may be off, or the bit rate another one")]
    [InlineData("UNABLE TO CONNECT", "the adapter finds no protocol: the ignition may be off")]
    [InlineData("BUS INIT: ...ERROR", "no ECU answers the initialisation of the bus: the ignition may be off, or the protocol another one")]
    [InlineData("BUS INIT: ERROR", "no ECU answers the initialisation of the bus: the ignition may be off, or the protocol another one")]
    [InlineData("BUS BUSY", "the bus is busy or disturbed; check the wiring")]
    [InlineData("FB ERROR", "the adapter's output has no effect on the bus; check the wiring")]
    [InlineData("ERR94", "the adapter has an internal error; it is begun anew with the next request")]
    [InlineData("?", "the adapter does not understand the request")]
    [InlineData("7E8 10 14 49 02 01 31 44 34\n7E8 21 47 50\nBUFFER FULL", "7E8 the answer broke off")]
    [InlineData("7E8 03 49 02 01\nBUFFER FULL", "7E8 490201")]
    [InlineData("7E8 10 14 49 02 01 31 44 34\n7E8 21 47 50 30 30 52 35 35 <RX ERROR\n7E8 22 42 31 32 33 34 35 36", "7E8 the answer broke off")]
    [InlineData("7E8 03 49 02 01 <DATA ERROR", "")]
    [InlineData("LP ALERT\n7E8 03 49 02 01", "7E8 490201")]
    public void What_the_adapter_says_has_its_meaning(string said, string expected)
    {
        var emulator = Emulator();
        emulator.Instead.Enqueue(said);
        Assert.Equal(expected, Ask(new ElmBench(emulator), "0902"));
    }

    [Theory]
    [InlineData("STOPPED", 1)]
    [InlineData("LV RESET", 2)]
    [InlineData("ELM327 v1.5", 2)]
    [InlineData("41 0C 0F A0", 2)] // its headers are off: it has begun anew without a word
    [InlineData("\u00fe\u00ff", 2)]
    public void What_was_interrupted_or_made_no_sense_is_asked_again(string said, int setUps)
    {
        var emulator = Emulator();
        emulator.Instead.Enqueue(said);
        Assert.Equal("7E8 410C0FA0", Ask(new ElmBench(emulator), "010C"));
        Assert.Equal(setUps, emulator.Commands.Count(command => command == "ATZ"));
    }

    [Fact]
    public void What_goes_wrong_again_and_again_is_said()
    {
        var emulator = Emulator();
        for (int i = 0; i < ElmSession.MaxAttempts; i++) emulator.Instead.Enqueue("LV RESET");
        Assert.Equal("the adapter begins anew again and again; its supply may be too weak", Ask(new ElmBench(emulator), "010C"));
        Assert.Equal(ElmSession.MaxAttempts, emulator.Commands.Count(command => command == "ATZ"));
    }

    [Fact]
    public void Where_nobody_answers_it_ends()
    {
        var session = new ElmSession(new ElmOptions(), new ObdTiming());
        session.Start(null, new byte[] { 3 });
        var now = TimeSpan.Zero;
        int sent = 0;
        for (; !session.IsOver; now += TimeSpan.FromMilliseconds(10)) sent += session.TryNext(now, out _) ? 1 : 0;
        Assert.Equal((ElmSession.MaxAttempts, ElmTrouble.Silent), (sent, session.Trouble));
        Assert.InRange(now, TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(4));
    }

    [Fact]
    public void An_adapter_that_talks_on_is_given_up_and_afterwards_all_is_well()
    {
        var session = new ElmSession(new ElmOptions(), new ObdTiming());
        session.Start(null, new byte[] { 3 });
        var now = TimeSpan.Zero;
        for (; !session.IsOver; now += TimeSpan.FromMilliseconds(10))
        {
            session.TryNext(now, out _);
            session.Accept("123 45\r"u8, now);
            Assert.True(now <= ElmSession.Longest);
        }
        Assert.Equal(ElmTrouble.Late, session.Trouble);
    }

    [Fact]
    public void A_clone_that_knows_little_is_used_all_the_same_but_not_without_headers()
    {
        var clone = new ElmEmulator((_, _) => [new(0x7E8, 10, "410C0FA0")]) { Unknown = ["ATAL", "ATAT", "ATS0", "ATL0", "STI", "ATST"] };
        Assert.Equal("7E8 410C0FA0", Ask(new ElmBench(clone), "010C"));
        Assert.Equal(ElmTrouble.NoHeaders.Message, Ask(new ElmBench(new ElmEmulator((_, _) => []) { Unknown = ["ATH1"] }), "010C"));
        Assert.Equal(ElmTrouble.NoProtocol.Message, Ask(new ElmBench(new ElmEmulator((_, _) => []) { Unknown = ["ATSP"] }), "010C"));
    }

    [Fact]
    public void The_voltage_is_read_without_a_word_on_the_bus()
    {
        var emulator = Emulator();
        var bench = new ElmBench(emulator, new ElmOptions { Protocol = ElmProtocol.Automatic });
        bench.Session.StartVoltage();
        bench.Run();
        Assert.Equal((14.2, 0), (bench.Session.Voltage, emulator.Sent.Count));
    }

    [Fact]
    public void On_a_line_that_loses_and_invents_characters_nothing_wrong_is_believed_and_afterwards_all_is_well()
    {
        int right = 0;
        for (int seed = 0; seed < 400; seed++)
        {
            var emulator = new ElmEmulator((_, _) => [new(0x7E8, 10, Vin), new(0x7E9, 5, "4902013132")], new LineFaults(seed, DropCharacter: 0.004, InsertCharacter: 0.004, Zero: 0.05));
            var bench = new ElmBench(emulator, chunk: 1 + seed % 7);
            string said = Ask(bench, "0902");
            foreach (string answer in said.Split(", "))
            {
                bool isRight = answer == $"7E8 {Vin}" || answer == "7E9 4902013132";
                if (isRight) right++;
                Assert.True(isRight || !answer.Contains("4902", StringComparison.Ordinal), $"seed {seed}: {said}");
            }
        }
        Assert.InRange(right, 500, 800);
    }

    private static ElmEmulator Emulator() => new((_, request) => request == "010C" ? [new(0x7E8, 10, "410C0FA0")] : []);

    private static string Ask(ElmBench bench, string request, CanId? ecu = null)
    {
        bench.Session.Start(ecu, Convert.FromHexString(request));
        bench.Run();
        if (bench.Session.Trouble is { } trouble) return trouble.Message;
        return string.Join(", ", bench.Session.Answers.Select(answer => $"{answer.Ecu} {(answer.State == ObdAnswerState.Complete ? Convert.ToHexString(answer.Message.Span) : answer.Trouble)}"));
    }
}
