using System.Text;
using EdgeAgent.Can;
using EdgeAgent.Can.Dbc;
using EdgeAgent.Capture;
using EdgeAgent.Management.Configuration;
using EdgeAgent.Tenancy;

namespace EdgeAgent.Tests.Management;

/// <summary>What becomes of <c>sources[].obd.signalsets</c>, from the configuration to values.</summary>
public sealed class SignalsetPollingTests
{
    private const string Vehicle = """
        {"commands":[
          {"hdr":"7E4","rax":"7EC","cmd":{"22":"0101"},"freq":10,"signals":[{"id":"SOC","name":"Charge","fmt":{"len":8,"div":2,"max":100,"unit":"percent"}},
            {"id":"PLUG","name":"Plug","fmt":{"bix":8,"len":8,"map":{"0":{"value":"OUT","description":"out"},"3":{"value":"IN","description":"in"}}}}]},
          {"hdr":"744","rax":"74C","cmd":{"22":"0202"},"freq":0.01,"signals":[{"id":"ODO","name":"Distance","fmt":{"len":24,"max":16777215,"unit":"kilometers"}}]},
          {"hdr":"6F1","rax":"607","eax":"07","cmd":{"22":"6335"},"freq":5,"signals":[{"id":"SOH","name":"Health","fmt":{"len":8,"max":255,"unit":"percent"}}]},
          {"hdr":"7E0","rax":"7E8","cmd":{"22":"F40D"},"freq":1,"filter":{"to":2014},"signals":[{"id":"OLD","name":"Old","fmt":{"len":8,"max":255,"unit":"scalar"}}]},
          {"hdr":"7E0","cmd":{"22":"F40E"},"freq":1,"filter":{"from":2015},"signals":[{"id":"NEW","name":"New","fmt":{"len":8,"max":255,"unit":"scalar"}}]},
          {"hdr":"7E0","rax":"7E8","cmd":{"22":"F40F"},"freq":1,"dbg":true,"signals":[{"id":"TRY","name":"Try","fmt":{"len":8,"max":255,"unit":"scalar"}}]},
          {"hdr":"7E1","rax":"7E9","cmd":{"22":"1234"},"din":"03","freq":1,"signals":[{"id":"DEEP","name":"Deep","fmt":{"len":8,"max":255,"unit":"scalar"}}]},
          {"hdr":"7E1","rax":"7E9","cmd":{"2F":"1234"},"freq":1,"signals":[{"id":"LAMP","name":"Lamp","fmt":{"len":8,"max":255,"unit":"scalar"}}]},
          {"hdr":"7E1","rax":"7E9","cmd":{"22":"F18C"},"freq":1,"signals":[{"id":"SERIAL","name":"Serial number","fmt":{"len":64,"unit":"ascii"}}]}]}
        """;

    private const string Standard = """
        {"commands":[{"hdr":"7E0","rax":"7E8","cmd":{"01":"0C"},"freq":1,"signals":[{"id":"RPM","name":"Engine speed","fmt":{"len":16,"div":4,"max":16383.75,"unit":"rpm"}}]}]}
        """;

    private static readonly string[] Sets = [Vehicle, Standard];

    [Theory]
    [InlineData("", "7EC 220101 10 SOC,PLUG; 74C 220202 0.1 ODO; 607 226335 5 SOH; 7E8 22F40D 1 OLD; 7E8 22F40E 1 NEW; any 010C 1 RPM")]
    [InlineData(",\"modelYear\":2014", "7EC 220101 10 SOC,PLUG; 74C 220202 0.1 ODO; 607 226335 5 SOH; 7E8 22F40D 1 OLD; any 010C 1 RPM")]
    [InlineData(",\"modelYear\":2022,\"signals\":[{\"signal\":\"*\",\"everySeconds\":30},{\"signal\":\"SOC\",\"everySeconds\":2}]", "7EC 220101 2 SOC,PLUG; 74C 220202 30 ODO; 607 226335 30 SOH; 7E8 22F40E 30 NEW; any 010C 30 RPM")]
    [InlineData(",\"signals\":[{\"signal\":\"PLUG\"},{\"signal\":\"TRY\"}]", "7EC 220101 10 PLUG; 7E8 22F40F 1 TRY")]
    public void What_is_selected_is_asked_of_its_ecu_as_often_as_wanted(string members, string expected)
    {
        var plan = Plan(members);
        Assert.Equal(expected, string.Join("; ", plan.Queries.Select(query =>
            FormattableString.Invariant($"{query.Ecu?.ToString() ?? "any"} {Convert.ToHexString(query.Request.Span)} {query.Every.TotalSeconds} {string.Join(',', query.SignalsOf(BusName.Parse("can0")).Select(signal => signal.Name["can0/OBD/".Length..]))}"))));
        Assert.All(plan.Queries, query => Assert.Equal(query.Ecu is null, query.Pid is not null));
    }

