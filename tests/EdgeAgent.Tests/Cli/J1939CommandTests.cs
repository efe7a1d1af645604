using System.Diagnostics;

namespace EdgeAgent.Tests.Cli;

/// <summary><c>edge-agent j1939 dump</c>, and <c>decode</c> of J1939 messages.</summary>
public sealed class J1939CommandTests : IDisposable
{
    // 0x98FEEEFE: engine temperature; 0x98EF21FE: proprietary A; 0x98FEECFE: a message of 20 bytes.
    private const string Dbc = """
        BO_ 2566844158 ET1: 8 Vector__XXX
         SG_ Coolant : 0|8@1+ (1,-40) [-40|210] "degC" Vector__XXX
         SG_ Fuel : 8|8@1+ (1,-40) [-40|210] "degC" Vector__XXX
        BO_ 2565808638 PropA: 8 Vector__XXX
         SG_ A : 0|8@1+ (1,0) [0|255] "" Vector__XXX
        BO_ 2566843646 VI: 20 Vector__XXX
         SG_ Last : 152|8@1+ (1,0) [0|250] "" Vector__XXX
        BA_DEF_ BO_ "VFrameFormat" ENUM "StandardCAN","ExtendedCAN","reserved","J1939PG";
        BA_DEF_DEF_ "VFrameFormat" "J1939PG";
        """;

    private static readonly string Traffic = string.Join('\n', new[]
    {
        "18FEEE31#7DFEFFFFFFFFFFFF", "18EF0A31#7DFFFFFFFFFFFFFF",
        "1CECFF05#20140003FFECFE00", "1CEBFF05#0101020304050607", "1CEBFF05#0208090A0B0C0D0E", "1CEBFF05#030F1011121314FF",
        "18EEFF21#DEBCBAB4D585AAA9", "18EAFF0B#CAFE00", "18E8FF21#01FFFFFF0BCAFE00",
        "1CECFF21#200A0002FFCAFE00", "1CEBFF21#0147D3B804030A97", "1CEBFF21#020003FFFFFFFFFF",
        "1CEC2105#10140003FFECFE00", "1CEC0521#FF02FFFFFFECFE00", "123#00",
    }.Select((frame, i) => $"(1777881600.{i:D6}) can0 {frame}")) + "\n";

    private readonly TestDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void What_nodes_say_is_shown_in_words()
    {
        var (output, errors, code) = Run("j1939", "dump", "--log", _directory.Write("j.log", Traffic), "--spn-conversion", "2");
        Assert.Equal(("", 0), (errors, code));
        Assert.Equal("""
            2026-05-04T08:00:00Z can0 65262 49→all 7DFEFFFFFFFFFFFF
            2026-05-04T08:00:00.000001Z can0 61184 49→10 7DFFFFFFFFFFFFFF
            2026-05-04T08:00:00.000005Z can0 65260 5→all 0102030405060708090A0B0C0D0E0F1011121314
            2026-05-04T08:00:00.000006Z can0 60928 AddressClaimed 33→all DEBCBAB4D585AAA9  claimed: A9AA85D5B4BABCDE, manufacturer 1445, function 133
            2026-05-04T08:00:00.000007Z can0 59904 Request 11→all CAFE00  for 65226 DM1
            2026-05-04T08:00:00.000008Z can0 59392 Acknowledgment 33→all 01FFFFFF0BCAFE00  negative of 65226 to 11
            2026-05-04T08:00:00.000011Z can0 65226 DM1 33→all 47D3B804030A970003FF  MIL on  amber warning on, flashing slowly  SPN 1208 FMI 3 (10)  SPN 1208 FMI 3 [conversion 2?]
            2026-05-04T08:00:00.000013Z can0 60416 TP.CM 33→5 FF02FFFFFFECFE00  a message broke off: aborted

            """, output);
    }

    [Fact]
    public void For_programs_a_message_is_an_object()
    {
        var (output, _, code) = Run("j1939", "dump", "--log", _directory.Write("j.log", Traffic), "--json", "--pgn", "65226", "--pgn", "60928", "--pgn", "59392");
        Assert.Equal(0, code);
        Assert.Equal("""
            {"time":"2026-05-04T08:00:00.000006Z","bus":"can0","pgn":60928,"name":"AddressClaimed","priority":6,"source":33,"destination":255,"data":"DEBCBAB4D585AAA9","claim":"claimed","controller":{"name":"A9AA85D5B4BABCDE","identityNumber":1752286,"manufacturerCode":1445,"ecuInstance":5,"functionInstance":26,"function":133,"vehicleSystem":85,"vehicleSystemInstance":9,"industryGroup":2,"arbitraryAddressCapable":true}}
            {"time":"2026-05-04T08:00:00.000008Z","bus":"can0","pgn":59392,"name":"Acknowledgment","priority":6,"source":33,"destination":255,"data":"01FFFFFF0BCAFE00","acknowledgment":"negative","requested":65226,"address":11}
            {"time":"2026-05-04T08:00:00.000011Z","bus":"can0","pgn":65226,"name":"DM1","priority":7,"source":33,"destination":255,"data":"47D3B804030A970003FF","lamps":{"malfunctionIndicator":{"status":"on","flash":"none"},"redStop":{"status":"off","flash":"fast"},"amberWarning":{"status":"on","flash":"slow"},"protect":{"status":"not available","flash":"none"}},"codes":[{"spn":1208,"fmi":3,"count":10,"conversion":4},{"spn":151,"fmi":3,"count":null,"conversion":3}]}

            """, output);
    }

