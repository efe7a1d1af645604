using System.Text;
using EdgeAgent.Management.Configuration;
using EdgeAgent.Simulation;
using EdgeAgent.Tests.Tenancy;

namespace EdgeAgent.Tests.Simulation;

public sealed class ScenarioReaderTests
{
    private const string Whole = """
        {"vin":"WEA22Z0SXMV000001","seed":7,"drive":[{"phase":"city","seconds":1.5}],
         "ecus":[{"name":"engine","kind":"engine","id":"7E8","stored":["P0301"],"identifiers":{"D001":"0x0102","F187":"text"}},{"name":"body","kind":"body","id":"18DAF140"}],
         "answers":[{"request":"09 02","ecu":"engine","manner":"cut-off","delayMs":5},{"request":"22","refuse":"21","pending":2,"pendingEveryMs":100},{"request":"03","answer":"4300"}],
         "dbc":"car.dbc","signals":{"A/B":"speed","C/D":1.5}}
        """;

    [Fact]
    public void A_scenario_is_read()
    {
        var scenario = Parse(Whole);
        Assert.Equal(7, scenario.Seed);
        Assert.Equal([new DriveLeg(DrivePhase.City, TimeSpan.FromSeconds(1.5))], scenario.Drive);
        Assert.Equal(["engine Engine 7E8", "body Body 18DAF140"], scenario.Ecus.Select(ecu => $"{ecu.Name} {ecu.Kind} {ecu.Id}"));
        Assert.Equal(["P0301"], scenario.Ecus[0].Stored.Select(code => code.ToString()));
        Assert.Equal([1, 2], scenario.Ecus[0].Identifiers[0xD001]);
        Assert.Equal("text"u8, scenario.Ecus[0].Identifiers[0xF187]);
        Assert.Equal(
            ["engine 0902 CutOff 5 0 1000  none", " 22 Normal 0 2 100 busyRepeatRequest (21) none", " 03 Normal 0 0 1000  4300"],
            scenario.Rules.Select(rule => $"{rule.Ecu} {Convert.ToHexString(rule.Request.Span)} {rule.Manner} {rule.Delay.TotalMilliseconds} {rule.Pending} {rule.PendingInterval.TotalMilliseconds} "
                + $"{rule.Refusal} {(rule.Answer is { } answer ? Convert.ToHexString(answer.Span) : "none")}"));
        Assert.Equal("/scenarios/car.dbc", scenario.Dbc);
        Assert.Equal((SimulatedEcuTests.Standing.Speed, 1.5), (scenario.Signals["A/B"].At(SimulatedEcuTests.Standing), scenario.Signals["C/D"].At(SimulatedEcuTests.Standing)));
    }

