using System.Text;
using EdgeAgent.Can.Tests.Fuzz;
using EdgeAgent.Obd.Signalsets;
using EdgeAgent.Obd.Tests.Signalsets;

namespace EdgeAgent.Obd.Tests.Fuzz;

/// <summary>Captured answers: the first byte says how they are read, the rest is text.</summary>
internal sealed class CapturedAnswerFuzz : FuzzTarget
{
    private static readonly string[] Commands = ["7E4.7EC.220101", "220101", "010C", "7E0.010C", "DA10.10.222610", "6F1.607.226335|e=07"];

    private readonly SignalsetDecoder _decoder = new([SignalsetTests.Parse("""
        {'commands':[
          {'hdr':'7E4','rax':'7EC','cmd':{'22':'0101'},'freq':1,'signals':[{'id':'A','name':'A','fmt':{'len':8,'max':100,'unit':'percent'}},{'id':'B','name':'B','fmt':{'bix':64,'len':8,'max':255,'unit':'scalar'}}]},
          {'hdr':'7E0','cmd':{'01':'0C'},'freq':1,'signals':[{'id':'C','name':'C','fmt':{'len':16,'max':1e5,'unit':'rpm'}}]},
          {'hdr':'DA10','rax':'10','cmd':{'22':'2610'},'freq':1,'signals':[{'id':'D','name':'D','fmt':{'len':8,'map':{'1':'ON'}}}]},
          {'hdr':'6F1','rax':'607','eax':'07','cmd':{'22':'6335'},'freq':1,'signals':[{'id':'E','name':'E','fmt':{'len':8,'max':255,'unit':'percent'}}]}]}
        """)]);

    public override string Name => "obd-answer";

    public override IReadOnlyList<byte[]> Seeds { get; } =
    [
        .. new[]
        {
            "07EC10106201013C0E10\n7EC21000000000000FF\n7EC22FFFFFF", "1010\n0: 62 01 01 3C 0E 10\n1: 00 00 00 00 00 00 FF\n2: FF FF FF", "27E804410C1AF8 7E904410C1AF9", "3010C\r7E8 04 41 0C 1A F8\r>", "418DAF1100462261001",
            "5607F10462633549\nNO DATA", "07EC037F2231", "27E8000941000000000000000000",
        }.Select(Encoding.UTF8.GetBytes),
    ];

    public override IReadOnlyList<byte[]> Words { get; } =
        [.. new[] { "7EC", "18DAF110", "620101", "410C", "7F22", "\n", "\\n", " ", ":", ">", "0:", "1FFF", "10FF", "21", "NO DATA", "\0", "é" }.Select(Encoding.UTF8.GetBytes)];

    public override string Run(ReadOnlySpan<byte> input)
    {
        if (input.IsEmpty) return "empty";
        string text = Encoding.UTF8.GetString(input[1..]);
        foreach (var header in Enum.GetValues<CapturedHeader>())
        {
            foreach (var message in CapturedAnswer.Read(text, header, hasExtendedAddress: input[0] % 2 != 0)) Assert.InRange(message.Data.Length, 1, 4095);
        }
        Assert.True(CommandReference.TryParse(Commands[input[0] % Commands.Length], out var command));
        bool isDecoded = _decoder.TryDecode(command, text, new AnswerOptions(), out var answer, out string? problem);
        Assert.Equal((isDecoded, isDecoded), (answer is not null, problem is null));
        return isDecoded ? $"{command.Text} {answer!.IsIntact} {string.Join(' ', answer.Signals.Select(signal => $"{signal.Id} {signal.Reading.State}"))}" : $"{command.Text} {problem![..5]}";
    }
}
