using System.Diagnostics;
using System.Text.Json.Nodes;
using EdgeAgent.Can;
using EdgeAgent.Can.SocketCan;
using EdgeAgent.Cli;
using EdgeAgent.Cli.Can;
using EdgeAgent.Cli.Doctor;
using EdgeAgent.Cli.Journal;
using EdgeAgent.Tests.Cli.Doctor;

namespace EdgeAgent.Tests.Cli;

/// <summary>What a technician sees at a serial console of 80 columns, with names as long as they may be: the captures beside this file are what is shown.</summary>
public sealed class SerialConsoleTests
{
    private const string LongInterface = "can-passenger-1", LongUrl = "mqtts://broker-of-the-fleet.europe-west.telematics.example.com:8883";

    private static readonly string LongBus = "powertrain-" + new string('x', 52) + "-1";

    [Theory]
    [InlineData("status")]
    [InlineData("doctor")]
    [InlineData("why")]
    [InlineData("can-show")]
    [InlineData("journal")]
    public void It_fits_80_columns_and_is_as_captured(string command)
    {
        string[] lines = Shown(command);
        Assert.All(lines, line => Assert.True(line.Length <= 80 && !line.Any(char.IsControl), line));
        string capture = Repository.PathOf("tests", "EdgeAgent.Tests", "Cli", "Captures", command + ".txt");
        string shown = string.Join('\n', lines) + "\n";
        Assert.True(File.Exists(capture) && File.ReadAllText(capture) == shown, $"{capture} is not what is shown:\n{shown}");
    }

    [Theory]
    [InlineData("", "", true)]
    [InlineData("NO_COLOR=1", "", false)]
    [InlineData("", " | cat", false)]
    public async Task Colours_are_for_terminals_and_for_those_who_want_them(string variable, string pipe, bool expected)
    {
        if (!File.Exists("/usr/bin/script")) Assert.Skip("script is missing: apt-get install -y bsdutils");
        string agent = Path.Combine(AppContext.BaseDirectory, "edge-agent.dll");
        var start = new ProcessStartInfo("script", ["-qec", $"{variable} dotnet {agent} doctor --config /nosuch --socket /nosuch{pipe}", "/dev/null"]) { RedirectStandardOutput = true, RedirectStandardInput = true };
        start.Environment.Remove("NO_COLOR");
        start.Environment["TERM"] = "linux";
        using var process = Process.Start(start)!;
        string output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Contains("/nosuch does not exist", output, StringComparison.Ordinal);
        Assert.Equal(expected, output.Contains("\e[1;31m", StringComparison.Ordinal));
    }

    private static string[] Shown(string command)
    {
        var trouble = TestFacts.Of(Rename) with { Network = TestFacts.Network with { Host = "broker-of-the-fleet.europe-west.telematics.example.com", Tls = new Step("", $"{LongUrl}: its certificate (CN=broker-of-the-fleet.europe-west.telematics.example.com) expired on 2026-10-01") } };
        var link = TestFacts.Link with
        {
            State = CanControllerState.ErrorPassive,
            DataBitTiming = new CanBitTiming(2_000_000, 750),
            Modes = CanControllerModes.Fd | CanControllerModes.ListenOnly | CanControllerModes.ErrorReporting,
            RestartAfter = TimeSpan.FromMilliseconds(100),
            Statistics = new CanLinkStatistics(ulong.MaxValue, ulong.MaxValue, 0, 0, uint.MaxValue, uint.MaxValue, 1, 2),
            DeviceStatistics = new CanDeviceStatistics(uint.MaxValue, 1, 2, 3, 4, 5),
        };
        return command switch
        {
            "status" => [.. StatusTable.Lines(Renamed())],
            "doctor" => [.. Examination.Of(trouble).SelectMany(finding => FindingText.Lines(finding, colour: false))],
            "why" => [.. Verdict.Of(trouble).Lines()],
            "can-show" => [.. CanShowCommand.Lines(LongInterface, link)],
            _ => Journal(),
        };
    }

    private static string[] Journal()
    {
        using var output = new StringWriter { NewLine = "\n" };
        var entry = new JournalRecord(new DateTimeOffset(2026, 11, 28, 7, 43, 32, TimeSpan.Zero), 4, $"{LongBus}: no frame for 10 s: silent", "389f92efb9d14f1ea1f57412e30b1413", [("EDGE_BUS", LongBus), ("EDGE_SECONDS", "10")]);
        new JournalTextWriter(output, TimeZoneInfo.Utc, WordWrap.Columns, JournalCatalog.Load()).Write(entry);
        return output.ToString().TrimEnd('\n').Split('\n');
    }

    private static JsonObject Renamed()
    {
        var status = JsonNode.Parse(TestFacts.Status)!.AsObject();
        Rename(status);
        return status;
    }

    private static void Rename(JsonObject status)
    {
        var (broker, source) = (status["broker"]!, status["sources"]![0]!);
        (broker["url"], broker["connected"], broker["fault"], broker["trouble"], broker["troubleSeconds"]) = (LongUrl, false, "tls", $"{LongUrl} cannot be reached: its certificate expired on 2026-10-01", 7);
        (source["bus"], source["interface"], source["frames"], source["samples"]) = (LongBus, LongInterface, 123_456_789_012, 987_654_321_098);
        (status["device"], status["tenant"]) = (new string('d', 64), new string('t', 64));
    }
}
