using System.Text;
using EdgeAgent.Can;
using EdgeAgent.Can.Dbc;
using EdgeAgent.Cli.Can;

namespace EdgeAgent.Tests.Cli.Can;

/// <summary>How frames are shown.</summary>
public sealed class DumpWriterTests
{
    private const long Time = 1_543_509_533_000_838_123;

    private const string Dbc = """
        VERSION ""
        BU_: ECU
        BO_ 256 Engine: 4 ECU
         SG_ Speed : 0|16@1+ (0.25,0) [0|0] "rpm" ECU
         SG_ State : 16|8@1+ (1,0) [0|0] "" ECU
        VAL_ 256 State 3 "Running" ;
        """;

    private static readonly DecodePlan Plan = DecodePlan.Compile(DbcFile.Parse(Dbc));

    public static TheoryData<string, string, string> Frames => new()
    {
        { "123#112233", "(1543509533.000838) can0 123#112233", " (1543509533.000838)  can0  123   [3]  11 22 33" },
        { "18FEF100#", "(1543509533.000838) can0 18FEF100#", " (1543509533.000838)  can0  18FEF100   [0]  " },
        { "123#R4", "(1543509533.000838) can0 123#R4", " (1543509533.000838)  can0  123   [4]  remote request" },
        {
            "123##1112233445566778899AABBCC", "(1543509533.000838) can0 123##1112233445566778899AABBCC",
            " (1543509533.000838)  can0  123  [12]  11 22 33 44 55 66 77 88 99 AA BB CC  FD BRS"
        },
        {
            "20000004#0020000000008000", "(1543509533.000838) can0 20000004#0020000000008000",
            " (1543509533.000838)  can0  20000004   [8]  00 20 00 00 00 00 80 00 :: controller: transmit error-passive; error counters 128 sending, 0 receiving"
        },
        { "100#B20C0300", "(1543509533.000838) can0 100#B20C0300", " (1543509533.000838)  can0  100   [4]  B2 0C 03 00 :: Engine(Speed: 812.5 rpm, State: Running)" },
        { "100#B20C", "(1543509533.000838) can0 100#B20C", " (1543509533.000838)  can0  100   [2]  B2 0C :: Engine(Speed: 812.5 rpm) truncated" },
    };

    [Theory]
    [MemberData(nameof(Frames))]
    public void A_frame_is_a_line_for_programs_and_one_for_people(string frame, string log, string text)
    {
        Assert.Equal(log, Written(lines => new LogDumpWriter(lines), frame));
        Assert.Equal(text, Written(lines => new TextDumpWriter(lines, Plan), frame));
    }

    [Theory]
    [InlineData("123#112233", """{"time":"2018-11-29T16:38:53.000838123Z","bus":"can0","id":291,"extended":false,"data":"112233"}""")]
    [InlineData("18FEF100#R2", """{"time":"2018-11-29T16:38:53.000838123Z","bus":"can0","id":419361024,"extended":true,"remote":true,"length":2}""")]
    [InlineData("123##3AA", """{"time":"2018-11-29T16:38:53.000838123Z","bus":"can0","id":291,"extended":false,"fd":true,"bitRateSwitch":true,"errorState":true,"data":"AA"}""")]
    [InlineData(
        "20000040#000000000000FF00",
        """{"time":"2018-11-29T16:38:53.000838123Z","bus":"can0","data":"000000000000FF00","error":{"classes":["bus-off"],"state":"bus-off","text":"bus-off"}}""")]
    [InlineData(
        "100#B20C0300",
        """{"time":"2018-11-29T16:38:53.000838123Z","bus":"can0","id":256,"extended":false,"data":"B20C0300","message":"Engine","signals":{"Speed":812.5,"State":3},"labels":{"State":"Running"}}""")]
    public void A_frame_is_an_object(string frame, string json) => Assert.Equal(json, Written(lines => new JsonDumpWriter(lines, Plan), frame));

    [Fact]
    public void Text_and_log_allocate_nothing_for_a_frame()
    {
        var lines = new LineBuffer(Stream.Null);
        var frame = Frame("100#B20C0300");
        var error = Frame("20000004#0020000000008000");
        foreach (IDumpWriter writer in (IDumpWriter[])[new TextDumpWriter(lines, Plan), new LogDumpWriter(lines)])
        {
            Assert.Equal(0, Allocations.Least(() =>
            {
                for (int i = 0; i < 2000; i++)
                {
                    writer.Write(Time + i, "can0", frame);
                    writer.Write(Time + i, "can0", error);
                }
            }));
        }
    }

    private static string Written(Func<LineBuffer, IDumpWriter> make, string frame)
    {
        using var stream = new MemoryStream();
        var lines = new LineBuffer(stream);
        using var writer = make(lines);
        writer.Write(Time, "can0", Frame(frame));
        lines.Flush();
        return Encoding.UTF8.GetString(stream.ToArray()).TrimEnd('\n');
    }

    private static CanFrame Frame(string text)
    {
        Assert.True(EdgeAgent.Can.Candump.CandumpFormat.TryParse(Encoding.ASCII.GetBytes($"(1.0) can0 {text}"), out var entry, out _));
        return entry.Frame;
    }
}
