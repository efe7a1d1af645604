using CsCheck;
using EdgeAgent.Obd.Signalsets;

namespace EdgeAgent.Obd.Tests.Signalsets;

public sealed class SignalsetDecoderTests
{
    private static readonly Signalset Standard = SignalsetTests.Parse("""
        {'commands':[{'hdr':'7E0','rax':'7E8','cmd':{'01':'0C'},'freq':1,'signals':[{'id':'RPM','name':'Engine speed','fmt':{'len':16,'div':4,'max':16383.75,'unit':'rpm'}}]},
                     {'hdr':'7E0','rax':'7E8','cmd':{'01':'0D'},'freq':1,'signals':[{'id':'VSS','name':'Speed','fmt':{'len':8,'max':255,'nullmax':255,'unit':'kilometersPerHour'}}]}]}
        """);

    private static readonly Signalset Vehicle = SignalsetTests.Parse("""
        {'commands':[
          {'hdr':'7E4','rax':'7EC','cmd':{'22':'0101'},'freq':1,'signals':[{'id':'SOC','name':'Charge','fmt':{'len':8,'div':2,'max':100,'unit':'percent'}},{'id':'V','name':'Voltage','fmt':{'bix':8,'len':16,'div':10,'max':1000,'unit':'volts'}},
            {'id':'LAST','name':'Last','fmt':{'bix':72,'len':8,'max':255,'unit':'scalar'}}]},
          {'hdr':'7E4','cmd':{'22':'0202'},'freq':1,'signals':[{'id':'A','name':'A','fmt':{'len':8,'max':255,'unit':'scalar'}}]},
          {'hdr':'7E5','cmd':{'22':'0202'},'freq':1,'signals':[{'id':'B','name':'B','fmt':{'len':8,'max':255,'unit':'scalar'}}]},
          {'hdr':'6F1','rax':'607','eax':'07','cmd':{'22':'6335'},'freq':1,'signals':[{'id':'SOH','name':'Health','fmt':{'len':8,'max':255,'unit':'percent'}}]},
          {'hdr':'DA10','rax':'10','cmd':{'22':'2610'},'freq':1,'signals':[{'id':'T','name':'T','fmt':{'len':8,'max':255,'unit':'celsius'}}]},
          {'hdr':'7E0','rax':'7E8','cmd':{'22':'F40D'},'freq':1,'filter':{'to':2014},'signals':[{'id':'OLD','name':'Old','fmt':{'len':8,'max':255,'unit':'scalar'}}]},
          {'hdr':'7E0','rax':'7E8','cmd':{'22':'F40D'},'freq':1,'filter':{'from':2015},'signals':[{'id':'NEW','name':'New','fmt':{'len':8,'max':255,'unit':'scalar'}}]},
          {'hdr':'686A','proto':'9141-2','cmd':{'21':'01'},'freq':1,'signals':[{'id':'K','name':'K','fmt':{'len':8,'max':255,'unit':'scalar'}}]}],
         'synthetics':[{'id':'R','name':'R','path':'Fuel','max':10,'unit':'normal','formula':{'op':'ratio','a':'V','b':'SOC'}}]}
        """);

    private static readonly SignalsetDecoder Decoder = new([Vehicle, Standard]);

    [Theory]
    [InlineData("7E0.010C", "7E804410C1AF8", "RPM=1726")]
    [InlineData("7E0.010C", "7E8 04 41 0C 1A F8 AA AA AA", "RPM=1726")]
    [InlineData("010C", "7E804410C1AF8", "RPM=1726")]
    [InlineData("01 0C", "18DAF11004410C1AF8", "RPM=1726")]
    [InlineData("DB33.010C", "18DAF11004410C1AF8", "RPM=1726")]
    [InlineData("7DF.010C", "7E904410C1AF8", "RPM=1726")]
    [InlineData("010C", "41 0C 1A F8", "RPM=1726")]
    [InlineData("010C", "410C1AF8\r\r>", "RPM=1726")]
    [InlineData("010C", "010C\nSEARCHING...\n410C1AF8\n>", "RPM=1726")]
    [InlineData("010D", "7E803410D10 7E903410D20", "VSS=32")]
    [InlineData("010D", "7E8 03 41 0D 10 7E9 03 41 0D 20", "VSS=32")]
    [InlineData("010D", "18DAF11003410D10 18DAF11E03410D20", "VSS=32")]
    [InlineData("010D", "18DAF110 03 41 0D 10 18DAF11E 03 41 0D 20", "VSS=32")]
    [InlineData("686A.010D", "48 6B 10 41 0D 20 31", "VSS=32")]
    [InlineData("7E0.010D", "7E803410DFF", "")]
    [InlineData("7E4.7EC.220101", "7EC10106201013C0E10\n7EC21000000000000FF\n7EC22FFFFFF", "SOC=30 V=360 LAST=255 R=10")]
    [InlineData("7E4.7EC.220101", "220101\\n7EC 10 10 62 01 01 3C 0E 10 \\nNO DATA\\n7E8037F2211\\n7EC 21 00 00 00 00 00 00 FF \\n7EC22FFFFFF", "SOC=30 V=360 LAST=255 R=10")]
    [InlineData("220101", "010\n0: 62 01 01 3C 0E 10\n1: 00 00 00 00 00 00 FF\n2: FF FF FF", "SOC=30 V=360 LAST=255 R=10")]
    [InlineData("7E4.220202", "7EC046202020501", "B=5 A=5")]
    [InlineData("6F1.607.226335|e=07,fc=1", "607F10462633549", "SOH=73")]
    [InlineData("DA10.10.222610", "18DAF1100462261021", "T=33")]
    [InlineData("7E0.7E8.22F40D", "7E80462F40D05", "NEW=5")]
    [InlineData("2101", "486B106101052A", "K=5")]
    public void Answers_are_found_and_decoded(string command, string response, string values)
    {
        Assert.Equal(values, Values(command, response, new AnswerOptions()));
    }

