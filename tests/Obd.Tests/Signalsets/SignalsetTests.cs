using System.Text;
using CsCheck;
using EdgeAgent.Obd.Signalsets;

namespace EdgeAgent.Obd.Tests.Signalsets;

public sealed class SignalsetTests
{
    private const string Signal = "{'id':'S','name':'S','fmt':{'len':8,'max':255,'unit':'scalar'}}";

    [Theory]
    [InlineData("'hdr':'7E0','rax':'7E8','cmd':{'22':'F190'}", "7E0.7E8.22F190", "7E0", "7E8")]
    [InlineData("'hdr':'7E0','cmd':{'01':'0C'}", "7E0.010C", "7E0", null)]
    [InlineData("'hdr':'7E0','cmd':{'01':12}", "7E0.010C", "7E0", null)]
    [InlineData("'hdr':'6F1','rax':'607','eax':'07','fcm1':true,'cmd':{'22':'6335'}", "6F1.607.226335|e=07,fc=1", "6F1", "607")]
    [InlineData("'hdr':'DA10','rax':'10','cmd':{'22':'2610'}", "DA10.10.222610", "18DA10F1", "18DAF110")]
    [InlineData("'hdr':'DA10','rax':'10','pri':'14','cmd':{'22':'2610'}", "DA10.10.222610|c=14", "14DA10F1", "14DAF110")]
    [InlineData("'hdr':'DA10','rax':'F910','cmd':{'22':'2610'}", "DA10.F910.222610", "18DA10F1", "18DAF910")]
    [InlineData("'hdr':'FC00','rax':'FE007B','pri':'17','tst':'7B','cmd':{'22':'742B'}", "FC00.FE007B.22742B|ta=7B,c=17", "17FC007B", "17FE007B")]
    [InlineData("'hdr':'D016','rax':'1EC60E80','pri':'1D','tst':'30','cmd':{'22':'DA2C'}", "D016.1EC60E80.22DA2C|ta=30,c=1D", "1DD01630", "1EC60E80")]
    [InlineData("'hdr':'DB33','proto':'15765-4-29bit','cmd':{'01':'0C'}", "DB33.010C", "18DB33F1", null)]
    [InlineData("'hdr':'686A','proto':'9141-2','cmd':{'01':'0C'}", "686A.010C|p=9141-2", null, null)]
    [InlineData("'hdr':'7B0','tmo':'32','filter':{'to':2018},'cmd':{'21':'A6'}", "7B0.21A6|t=32,f=-2018", "7B0", null)]
    [InlineData("'hdr':'7DF','filter':{'from':2009},'cmd':{'22':'1E1C'}", "7DF.221E1C|f=2009-", "7DF", null)]
    [InlineData("'hdr':'7DF','filter':{'from':2009,'to':2012,'years':[2020,2018]},'cmd':{'22':'1E1C'}", "7DF.221E1C|f=2009-2012;2018;2020", "7DF", null)]
    public void A_command_has_an_id_and_the_identifiers_of_its_frames(string members, string id, string? request, string? answer)
    {
        var command = Parse($"{{'commands':[{{{members},'freq':1,'signals':[{Signal}]}}]}}").Commands[0];
        Assert.Equal((id, request, answer), (command.Id, command.RequestId?.ToString(), command.AnswerId?.ToString()));
    }

