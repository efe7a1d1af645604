using System.Text;
using EdgeAgent.Can.Tests.Fuzz;
using EdgeAgent.Obd.Signalsets;

namespace EdgeAgent.Obd.Tests.Fuzz;

/// <summary>Signalsets: read or refused with places, and what was read decodes any answer.</summary>
internal sealed class SignalsetFuzz : FuzzTarget
{
    private static readonly byte[][] Answers = [[], [0x62, 0xF1, 0x90], [0x62, 0xF1, 0x90, 1, 2, 3, 4, 5, 6, 7, 8, 9], [.. Enumerable.Repeat((byte)0xFF, 64)]];

    public override string Name => "signalset";

    public override IReadOnlyList<byte[]> Seeds { get; } =
    [
        .. new[]
        {
            """{"commands":[{"hdr":"7E0","rax":"7E8","cmd":{"22":"F190"},"freq":1,"signals":[{"id":"S","name":"S","fmt":{"bix":8,"len":16,"max":255,"unit":"scalar"}}]}]}""",
            """{"commands":[{"hdr":"DA10","rax":"10","pri":"14","tst":"7B","eax":"07","tmo":"FF","fcm1":true,"dbg":true,"din":"03","dout":"01","cmd":{"21":"01"},"freq":0.5,"proto":"15765-4-29bit","filter":{"from":2000,"to":2010,"years":[2015]},"dbgfilter":{"to":2000},"signals":[{"id":"T","name":"T","fmt":{"len":8,"map":{"1":{"value":"A","description":"B"},"2":"C"}}}]}]}""",
            """{"diagnosticLevel":"03","commands":[{"hdr":"7E0","cmd":{"01":12},"freq":1,"signals":[{"id":"U","name":"U","path":"Engine","hidden":true,"suggestedMetric":"speed","fmt":{"len":24,"blsb":true,"sign":true,"mul":2,"div":4,"add":-40,"min":-40,"max":1e3,"nullmin":-40,"nullmax":1e3,"omin":0,"omax":1,"oval":0.5,"unit":"celsius"}}]}],"signalGroups":[{"id":"G","matchingRegex":"U(\\d+)?"}],"synthetics":[{"id":"R","name":"R","path":"Fuel","max":1,"unit":"normal","formula":{"op":"ratio","a":"U","b":"T"}}]}""",
        }.Select(Encoding.UTF8.GetBytes),
    ];

    public override IReadOnlyList<byte[]> Words { get; } =
    [
        .. new[] { "\"", "{", "}", "[", "]", ":", ",", "null", "true", "-1", "1e308", "32760", "64", "65", "\"hdr\":", "\"686A\"", "\"rax\":\"1EC60E80\"", "\"map\":{", "\"blsb\":true", "\"len\":4096", "\"unit\":\"ascii\"", "\"unit\":\"hex\"", "\\ud800", "(a+)+" }
            .Select(Encoding.UTF8.GetBytes),
    ];

    public override string Run(ReadOnlySpan<byte> input)
    {
        try
        {
            var set = Signalset.Parse(input.ToArray());
            var decoder = new SignalsetDecoder([set]);
            int readings = 0;
            foreach (var command in set.Commands)
            {
                Assert.True(CommandReference.TryParse(command.Id, out var reference), command.Id);
                Assert.True(command.Request.Span.SequenceEqual(reference.Request.Span));
                Assert.NotEmpty(decoder.CommandsFor(command.Request.Span, command.AnswerId, null));
                foreach (var signal in command.Signals)
                {
                    foreach (byte[] answer in Answers)
                    {
                        var reading = signal.Format.Decode(answer);
                        Assert.True(double.IsFinite(reading.Number));
                        if (reading.State != SignalState.TooShort) readings++;
                        _ = signal.Format.Text(answer);
                    }
                }
            }
            foreach (var group in set.Groups) _ = group.Contains("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!");
            return $"{Math.Min(set.Commands.Count, 3)} {Math.Min(readings, 8)} {set.Groups.Count} {set.Synthetics.Count} {set.Warnings.Count}";
        }
        catch (SignalsetException e)
        {
            Assert.InRange(e.Mistakes.Count, 1, SignalsetLimits.Mistakes);
            // The kind of mistake in the member that it is about, without numbers and what was quoted.
            string place = e.Mistakes[0].Place, problem = e.Mistakes[0].Problem;
            return $"{place[(place.LastIndexOf('/') + 1)..].Split('\\')[0].Length > 12} {problem[..Math.Min(14, problem.Length)]} {Math.Min(e.Mistakes.Count, 3)}";
        }
    }
}