    [Theory]
    [InlineData(2014, "OLD=5")]
    [InlineData(2015, "NEW=5")]
    public void The_model_year_selects_the_command(int year, string values) => Assert.Equal(values, Values("7E0.7E8.22F40D", "7E80462F40D05", new AnswerOptions(year)));

    [Fact]
    public void Without_a_model_year_the_id_selects_the_command() => Assert.Equal("OLD=5", Values("7E0.7E8.22F40D|f=-2014", "7E80462F40D05", new AnswerOptions()));

    [Theory]
    [InlineData("22FFFFFF", "7E80462FFFF05", "no signalset knows 22FFFFFF")]
    [InlineData("7E4.7EC.220101", "7E804620101FF", "there is no whole answer to 7E4.7EC.220101 in it")]
    [InlineData("7E4.7EC.220101", "7EC10106201013C0E10\n7EC21000000000000FF", "there is no whole answer to 7E4.7EC.220101 in it")]
    [InlineData("7E4.7EC.220101", "7EC0662010105", "there is no whole answer to 7E4.7EC.220101 in it")]
    [InlineData("7E4.7EC.220101", "7EC037F2231", "7EC refuses 7E4.7EC.220101: requestOutOfRange (31)")]
    [InlineData("010C", "", "there is no whole answer to 010C in it")]
    [InlineData("010C", "CAN ERROR", "there is no whole answer to 010C in it")]
    public void What_cannot_be_decoded_is_told(string command, string response, string message)
    {
        Assert.True(CommandReference.TryParse(command, out var reference));
        Assert.False(Decoder.TryDecode(reference, response, new AnswerOptions(), out _, out string? problem));
        Assert.Equal(message, problem);
    }

    [Fact]
    public void A_set_without_a_command_for_the_model_year_says_so()
    {
        Assert.True(CommandReference.TryParse("7E0.7E8.22F40D", out var reference));
        var decoder = new SignalsetDecoder([SignalsetTests.Parse("{'commands':[{'hdr':'7E0','cmd':{'22':'F40D'},'freq':1,'filter':{'to':2014},'signals':[{'id':'S','name':'S','fmt':{'len':8,'max':1,'unit':'offon'}}]}]}")]);
        Assert.False(decoder.TryDecode(reference, "7E80462F40D05", new AnswerOptions(2020), out _, out string? problem));
        Assert.Equal("no signalset knows 7E0.7E8.22F40D for model year 2020", problem);
    }

    [Fact]
    public void A_message_with_lost_frames_is_marked()
    {
        Assert.True(CommandReference.TryParse("7E4.7EC.220101", out var reference));
        Assert.True(Decoder.TryDecode(reference, "7EC10106201013C0E10\n7EC22000000000000FF\n7EC23FFFFFF", new AnswerOptions(), out var answer, out _));
        Assert.False(answer.IsIntact);
        Assert.True(Decoder.TryDecode(reference, "7EC10106201013C0E10\n7EC21000000000000FF\n7EC22FFFFFF", new AnswerOptions(), out answer, out _));
        Assert.True(answer.IsIntact);
    }

    [Theory]
    [InlineData("")]
    [InlineData("7E0.")]
    [InlineData("7E0.7E8.01.0C")]
    [InlineData("0")]
    [InlineData("01G")]
    [InlineData("7E.010C")]
    [InlineData("engine speed")]
    public void What_names_no_command_is_refused(string text) => Assert.False(CommandReference.TryParse(text, out _));

    [Fact]
    public void Any_text_gives_messages_or_none_and_nothing_else()
    {
        string[] commands = ["220101", "7E4.7EC.220101", "010C", "6F1.607.226335|e=07"], known = ["7EC", "10106201013C0E10", "21000000000000FF", "22FFFFFF", "\n", " ", "0:", "014", "NO DATA", "\\n", "18DAF110", "410C1AF8", ">", "\r", "ÿ", "7F2278"];
        var piece = Gen.OneOf(Gen.Int[0, known.Length - 1].Select(i => known[i]), Gen.String[0, 6]);
        Gen.Select(piece.Array[0, 20], Gen.Enum<CapturedHeader>(), Gen.Bool, Gen.Int[0, commands.Length - 1].Select(i => commands[i])).Sample((pieces, header, extended, command) =>
        {
            string text = string.Concat(pieces);
            Assert.All(CapturedAnswer.Read(text, header, extended), message => Assert.InRange(message.Data.Length, 1, 4095));
            Assert.True(CommandReference.TryParse(command, out var reference));
            bool isDecoded = Decoder.TryDecode(reference, text, new AnswerOptions(), out var answer, out string? problem);
            Assert.Equal((isDecoded, !isDecoded), (answer is not null, problem is not null));
        }, iter: 3000);
    }

    private static string Values(string command, string response, AnswerOptions options)
    {
        Assert.True(CommandReference.TryParse(command, out var reference));
        Assert.True(Decoder.TryDecode(reference, response, options, out var answer, out string? problem), problem);
        return string.Join(' ', answer.Signals.Where(signal => signal.Reading.State == SignalState.Number).Select(signal => $"{signal.Id}={signal.Reading.Number}"));
    }
}