    [Theory]
    [InlineData("{'from':2000,'to':2010}", "2000 2005 2010", "1999 2011")]
    [InlineData("{'from':2010,'to':2000}", "2015 2010 1995 2000", "2005")]
    [InlineData("{'from':2000}", "2000 2030", "1999")]
    [InlineData("{'to':2010}", "2010 1990", "2011")]
    [InlineData("{'years':[2000,2005]}", "2000 2005", "2003")]
    [InlineData("{'from':2000,'to':2010,'years':[2015]}", "2005 2015", "2012")]
    [InlineData("{}", "", "2005")]
    [InlineData("{'from':null,'to':2001,'years':[]}", "2000", "2002")]
    public void A_filter_says_for_which_model_years(string filter, string matching, string others)
    {
        var command = Parse($"{{'commands':[{{'hdr':'7E0','cmd':{{'01':'0C'}},'freq':1,'filter':{filter},'dbgfilter':{filter},'signals':[{Signal}]}}]}}").Commands[0];
        Assert.All(Years(matching), year => Assert.True(command.IsFor(year) && command.DebugFilter!.Matches(year)));
        Assert.All(Years(others), year => Assert.False(command.IsFor(year) || command.DebugFilter!.Matches(year)));
        Assert.True(command.IsFor(null));
    }

