using System.Text;
using CsCheck;
using EdgeAgent.Management.Configuration;
using EdgeAgent.Tenancy;

namespace EdgeAgent.Tests.Management;

public sealed class ConfigurationReaderTests
{
    private const string Good = """
        {
          "device": "dongle-1",
          "tenant": { "id": "acme", "epoch": 3 },
          "broker": { "url": "mqtts://broker.example:9883", "userName": "dongle-1", "passwordFile": "secret" },
          "sources": [
            { "interface": "can0", "dbc": ["vehicle.dbc"], "signals": ["Engine/Speed", "Brakes/*"] },
            { "bus": "recorded", "log": "drive.log", "logBus": "can1", "speed": 0, "dbc": ["/data/other.dbc"] }
          ],
          "outbox": { "directory": "state", "sealAfterSeconds": 2, "flushAfterSeconds": 10, "memoryBytes": 1000000 },
          "log": { "level": "debug" },
          "drainSeconds": 1
        }
        """;

    [Fact]
    public void A_whole_configuration_is_read_with_paths_relative_to_its_own_place()
    {
        var configuration = Parse(Good);
        Assert.Equal("dongle-1", configuration.Device.Device.ToString());
        Assert.Equal(("acme", 3L), (configuration.Assignment!.Tenant.ToString(), configuration.Assignment.Epoch.Value));
        Assert.Equal("mqtts://broker.example:9883", configuration.Device.Broker.Name);
        Assert.True(configuration.Device.Broker.Tls);
        Assert.Equal("/etc/edge-agent/secret", configuration.Device.Broker.PasswordFile);
        Assert.Equal("can0", configuration.Tenant!.Sources[0].Bus.ToString());
        Assert.Equal(["/etc/edge-agent/vehicle.dbc"], configuration.Tenant!.Sources[0].Dbc.Select(file => file.Path));
        Assert.Equal(["Engine/Speed", "Brakes/*"], configuration.Tenant!.Sources[0].Signals!.Select(selector => selector.ToString()));
        Assert.Equal(["/data/other.dbc"], configuration.Tenant!.Sources[1].Dbc.Select(file => file.Path));
        Assert.Equal("/etc/edge-agent/state", configuration.Device.StateDirectory);
        Assert.Equal(TimeSpan.FromSeconds(2), configuration.Tenant!.SealAfter);
        Assert.Equal(Microsoft.Extensions.Logging.LogLevel.Debug, configuration.Tenant!.LogLevel);
    }

    [Fact]
    public void Only_device_broker_and_a_source_are_needed_and_without_a_tenant_the_device_is_unassigned()
    {
        var configuration = Parse("""{"device":"d","broker":{"url":"mqtt://localhost"},"sources":[{"interface":"can0","dbc":["v.dbc"]}]}""");
        Assert.Null(configuration.Assignment);
        Assert.Equal("mqtt://localhost:1883", configuration.Device.Broker.Name);
        Assert.Equal("/var/lib/edge-agent", configuration.Device.StateDirectory);
        Assert.Null(configuration.Tenant!.Sources[0].Signals);
    }

