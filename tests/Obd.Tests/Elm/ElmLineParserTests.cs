using System.Text;
using CsCheck;
using EdgeAgent.Obd.Elm;

namespace EdgeAgent.Obd.Tests.Elm;

/// <summary>Lines as the data sheets show them.</summary>
public sealed class ElmLineParserTests
{
    [Theory]
    // ELM327 data sheet, "Multiline Responses" and "Interpreting Trouble Codes", with headers.
    [InlineData(6, "7E8 06 41 00 BE 3F A8 13 ", "7E8 064100BE3FA813")]
    [InlineData(6, "7E8064100BE3FA813", "7E8 064100BE3FA813")]
    [InlineData(6, "7E8 10 14 49 02 01 31 44 34", "7E8 1014490201314434")]
    [InlineData(6, "7E8 21 47 50 30 30 52 35 35", "7E8 2147503030523535")]
    [InlineData(7, "18 DA F1 10 06 41 00 BE 3F A8 13", "18DAF110 064100BE3FA813")]
    [InlineData(9, "18DAF1100341054D", "18DAF110 0341054D")]
    [InlineData(2, "48 6B 10 41 00 BE 3E B8 11 FA", "18DAF110 4100BE3EB811")]
    [InlineData(3, "48 6B 10 41 05 7B 84", "18DAF110 41057B")]
    [InlineData(3, "48 6B 10 41 05 7B 85", "18DAF110 41057B damaged")]
    [InlineData(5, "83 F1 11 41 05 7B 46", "18DAF111 41057B")]
    [InlineData(6, "7E8 03 41 05 7B <DATA ERROR", "7E8 0341057B damaged")]
    [InlineData(6, "7E8 03 41 05 7B <RX ERROR", "7E8 0341057B damaged")]
    [InlineData(6, "SEARCHING...7E8 03 41 05 7B", "7E8 0341057B")]
    [InlineData(3, "BUS INIT: ...OK", "Progress")]
    [InlineData(3, "BUS INIT: OK", "Progress")]
    [InlineData(3, "BUS INIT: ...ERROR", "BusInitError")]
    [InlineData(3, "BUS INIT: ERROR", "BusInitError")]
    [InlineData(6, "SEARCHING...", "Progress")]
    [InlineData(6, "SEARCHING...UNABLE TO CONNECT", "UnableToConnect")]
    [InlineData(6, "UNABLE TO CONNECT", "UnableToConnect")]
    [InlineData(6, "NO DATA", "NoData")]
    [InlineData(6, "BUFFER FULL", "BufferFull")]
    [InlineData(6, "CAN ERROR", "CanError")]
    [InlineData(6, "BUS BUSY", "BusError")]
    [InlineData(6, "BUS ERROR", "BusError")]
    [InlineData(6, "DATA ERROR", "DataError")]
    [InlineData(6, "FB ERROR", "FeedbackError")]
    [InlineData(6, "STOPPED", "Stopped")]
    [InlineData(6, "?", "NotUnderstood")]
    [InlineData(6, "OK", "Ok")]
    [InlineData(6, "LV RESET", "Restarted")]
    [InlineData(6, "ELM327 v1.5", "Restarted")]
    [InlineData(6, "STN1110 v4.0.1", "Restarted")]
    [InlineData(6, "!LP ALERT", "Alert")]
    [InlineData(6, "ACT ALERT", "Alert")]
    [InlineData(6, "ERR94", "InternalError")]
    // What is no line with a header is none.
    [InlineData(6, "41 00 BE 3F A8 13", "Text")]
    [InlineData(6, "014", "Text")]
    [InlineData(6, "0: 49 02 01 31 44 34", "Text")]
    [InlineData(6, "7E8 0", "Text")]
    [InlineData(6, "7E8", "Text")]
    [InlineData(6, "FFF 00", "Text")]
    [InlineData(6, "7E8 03 41 0G", "Text")]
    [InlineData(6, "7E8 03 41 <WHAT", "Text")]
    [InlineData(7, "38 DA F1 10 06 41", "Text")]
    [InlineData(3, "48 6B 10 41", "Text")]
    [InlineData(0, "7E8 06 41 00 BE 3F A8 13", "Text")]
    [InlineData(6, "", "Text")]
    public void A_line_is_read(int protocol, string line, string expected)
    {
        Span<byte> data = stackalloc byte[ElmLineParser.MaxData];
        var parsed = ElmLineParser.Parse(Encoding.ASCII.GetBytes(line), (ElmProtocol)protocol, data);
        Assert.Equal(expected, parsed.Kind == ElmLineKind.Data ? $"{parsed.Source} {Convert.ToHexString(data[..parsed.Length])}{(parsed.IsDamaged ? " damaged" : "")}" : parsed.Kind.ToString());
    }

    [Fact]
    public void Any_line_in_any_protocol_is_read_without_harm() =>
        Gen.Select(Gen.Int[0, 9], Gen.OneOf(Gen.Byte.Array[0, 600], Gen.Char["0123456789ABCDEF <.:\rERO"].Array[0, 400].Select(text => Encoding.ASCII.GetBytes(text)))).Sample((protocol, line) =>
        {
            byte[] data = new byte[ElmLineParser.MaxData];
            var parsed = ElmLineParser.Parse(line, (ElmProtocol)protocol, data);
            return parsed.Kind == ElmLineKind.Data ? parsed.Length is > 0 and <= ElmLineParser.MaxData && protocol > 0 : parsed.Length == 0;
        });

    [Fact]
    public void Lines_and_prompts_are_the_same_however_the_bytes_come()
    {
        Gen.Select(Gen.OneOf(Gen.Byte, Gen.Int[0, 4].Select(i => "\r\n>\07"u8[i])).Array[0, 1500], Gen.Int[1, 40]).Sample((bytes, chunk) =>
            Tokens([bytes]).SequenceEqual(Tokens(bytes.Chunk(chunk))));
        Assert.Equal(["7E8", "Prompt", "OK", "Prompt"], Tokens([Encoding.ASCII.GetBytes("\r\n7E\08\r\r>OK>")]));
        Assert.Equal([new string('x', 3)], Tokens([Encoding.ASCII.GetBytes(new string('x', ElmLineReader.MaxLineLength + 3) + "\r")]));
    }

    [Fact]
    public void Reading_and_parsing_allocate_nothing()
    {
        byte[] bytes = Encoding.ASCII.GetBytes("7E8 10 14 49 02 01 31 44 34\r7E8 21 47 50 30 30 52 35 35\rSEARCHING...\rNO DATA\r>"), data = new byte[ElmLineParser.MaxData];
        var reader = new ElmLineReader();
        Assert.Equal(0, Allocations.Least(() =>
        {
            ReadOnlySpan<byte> rest = bytes;
            while (reader.TryRead(ref rest, out var token, out var line))
            {
                if (token == ElmToken.Line) ElmLineParser.Parse(line, ElmProtocol.Can11At500, data);
            }
        }));
    }

    private static List<string> Tokens(IEnumerable<byte[]> chunks)
    {
        var reader = new ElmLineReader();
        List<string> tokens = [];
        foreach (byte[] chunk in chunks)
        {
            ReadOnlySpan<byte> rest = chunk;
            while (reader.TryRead(ref rest, out var token, out var line)) tokens.Add(token == ElmToken.Line ? Encoding.Latin1.GetString(line) : "Prompt");
        }
        return tokens;
    }
}