    [Theory]
    [InlineData("", "no JSON at line 1, column 1")]
    [InlineData("{'commands':[],}", "no JSON at line 1, column 16")]
    [InlineData("[]", "expected an object, found an array")]
    [InlineData("{}", "/commands: missing: an array")]
    [InlineData("{'commands':{}}", "/commands: expected an array, found an object")]
    [InlineData("{'commands':[{}]}", "/commands/0/hdr: missing: a string")]
    [InlineData("{'commands':[{'hdr':'7E0','cmd':{'01':'0C'},'freq':1,'signals':[]}]}", "/commands/0/signals: 0 elements; expected 1 to 4096")]
    [InlineData("{'commands':[{'hdr':'7EX','cmd':{'01':'0C'},'freq':1,'signals':[$]}]}", "/commands/0/hdr: expected 3 to 4 hexadecimal digits")]
    [InlineData("{'commands':[{'hdr':'FFF','cmd':{'01':'0C'},'freq':1,'signals':[$]}]}", "/commands/0/hdr: more than 11 bits")]
    [InlineData("{'commands':[{'hdr':'7E0','rax':'7E','cmd':{'01':'0C0'},'freq':1,'signals':[$]}]}", "/commands/0/cmd/01: expected 2 hexadecimal digits")]
    [InlineData("{'commands':[{'hdr':'7E0','cmd':{'01':'0C','21':'01'},'freq':1,'signals':[$]}]}", "/commands/0/cmd: expected one member")]
    [InlineData("{'commands':[{'hdr':'7E0','cmd':{'41':'0C'},'freq':1,'signals':[$]}]}", "/commands/0/cmd/41: no service that is answered")]
    [InlineData("{'commands':[{'hdr':'7E0','cmd':{'01':'0C'},'freq':0,'signals':[$]}]}", "/commands/0/freq: expected seconds, more than 0")]
    [InlineData("{'commands':[{'hdr':'7E0','cmd':{'01':'0C'},'freq':1,'filter':{'years':['x']},'signals':[$]}]}", "/commands/0/filter/years/0: expected a model year")]
    [InlineData("{'commands':[{'hdr':'7E0','cmd':{'01':'0C'},'freq':1,'signals':[{'id':'S','name':'S','fmt':{}}]}]}", "/commands/0/signals/0/fmt/len: missing: a number")]
    [InlineData("{'commands':[{'hdr':'7E0','cmd':{'01':'0C'},'freq':1,'signals':[{'id':'S','name':'S','fmt':{'len':0}}]}]}", "/commands/0/signals/0/fmt/len: expected an integer of 1 to 32760")]
    [InlineData("{'commands':[{'hdr':'7E0','cmd':{'01':'0C'},'freq':1,'signals':[{'id':'S','name':'S','fmt':{'len':8,'div':0}}]}]}", "/commands/0/signals/0/fmt/div: 0 divides nothing")]
    [InlineData("{'commands':[{'hdr':'7E0','cmd':{'01':'0C'},'freq':1,'signals':[{'id':'S','name':'S','fmt':{'len':8,'map':{'a':'b'}}}]}]}", "/commands/0/signals/0/fmt/map/a: expected a raw value, in decimal digits")]
    [InlineData("{'commands':[{'hdr':'7E0','cmd':{'01':'0C'},'freq':1,'signals':[{'id':7,'name':'S','fmt':{'len':8}}]}]}", "/commands/0/signals/0/id: expected a string, found a number")]
    [InlineData("{'commands':[],'signalGroups':[{'id':'G','matchingRegex':'('}]}", "/signalGroups/0/matchingRegex: no regular expression")]
    [InlineData("{'commands':[],'synthetics':[{'id':'R','name':'R','path':'Fuel','max':1,'unit':'normal','formula':{'op':'sum','a':'A','b':'B'}}]}", "/synthetics/0/formula/op: expected \"ratio\"")]
    public void What_is_wrong_is_named_with_its_place(string json, string message)
    {
        var e = Assert.Throws<SignalsetException>(() => Parse(json.Replace("$", Signal, StringComparison.Ordinal)));
        Assert.StartsWith("signalset: " + message, e.Message, StringComparison.Ordinal);
        Assert.StartsWith(message, e.Mistakes[0].ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_mistake_is_told_at_once()
    {
        var e = Assert.Throws<SignalsetException>(() => Parse("{'commands':[{'hdr':1,'cmd':{'01':'0C'},'freq':1,'signals':[{'id':'S','name':'S','fmt':{'len':'8'}}]},{'hdr':'7E0','freq':1}]}"));
        Assert.Equal(
            ["/commands/0/hdr", "/commands/0/signals/0/fmt/len", "/commands/1/cmd", "/commands/1/signals"],
            e.Mistakes.Select(mistake => mistake.Place).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void What_a_newer_version_may_have_is_a_warning()
    {
        var set = Parse("{'commands':[{'hdr':'7E0','cmd':{'01':'0C'},'freq':1,'new':1,'signals':[{'id':'S','name':'S','fmt':{'len':8,'max':1,'max':255,'unit':'furlongs'}}]}]}");
        Assert.Equal(["/commands/0/new", "/commands/0/signals/0/fmt/max", "/commands/0/signals/0/fmt/unit"], set.Warnings.Select(warning => warning.Place).Order(StringComparer.Ordinal));
        Assert.Equal("furlongs", set.Commands[0].Signals[0].Format.Unit!.Symbol);
        Assert.Equal(255, set.Commands[0].Signals[0].Format.Maximum);
    }

    [Theory]
    [InlineData("'proto':'15765-4-29bit'", "/commands/0/proto: hdr has another number of bits, and counts")]
    [InlineData("'proto':'14230-4'", "/commands/0/proto: '14230-4' is no protocol of the format; hdr counts")]
    [InlineData("'rax':'FE8'", "/commands/0/rax: more than 11 bits, which is what hdr has; the lowest 11 count")]
    public void What_contradicts_itself_and_can_be_decoded_all_the_same_is_a_warning(string member, string warning)
    {
        var set = SetOf(Signal, $"'hdr':'7E0',{member},'cmd':{{'01':'0C'}}");
        Assert.Equal([warning], set.Warnings.Select(one => one.ToString()));
        Assert.Equal(SignalsetProtocol.Can11Bit, set.Commands[0].Protocol);
    }

    [Fact]
    public void All_that_a_command_and_a_signal_can_say_is_kept()
    {
        var set = Parse("""
            {'diagnosticLevel':'03','commands':[{'hdr':'7E0','cmd':{'22':'F190'},'freq':0.25,'dbg':true,'din':'03','dout':'01','tmo':'FF','signals':[
              {'id':'S','name':'N','path':'Battery.Pack','description':'D','hidden':true,'suggestedMetric':'stateOfCharge',
               'fmt':{'len':8,'max':255,'unit':'percent','omin':20,'omax':80,'oval':50}}]}],
             'signalGroups':[{'id':'G','path':'Battery','matchingRegex':'CELL_(?<n>\\d+)_V','name':'Cells','suggestedMetricGroup':'batteryModulesVoltage'}],
             'synthetics':[{'id':'R','name':'Ratio','path':'Fuel','max':1,'unit':'normal','formula':{'op':'ratio','a':'A','b':'B'}}]}
            """);
        var command = set.Commands[0];
        var signal = command.Signals[0];
        Assert.Equal(((byte?)0x03, (byte?)0x03, (byte?)0x01, (byte?)0xFF, true), (set.DiagnosticLevel, command.Session, command.SessionAfterwards, command.Timeout, command.IsDebug));
        Assert.Equal(TimeSpan.FromSeconds(0.25), command.Interval);
        Assert.Equal(("N", "Battery.Pack", "D", true, "stateOfCharge"), (signal.Name, signal.Path, signal.Description, signal.IsHidden, signal.SuggestedMetric));
        Assert.Equal((20, 80, 50), (signal.Format.OptimalMinimum, signal.Format.OptimalMaximum, signal.Format.OptimalValue));
        Assert.Equal(("Cells", "Battery", "batteryModulesVoltage"), (set.Groups[0].Name, set.Groups[0].Path, set.Groups[0].SuggestedMetricGroup));
        Assert.True(set.Groups[0].Contains("CELL_12_V"));
        Assert.False(set.Groups[0].Contains("CELL_12_V_MAX"));
        Assert.Equal(("A", "B"), (set.Synthetics[0].Numerator, set.Synthetics[0].Denominator));
    }

    [Fact]
    public void A_file_that_is_too_large_is_not_read()
    {
        Assert.Throws<SignalsetException>(() => Signalset.Parse(new byte[SignalsetLimits.FileBytes + 1]));
        Assert.Throws<SignalsetException>(() => Parse(new string('[', 100_000)));
    }

    [Fact]
    public void Any_damage_is_refused_or_read_and_nothing_else()
    {
        byte[] whole = Encoding.UTF8.GetBytes("""
            {"commands":[{"hdr":"7E0","rax":"7E8","cmd":{"22":"F190"},"freq":1,"filter":{"from":2000,"years":[2010]},"signals":[
              {"id":"S","name":"S","fmt":{"bix":8,"len":16,"max":255,"unit":"scalar"}},{"id":"T","name":"T","fmt":{"len":8,"map":{"1":{"value":"A"}}}}]}],
             "signalGroups":[{"id":"G","matchingRegex":"S+"}]}
            """);
        var answer = Convert.FromHexString("62F190010203");
        Gen.Select(Gen.Int[0, whole.Length - 1], Gen.Byte, Gen.Int[0, 40]).Array[1, 4].Sample(edits =>
        {
            List<byte> damaged = [.. whole];
            foreach (var (at, value, cut) in edits)
            {
                damaged[at % damaged.Count] = value;
                if (cut < 8) damaged.RemoveRange(at % damaged.Count, Math.Min(cut, damaged.Count - at % damaged.Count - 1));
            }
            try
            {
                foreach (var command in Signalset.Parse(damaged.ToArray()).Commands)
                {
                    foreach (var signal in command.Signals) signal.Format.Decode(answer);
                }
            }
            catch (SignalsetException)
            {
            }
        }, iter: 3000);
    }

    /// <summary>A set with one command, 22 F190 of 7E0, and these signals.</summary>
    internal static Signalset SetOf(string signals, string command = "'hdr':'7E0','rax':'7E8','cmd':{'22':'F190'}") =>
        Parse($"{{'commands':[{{{command},'freq':1,'signals':[{signals}]}}]}}");

    /// <summary>JSON with single quotes.</summary>
    internal static Signalset Parse(string json) => Signalset.Parse(Encoding.UTF8.GetBytes(json.Replace('\'', '"')));

    private static IEnumerable<int> Years(string years) => years.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse);
}