    [Theory]
    [InlineData("\"vin\":\"WEA22Z0SXMV000001\",", "", "/vin: missing: a string")]
    [InlineData("WEA22Z0", "WIA22Z0", "/vin: 'WIA22Z0SXMV000001': expected 17 of A–Z without I, O and Q, and 0–9")]
    [InlineData("\"seed\":7", "\"seed\":7.5", "/seed: expected an integer of 0 to 2147483647")]
    [InlineData("\"seed\":7", "\"sede\":7", "/sede: unknown; expected one of: vin, seed, drive, ecus, answers, dbc, signals")]
    [InlineData("\"city\"", "\"town\"", "/drive/0/phase: 'town': expected one of idle, city, motorway, off")]
    [InlineData("1.5}]", "0}]", "/drive/0/seconds: expected a number of 0.1 to 86400")]
    [InlineData("{\"phase\":\"city\",\"seconds\":1.5}", "", "/drive: 0 elements; expected 1 to 100")]
    [InlineData("\"7E8\"", "\"7E0\"", "/ecus/0/id: '7E0': expected what an ECU answers with, 7E8 to 7EF or 18DAF100 to 18DAF1FF")]
    [InlineData("18DAF140", "18DB33F1", "/ecus/1/id: '18DB33F1': expected what an ECU answers with, 7E8 to 7EF or 18DAF100 to 18DAF1FF")]
    [InlineData("\"18DAF140\"", "\"7e8\"", "/ecus/1/id: another ECU answers with it already")]
    [InlineData("\"name\":\"body\"", "\"name\":\"engine\"", "/ecus/1/name: another ECU is called so already")]
    [InlineData("[\"P0301\"]", "[1]", "/ecus/0/stored/0: expected a trouble code, such as \"P0301\", or with its failure type \"P0301:00\"")]
    [InlineData("\"D001\"", "\"D01\"", "/ecus/0/identifiers/D01: 'D01': expected four hexadecimal digits, such as \"F187\"")]
    [InlineData("0x0102", "0x01X2", "/ecus/0/identifiers/D001: expected 1 to 1024 ASCII characters, or bytes as \"0x0102\"")]
    [InlineData("\"ecu\":\"engine\"", "\"ecu\":\"engin\"", "/answers/0/ecu: 'engin': no ECU is called so")]
    [InlineData("09 02", "9 02", "/answers/0/request: '9 02': expected 1 to 32 bytes in hexadecimal")]
    [InlineData("cut-off", "cut", "/answers/0/manner: 'cut': expected one of normal, silent, wrong-sequence, cut-off, garbage")]
    [InlineData("\"delayMs\":5", "\"delayMs\":60001", "/answers/0/delayMs: expected an integer of 0 to 60000")]
    [InlineData("\"refuse\":\"21\"", "\"refuse\":\"2122\"", "/answers/1/refuse: '2122': expected 1 to 1 bytes in hexadecimal")]
    [InlineData("\"refuse\":\"21\"", "\"refuse\":\"21\",\"answer\":\"00\"", "/answers/1/refuse: either this or 'answer'")]
    [InlineData("\"A/B\"", "\"AB\"", "/signals/AB: 'AB': expected MESSAGE/SIGNAL")]
    [InlineData("\"speed\"", "\"sped\"", "/signals/A~1B: expected a number or one of speed, engineSpeed, ")]
    [InlineData("1.5}}", "1.5},}", "no JSON at line 4, column ")]
    public void A_mistake_is_told_with_its_place(string old, string @new, string mistake)
    {
        Assert.Contains(old, Whole, StringComparison.Ordinal);
        string changed = Whole.Replace(old, @new, StringComparison.Ordinal);
        var mistakes = Assert.Throws<ConfigurationException>(() => Parse(changed)).Mistakes;
        Assert.StartsWith(mistake, Assert.Single(mistakes).ToString());
        // The schema sees the same, except what no schema can.
        if (!mistake.Contains("no JSON", StringComparison.Ordinal) && !mistake.Contains("another ECU", StringComparison.Ordinal) && !mistake.Contains("no ECU", StringComparison.Ordinal)
            && !mistake.Contains("ASCII", StringComparison.Ordinal)) Assert.False(Schemas.IsValid("scenario", changed), changed);
    }

    [Fact]
    public void All_mistakes_are_told_at_once()
    {
        var e = Assert.Throws<ConfigurationException>(() => Parse("""{"vin":"x","drive":[{"phase":"x","seconds":0}],"ecus":[{}],"answers":[{}]}"""));
        Assert.Equal(["/vin", "/drive/0/phase", "/drive/0/seconds", "/ecus/0/name", "/ecus/0/kind", "/ecus/0/id", "/answers/0/request"], e.Mistakes.Select(mistake => mistake.Pointer));
    }

    [Fact]
    public void The_default_is_a_scenario_that_has_something_to_show()
    {
        var scenario = ScenarioReader.Default;
        Assert.True(Schemas.IsValid("scenario", File.ReadAllText(Repository.PathOf("src", "EdgeAgent", "Simulation", "default-scenario.json"))));
        Assert.Equal(Enum.GetValues<DrivePhase>(), scenario.Drive.Select(leg => leg.Phase).Distinct().Order());
        Assert.All(scenario.Ecus, ecu => Assert.NotEmpty(ecu.Stored));
        var messages = ScenarioReader.DefaultMessages.Messages;
        Assert.All(scenario.Signals.Keys, key => Assert.Contains(messages, message => message.Signals.Any(signal => $"{message.Name}/{signal.Name}" == key)));
    }

    private static Scenario Parse(string json) => ScenarioReader.Parse(Encoding.UTF8.GetBytes(json), "/scenarios/one.json");
}