    [Theory]
    [InlineData("\"dongle-1\"", "\"a/b\"", "/device", "'a/b' is no id")]
    [InlineData("\"dongle-1\"", "\"+\"", "/device", "'+' is no id")]
    [InlineData("\"dongle-1\"", "12", "/device", "expected a string, found a number")]
    [InlineData("\"device\": \"dongle-1\",", "", "/device", "missing")]
    [InlineData("\"device\"", "\"devise\"", "/devise", "unknown; expected one of: device")]
    [InlineData("\"acme\"", "\"#\"", "/tenant/id", "'#' is no id")]
    [InlineData("\"epoch\": 3", "\"epoch\": 0", "/tenant/epoch", "0 is outside of 1 to")]
    [InlineData("\"epoch\": 3", "\"epoch\": \"3\"", "/tenant/epoch", "expected a number, found a string")]
    [InlineData("\"epoch\": 3", "\"epoch\": 1e30", "/tenant/epoch", "expected an integer")]
    [InlineData(", \"epoch\": 3", "", "/tenant/epoch", "missing: the number of the assignment")]
    [InlineData("mqtts://broker.example:9883", "mqtt://x:0", "/broker/url", "0 is no port")]
    [InlineData("\"interface\": \"can0\"", "\"interface\": \"a-very-long-name\"", "/sources/0/interface", "15 characters")]
    [InlineData("[\"Engine/Speed\", \"Brakes/*\"]", "[]", "/sources/0/signals", "captures nothing")]
    [InlineData("\"directory\": \"state\"", "\"directory\": \"\"", "/outbox/directory", "missing")]
    [InlineData("\"epoch\": 3", "\"epoch\": 1.5", "/tenant/epoch", "expected an integer")]
    [InlineData("mqtts://broker.example:9883", "http://x", "/broker/url", "expected mqtt://HOST")]
    [InlineData("mqtts://broker.example:9883", "mqtt://u:p@x", "/broker/url", "no user or password")]
    [InlineData("mqtts://broker.example:9883", "mqtt://x/path", "/broker/url", "'/path' behind the address")]
    [InlineData("\"userName\": \"dongle-1\", ", "", "/broker/passwordFile", "without /broker/userName")]
    [InlineData("\"interface\": \"can0\", ", "", "/sources/0", "either 'interface'")]
    [InlineData("\"interface\": \"can0\"", "\"interface\": \"can0\", \"speed\": 1", "/sources/0/speed", "only a log")]
    [InlineData("\"interface\": \"can0\"", "\"interface\": \"can0\", \"receiveBufferBytes\": 1", "/sources/0/receiveBufferBytes", "outside of 4096")]
    [InlineData("\"interface\": \"can0\"", "\"interface\": \"can0\", \"restartAfterSeconds\": 0", "/sources/0/restartAfterSeconds", "outside of 0.1")]
    [InlineData("\"interface\": \"can0\"", "\"interface\": \"can0\", \"silentAfterSeconds\": 0.5", "/sources/0/silentAfterSeconds", "outside of 1")]
    [InlineData("\"interface\": \"can0\"", "\"interface\": \"can0\", \"listenOnly\": true, \"obd\": {\"poll\": [{\"pid\": \"0C\"}]}", "/sources/0/obd/poll", "asking an ECU is sending")]
    [InlineData("\"log\": ", "\"listenOnly\": true, \"log\": ", "/sources/1/listenOnly", "only with 'interface'")]
    [InlineData("[\"vehicle.dbc\"]", "[]", "/sources/0/dbc", "missing: an array of DBC files")]
    [InlineData("[\"vehicle.dbc\"]", "\"vehicle.dbc\"", "/sources/0/dbc", "expected an array")]
    [InlineData("[\"vehicle.dbc\"]", "[null]", "/sources/0/dbc/0", "missing")]
    [InlineData("\"Brakes/*\"", "\"Brakes\"", "/sources/0/signals/1", "expected MESSAGE/SIGNAL")]
    [InlineData("\"recorded\"", "\"can0\"", "/sources/1/bus", "another source")]
    [InlineData("\"speed\": 0", "\"speed\": -1", "/sources/1/speed", "factor of 0.001")]
    [InlineData("\"flushAfterSeconds\": 10", "\"flushAfterSeconds\": 1e9", "/outbox/flushAfterSeconds", "outside of 0 to 3600")]
    [InlineData("\"level\": \"debug\"", "\"level\": \"loud\"", "/log/level", "expected one of trace")]
    [InlineData("\"log\": { \"level\": \"debug\" }", "\"log\": 7", "/log", "expected an object")]
    [InlineData("\"drainSeconds\": 1", "\"localApi\": {\"port\": 0, \"tokenFile\": \"t\"}", "/localApi/port", "outside of 1 to 65535")]
    [InlineData("\"drainSeconds\": 1", "\"localApi\": {\"tokenFile\": \"t\"}", "/localApi/port", "missing")]
    [InlineData("\"drainSeconds\": 1", "\"localApi\": {\"port\": 9470}", "/localApi/tokenFile", "missing")]
    [InlineData("\"drainSeconds\": 1", "\"localApi\": {\"port\": 9470, \"tokenFile\": \"t\", \"role\": \"king\"}", "/localApi/role", "expected one of: viewer")]
    [InlineData("\"drainSeconds\": 1", "\"localApi\": {\"port\": 9470, \"tokenFile\": \"t\", \"host\": \"0.0.0.0\"}", "/localApi/host", "unknown")]
    [InlineData("\"drainSeconds\": 1", "\"device\": \"twice\"", "/device", "given twice")]
    public void A_mistake_is_named_with_its_place_and_what_was_expected(string original, string replacement, string pointer, string message)
    {
        Assert.Contains(original, Good, StringComparison.Ordinal);
        int at = Good.IndexOf(original, StringComparison.Ordinal);
        var mistakes = Mistakes(Good.Remove(at, original.Length).Insert(at, replacement));
        var mistake = Assert.Single(mistakes, candidate => candidate.Pointer == pointer);
        Assert.Contains(message, mistake.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"poll":[{"pid":"0C"}]}""", true)]
    [InlineData("""{"signalsets":["a.json"]}""", true)]
    [InlineData("""{"poll":[]}""", false)]
    [InlineData("""{"vin":true}""", false)]
    public void An_interface_whose_ecus_are_asked_needs_no_dbc_file(string obd, bool isEnough)
    {
        string text = $$"""{"device":"d","tenant":{"id":"acme","epoch":1},"broker":{"url":"mqtt://x"},"sources":[{"interface":"can0","obd":{{obd}}}]}""";
        if (isEnough) Assert.Empty(Parse(text).Tenant!.Sources[0].Dbc);
        else Assert.Equal("/sources/0/dbc", Assert.Single(Mistakes(text)).Pointer);
    }

    [Fact]
    public void All_mistakes_are_found_at_once()
    {
        var mistakes = Mistakes("""{"device":"","tenant":{"id":"*","epoch":-1},"broker":{},"sources":[{},{"interface":"can0","dbc":["v"],"x":1}],"y":{}}""");
        Assert.Equal(
            ["/broker/url", "/device", "/sources/0", "/sources/0/bus", "/sources/0/dbc", "/sources/1/x", "/tenant/epoch", "/tenant/id", "/y"],
            mistakes.Select(mistake => mistake.Pointer).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("")]
    [InlineData("\uFEFF \n")]
    [InlineData("{")]
    [InlineData("[1]")]
    [InlineData("null")]
    [InlineData("{\"device\": \"d\",}")]
    public void What_is_no_json_object_is_refused_in_one_line(string text) =>
        Assert.DoesNotContain('\n', Assert.Single(Mistakes(text)).Message);

    [Fact]
    public void Members_of_a_wrong_type_are_all_found_beside_the_other_mistakes() =>
        Assert.Equal(
            ["/device", "/drainSeconds", "/log/level", "/sources/0", "/sources/1/dbc/0", "/sources/1/speed", "/tenant/id"],
            Mistakes("{\"device\":5,\"drainSeconds\":\"x\",\"log\":{\"level\":7},\"tenant\":{\"id\":\"#\",\"epoch\":1},\"broker\":{\"url\":\"mqtt://x\"},\"sources\":[7,{\"log\":\"l\",\"bus\":\"b\",\"speed\":[],\"dbc\":[{}]}]}")
                .Select(mistake => mistake.Pointer).Order(StringComparer.Ordinal));

    [Fact]
    public void A_byte_order_mark_is_no_mistake() => Assert.Equal("dongle-1", Parse("\uFEFF" + Good).Device.Device.ToString());

    [Fact]
    public void A_syntax_error_is_named_with_line_and_column() =>
        Assert.Contains("line 2, column 12", Assert.Single(Mistakes("{\n  \"device\" \"d\"}")).Message, StringComparison.Ordinal);

    [Fact]
    public void A_missing_file_is_named_with_the_option_to_use()
    {
        var e = Assert.Throws<ConfigurationException>(() => ConfigurationReader.LoadAgent("/nowhere/agent.json"));
        Assert.Equal("/nowhere/agent.json: no such file; name the configuration with --config FILE", e.Message);
    }

    [Fact]
    public void No_bytes_do_more_than_refuse() =>
        Gen.Select(Gen.Int[0, Good.Length - 1], Gen.Byte, Gen.Int[0, 40]).Sample((at, value, cut) =>
        {
            byte[] text = Encoding.UTF8.GetBytes(Good);
            text[at] = value;
            try
            {
                ConfigurationReader.ParseAgent(text.AsSpan(0, text.Length - cut), "/etc/edge-agent/agent.json");
            }
            catch (ConfigurationException e)
            {
                Assert.NotEmpty(e.Mistakes);
            }
        });

    private static AgentConfiguration Parse(string json) => ConfigurationReader.ParseAgent(Encoding.UTF8.GetBytes(json), "/etc/edge-agent/agent.json");

    private static IReadOnlyList<ConfigurationMistake> Mistakes(string json) => Assert.Throws<ConfigurationException>(() => Parse(json)).Mistakes;
}