    [Fact]
    public void Numbers_and_labels_of_an_answer_are_values_and_what_is_not_there_is_none()
    {
        var queries = Plan("").Queries;
        Assert.Equal("(4, 42.5) (5, 3)", Read(queries[0], 0x7EC, "5503"));
        Assert.Equal("(4, 42.5)", Read(queries[0], 0x7EC, "5501")); // a label that is not named
        Assert.Equal("(4, 42.5)", Read(queries[0], 0x7EC, "55"));
        Assert.Equal("no answer", Read(queries[0], 0x7EC, ""));
        Assert.Equal("(4, 66051)", Read(queries[1], 0x74C, "010203"));
        Assert.Equal("(4, 1726)", Read(queries[^1], 0x7E9, "1AF8"));
        Assert.Equal(("can0/OBD/SOC", "%"), (queries[0].SignalsOf(BusName.Parse("can0"))[0].Name, queries[0].SignalsOf(BusName.Parse("can0"))[0].Unit));
    }

    [Theory]
    [InlineData(",\"signals\":[{\"signal\":\"NONE\"}]", "/sources/0/obd/signals/0/signal: 'NONE': no signalset of this source has such a signal")]
    [InlineData(",\"modelYear\":2022,\"signals\":[{\"signal\":\"OLD\"}]", "/sources/0/obd/signals/0/signal: 'OLD': no signalset of this source has such a signal for model year 2022")]
    [InlineData(",\"signals\":[{\"signal\":\"DEEP\"}]", "'DEEP' cannot be polled: its ECU would have to be brought into another diagnostic session")]
    [InlineData(",\"signals\":[{\"signal\":\"LAMP\"}]", "'LAMP' cannot be polled: service 2F is none of 01, 09, 21 and 22, which only read")]
    [InlineData(",\"signals\":[{\"signal\":\"SERIAL\"}]", "'SERIAL' cannot be polled: it is a text and no number")]
    [InlineData(",\"signals\":[]", "/sources/0/obd/signals: an empty list polls nothing")]
    [InlineData(",\"signals\":[{\"signal\":\"SOC\"},{\"signal\":\"SOC\"}]", "/sources/0/obd/signals/1/signal: the same again")]
    [InlineData(",\"signals\":[{\"signal\":\"SOC\",\"everySeconds\":0}]", "/sources/0/obd/signals/0/everySeconds: 0 is outside of 0.1 to 3600 seconds")]
    [InlineData(",\"modelYear\":22", "/sources/0/obd/modelYear: 22 is outside of 1980 to 2100")]
    [InlineData(",\"requestsPerSecond\":0", "/sources/0/obd/requestsPerSecond: 0 is outside of 1 to 1000")]
    [InlineData(",\"engineOff\":\"go\"", "/sources/0/obd/engineOff: 'go': expected ignore or stop")]
    public void A_mistake_is_named_with_its_place(string members, string expected) =>
        Assert.Contains(expected, string.Join('\n', Assert.Throws<ConfigurationException>(() => Plan(members)).Mistakes), StringComparison.Ordinal);

    [Fact]
    public void Signalsets_are_artifacts_and_a_broken_one_is_named()
    {
        var configuration = Configuration("");
        Assert.Equal(3, configuration.Artifacts.Count);
        var e = Assert.Throws<ConfigurationException>(() => Compile(configuration, "{\"commands\":[{}]}"));
        Assert.All(e.Mistakes, mistake => Assert.StartsWith("/sources/0/obd/signalsets/", mistake.Pointer, StringComparison.Ordinal));
        Assert.Equal(2, e.Mistakes.Count);
    }

    private static string Read(ObdQuery query, uint ecu, string data)
    {
        var values = new SignalValue[query.MaxValues];
        int count = query.Read(CanId.Standard(ecu), Convert.FromHexString(data), firstSlot: 4, values);
        return count < 0 ? "no answer" : string.Join(' ', values.Take(count).Select(value => FormattableString.Invariant($"({value.Slot}, {value.Value})")));
    }

    private static ObdPollPlan Plan(string members) => Compile(Configuration(members), null).Obd!;

    private static CaptureSource Compile(TenantConfiguration configuration, string? instead)
    {
        var environment = TestSources.Environment with { OpenArtifact = digest => new MemoryStream(Encoding.UTF8.GetBytes(ContentOf(digest, instead))) };
        return Assert.Single(new SourceCompiler("test", environment).Compile(configuration.Sources));
    }

    private static string ContentOf(Sha256Digest digest, string? instead) =>
        Sets.FirstOrDefault(set => Sha256Digest.Of(Encoding.UTF8.GetBytes(set)) == digest) is { } set ? instead ?? set : "VERSION \"\"\nBU_: E\nBO_ 256 M: 4 E\n SG_ S : 0|8@1+ (1,0) [0|0] \"\" E\n";

    private static TenantConfiguration Configuration(string members)
    {
        string sets = string.Join(',', Sets.Select(set => $"\"sha256:{Sha256Digest.Of(Encoding.UTF8.GetBytes(set))}\""));
        return ConfigurationReader.ParseTenant(
            Encoding.UTF8.GetBytes($$$"""{"sources":[{"interface":"can0","dbc":["sha256:{{{new string('b', 64)}}}"],"obd":{"signalsets":[{{{sets}}}]{{{members}}}}}]}"""), "test");
    }
}