    [Fact]
    public void Messages_are_decoded_whoever_sends_them_and_indications_are_named_when_that_is_wanted()
    {
        string dbc = _directory.Write("j.dbc", Dbc), log = _directory.Write("j.log", Traffic);
        Assert.Equal("""
            2026-05-04T08:00:00Z can0 18FEEE31 ET1  Coolant=85 degC  Fuel=(error)
            2026-05-04T08:00:00.000001Z can0 18EF0A31 PropA  A=125
            2026-05-04T08:00:00.000005Z can0 1CFEEC05 VI  Last=20

            """, Run("decode", "--dbc", dbc, "--log", log, "--j1939-indications").Output);
        Assert.Equal("""
            {"time":"2026-05-04T08:00:00Z","bus":"can0","id":419360305,"extended":true,"pgn":65262,"source":49,"message":"ET1","signals":{"Coolant":85,"Fuel":null},"indications":{"Fuel":"error"},"labels":{}}
            {"time":"2026-05-04T08:00:00.000001Z","bus":"can0","id":418318897,"extended":true,"pgn":61184,"source":49,"destination":10,"message":"PropA","signals":{"A":125},"indications":{},"labels":{}}
            {"time":"2026-05-04T08:00:00.000005Z","bus":"can0","id":486468613,"extended":true,"pgn":65260,"source":5,"message":"VI","signals":{"Last":20},"indications":{},"labels":{}}

            """, Run("decode", "--dbc", dbc, "--log", log, "--json", "--j1939-indications").Output);
    }

    [Theory]
    [InlineData("--pgn", "59905", "--pgn: 59905 is the number of no group; expected 0-262143, ending in 00 (hex) if bits 8-15 are below F0")]
    [InlineData("--spn-conversion", "4", "--spn-conversion: expected 1, 2 or 3")]
    public void What_is_not_possible_is_refused(string option, string value, string expected)
    {
        var (output, errors, code) = Run("j1939", "dump", option, value);
        Assert.Equal((2, "", $"edge-agent: {expected}"), (code, output, errors.Split('\n')[0]));
    }

    [Fact]
    public void Lines_that_are_no_frames_are_named_and_passed_over()
    {
        var (output, errors, code) = Run("j1939", "dump", "--log", _directory.Write("bad.log", "nonsense\n(1.0) can0 18EAFF0B#CAFE00\n"));
        Assert.Equal((5, "1970-01-01T00:00:01Z can0 59904 Request 11→all CAFE00  for 65226 DM1\n"), (code, output));
        Assert.Contains("bad.log:1:1: expected ", errors, StringComparison.Ordinal);
        string empty = _directory.Write("empty.log", "");
        Assert.Equal(("", $"edge-agent: {empty}: no frames\n", 0), Run("j1939", "dump", "--log", empty));
    }

    /// <summary>Those of pretty_j1939, beside the checkout.</summary>
    [Fact]
    public void Real_captures_say_what_they_are_known_to_say()
    {
        string folder = Path.Combine(Environment.GetEnvironmentVariable("EDGE_TEST_DATA") is { Length: > 0 } given ? given : Repository.PathOf("..", "shared", "data"), "j1939");
        Assert.SkipUnless(Directory.Exists(folder), $"The J1939 captures are missing: no folder {folder}. Set EDGE_TEST_DATA to the folder above j1939/.");
        // Some have a number before each line.
        string[] lines = [.. Directory.GetFiles(folder, "*.log").Order(StringComparer.Ordinal).SelectMany(File.ReadLines).Where(line => line.Length > 0).Select(line => line[line.IndexOf('(', StringComparison.Ordinal)..])];
        var (output, errors, code) = Run("j1939", "dump", "--log", _directory.Write("real.log", string.Join('\n', lines) + "\n"));
        Assert.Equal(("", 0), (errors, code));
        string[] shown = [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => string.Join(' ', line.Split(' ')[2..]))];
        Assert.Equal(lines.Length, shown.Length);
        foreach (string expected in (string[])
        [
            "64931 0→all FFFF07FFFFFFFFFF", "65248 0→all FFFFFFFFB05C6800", "61444 0→all 207D87481400F087", // fan drive, distance, engine controller 1
            "65226 DM1 0→all 00FF00000000FFFF  no trouble codes", "65226 DM1 0→all 40FF5B000301FFFF  MIL on  SPN 91 FMI 3 (1)",
            "61184 11→0 0000001B000000B4", "126720 11→0 0000001B000000B4", "59904 Request 11→all ECFE00  for 65260",
        ]) Assert.Contains(expected, shown);
        Assert.Equal(3, shown.Count(line => line == "61444 0→all 0041FF20481400F0")); // whatever the priority
    }

    private static (string Output, string Errors, int Code) Run(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "edge-agent.dll"), .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        string output = process.StandardOutput.ReadToEnd(), errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return (output, errors, process.ExitCode);
    }
}
