using System.Text;
using System.Text.Json;
using EdgeAgent.Cli.Vehicle;
using EdgeAgent.Obd.Signalsets;
using EdgeAgent.Obd.Tests.Signalsets;

namespace EdgeAgent.Tests.Cli.Vehicle;

public sealed class DecodeAnswersTests
{
    private const string Set = """
        {"commands":[{"hdr":"7E0","rax":"7E8","cmd":{"22":"F190"},"freq":1,"signals":[
          {"id":"A","name":"First","fmt":{"len":8,"div":4,"max":255,"nullmax":63,"unit":"volts"}},
          {"id":"B","name":"Second","fmt":{"bix":8,"len":8,"map":{"1":{"value":"ON","description":"It is on"}}}},
          {"id":"C","name":"Third","fmt":{"bix":16,"len":16,"max":0,"unit":"ascii"}}]}]}
        """;

    [Theory]
    [InlineData("""{"command":"22F190","response":"7E80762F190064F4B4C"}""", """{"signals":{"A":1.5,"C":19276},"texts":{"C":"KL"},"unavailable":["B"]}""")]
    [InlineData("""{"command":"22F190","response":"7E80762F19006014F4B"}""", """{"signals":{"A":1.5,"B":"ON","C":20299},"texts":{"C":"OK"}}""")]
    [InlineData("""{"command":"22F190","response":"7E80562F190FF01","year":2020,"idFormat":"11bit","extendedAddressing":false,"expected":{}}""", """{"signals":{"B":"ON"},"unavailable":["A"]}""")]
    [InlineData("""{"command":"7E0.7E8.22F190","response":"7E8 10 09 62 F1 90 06 01 4F\n7E8 22 4B 00 00","year":"2020"}""", """{"signals":{"A":1.5,"B":"ON","C":20299},"texts":{"C":"OK"},"damaged":true}""")]
    [InlineData("""{"command":"22F190","response":"NO DATA"}""", """{"error":"there is no whole answer to 22F190 in it"}""")]
    [InlineData("""{"command":"22F191","response":"NO DATA"}""", """{"error":"no signalset knows 22F191"}""")]
    [InlineData("""{"command":"speed","response":"NO DATA"}""", """{"error":"'speed' is no command; expected an id of the signalset such as 7E0.7E8.22F190, or the request alone, such as 010C"}""")]
    [InlineData("""{"response":"NO DATA"}""", """{"error":"/command: expected a string"}""")]
    [InlineData("""{"command":"22F190","response":"","idFormat":"12bit"}""", """{"error":"/idFormat: expected \"11bit\" or \"29bit\""}""")]
    [InlineData("""{"command":"22F190","response":"","year":"new"}""", """{"error":"/year: expected a model year"}""")]
    [InlineData("""{"command":"22F190\ud800","response":""}""", """{"error":"half of a surrogate pair is no character"}""")]
    [InlineData("""["22F190"]""", """{"error":"expected a JSON object"}""")]
    [InlineData("""{"command":""", """{"error":"no JSON at column 12"}""")]
    public void A_line_gives_a_line(string line, string decoded) => Assert.Equal(decoded + "\n", Decode(line, isJson: true));

    [Fact]
    public void Lines_come_out_in_their_order_and_one_that_is_too_long_is_refused_by_itself()
    {
        string tooLong = new('x', 5 * SignalsetLimits.AnswerLength);
        var output = Decode($$"""{"command":"22F190","response":"7E80462F19004"}{{"\n\n"}}{{tooLong}}{{"\r\n"}}{"command":"22F190","response":"7E80462F19008"}""", isJson: true).Split('\n');
        Assert.Equal("""{"signals":{"A":1}}""", output[0]);
        Assert.StartsWith("""{"error":"the line is longer than""", output[1], StringComparison.Ordinal);
        Assert.Equal("""{"signals":{"A":2}}""", output[2]);
    }

    [Fact]
    public void People_get_a_table() =>
        Assert.Equal("A  1.5 V           First\nB  ON              Second\nC  OK              Third\nerror: no signalset knows 22F191\n", Decode("""
            {"command":"22F190","response":"7E80762F19006014F4B"}
            {"command":"22F191","response":""}
            """, isJson: false));

    [Fact]
    public void Every_captured_answer_gives_the_expected_values()
    {
        int cases = 0;
        var standard = Signalset.Load(ObdbTestData.StandardSet());
        foreach (string vehicle in ObdbTestData.Vehicles())
        {
            var decoder = new SignalsetDecoder([Signalset.Load(ObdbTestData.SetOf(vehicle)), standard]);
            using var output = new MemoryStream();
            using (var writer = new DecodedAnswerWriter(output, isJson: true))
            using (var input = File.OpenRead(ObdbTestData.CasesOf(vehicle)))
                Assert.Equal(0, DecodeAnswersCommand.DecodeLines(decoder, input, year: null, writer));
            string[] decoded = Encoding.UTF8.GetString(output.ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
            int number = 0;
            foreach (string line in File.ReadLines(ObdbTestData.CasesOf(vehicle)))
            {
                using var expected = JsonDocument.Parse(line);
                using var found = JsonDocument.Parse(decoded[number++]);
                var signals = found.RootElement.GetProperty("signals");
                string? difference = ObdbTestData.Difference(expected.RootElement.GetProperty("expected"), id => ValueOf(signals, id));
                Assert.True(difference is null, $"{vehicle}:{number}: {difference}");
            }
            Assert.Equal(decoded.Length, number);
            cases += number;
        }
        Assert.True(cases >= 27_103);
    }

    private static object? ValueOf(JsonElement signals, string id) =>
        !signals.TryGetProperty(id, out var value) ? null : value.ValueKind == JsonValueKind.Number ? value.GetDouble() : value.GetString();

    private static string Decode(string lines, bool isJson)
    {
        var decoder = new SignalsetDecoder([Signalset.Parse(Encoding.UTF8.GetBytes(Set))]);
        using var output = new MemoryStream();
        using (var writer = new DecodedAnswerWriter(output, isJson))
            _ = DecodeAnswersCommand.DecodeLines(decoder, new MemoryStream(Encoding.UTF8.GetBytes(lines)), year: null, writer);
        return Encoding.UTF8.GetString(output.ToArray());
    }
}
