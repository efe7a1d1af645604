using System.Text;
using EdgeAgent.Capture;
using EdgeAgent.Management.Configuration;
using EdgeAgent.Tenancy;

namespace EdgeAgent.Tests.Management;

public sealed class TenantConfigurationTests
{
    private static readonly string Digest = new('a', 64);

    private static readonly string Good = $$"""
        {
          "sources": [{ "interface": "can0", "listenOnly": true, "restartAfterSeconds": 2.5, "silentAfterSeconds": 30, "dbc": ["sha256:{{Digest}}"], "signals": ["Engine/*"] },
                      { "log": "sha256:{{new string('b', 64)}}", "bus": "replay", "dbc": ["sha256:{{Digest}}"] }],
          "publishing": { "encoding": "columnar", "bytesPerSecond": 5000, "metered": { "interfaces": ["wwan*"], "minimumPriority": "high", "bytesPerSecond": 500 } },
          "outbox": { "quotaBytes": 10000000, "flushAfterSeconds": 2, "sealAfterSeconds": 10 },
          "access": { "users": { "fleet": "technician" } },
          "log": { "level": "debug" },
          "healthEverySeconds": 30,
          "trialSeconds": 20
        }
        """;

    [Fact]
    public void Everything_that_a_tenant_decides_is_read()
    {
        var configuration = Parse(Good);
        Assert.Equal(2, configuration.Sources.Count);
        Assert.Equal(new BusPolicy(TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(2.5), ListenOnly: true), configuration.Sources[0].Policy);
        Assert.Equal(BusPolicy.Default, configuration.Sources[1].Policy);
        Assert.Equal([Digest, new string('b', 64)], configuration.Artifacts.Select(artifact => artifact.ToString()));
        Assert.Equal("columnar", configuration.Publishing.Encoding.Name);
        Assert.Equal((5000L, Priority.High, 500L), (configuration.Publishing.BytesPerSecond, configuration.Publishing.Metered!.MinimumPriority, configuration.Publishing.Metered.BytesPerSecond));
        Assert.Equal((10_000_000L, 2.0, 10.0), (configuration.QuotaBytes, configuration.FlushAfter.TotalSeconds, configuration.SealAfter.TotalSeconds));
        Assert.Equal((30.0, 20.0), (configuration.HealthEvery.TotalSeconds, configuration.Trial.TotalSeconds));
        Assert.Equal(Microsoft.Extensions.Logging.LogLevel.Debug, configuration.LogLevel);
    }

    [Fact]
    public void Of_two_sources_on_one_interface_none_asks_if_one_only_listens()
    {
        string listening = $$"""{ "interface": "can0", "bus": "a", "listenOnly": true, "dbc": ["sha256:{{Digest}}"] }""";
        string asking = $$"""{ "interface": "can0", "bus": "b", "obd": { "poll": [{ "pid": "0C" }] }, "dbc": ["sha256:{{Digest}}"] }""";
        foreach (string sources in (string[])[$"{listening}, {asking}", $"{asking}, {listening}"])
        {
            var e = Assert.Throws<ConfigurationException>(() => Parse($$"""{ "sources": [{{sources}}] }"""));
            Assert.Contains("of two sources on can0 one says 'listenOnly'", e.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void An_empty_object_is_the_default_and_captures_nothing()
    {
        var configuration = Parse("{}");
        Assert.Empty(configuration.Sources);
        Assert.Equal("senml+json", configuration.Publishing.Encoding.Name);
    }

    [Theory]
    [InlineData("\"interface\": \"can0\"", "\"interface\": \"../can0\"", "/sources/0/interface", "no interface's name")]
    [InlineData("[\"Engine/*\"]", "[\"Engine\"]", "/sources/0/signals/0", "expected MESSAGE/SIGNAL")]
    [InlineData("\"columnar\"", "\"xml\"", "/publishing/encoding", "'xml' is no encoding")]
    [InlineData("\"bytesPerSecond\": 5000", "\"bytesPerSecond\": 1", "/publishing/bytesPerSecond", "outside of 128")]
    [InlineData("[\"wwan*\"]", "[]", "/publishing/metered/interfaces", "missing")]
    [InlineData("\"minimumPriority\": \"high\"", "\"minimumPriority\": \"urgent\"", "/publishing/metered/minimumPriority", "'urgent' is no priority")]
    [InlineData("\"quotaBytes\": 10000000", "\"quotaBytes\": 5", "/outbox/quotaBytes", "outside of")]
    [InlineData("\"quotaBytes\": 10000000", "\"directory\": \"/\"", "/outbox", "the device's own")]
    [InlineData("\"fleet\": \"technician\"", "\"fleet\": \"king\"", "/access/users/fleet", "king")]
    [InlineData("\"trialSeconds\": 20", "\"trialSeconds\": 1", "/trialSeconds", "outside of 5")]
    [InlineData("\"trialSeconds\": 20", "\"device\": \"d\"", "/device", "unknown")]
    [InlineData("\"trialSeconds\": 20", "\"broker\": {}", "/broker", "unknown")]
    public void A_mistake_is_named_with_its_place(string original, string replacement, string pointer, string message)
    {
        Assert.Contains(original, Good, StringComparison.Ordinal);
        var e = Assert.Throws<ConfigurationException>(() => Parse(Good.Replace(original, replacement, StringComparison.Ordinal)));
        var mistake = Assert.Single(e.Mistakes, candidate => candidate.Pointer == pointer);
        Assert.Contains(message, mistake.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/etc/shadow")]
    [InlineData("vehicle.dbc")]
    [InlineData("sha256:")]
    [InlineData("sha256:../../key")]
    public void What_comes_from_outside_names_artifacts_and_no_paths(string name)
    {
        var e = Assert.Throws<ConfigurationException>(() => Parse($$"""{"sources":[{"log":"{{name}}","bus":"b","dbc":["{{name}}"]}]}"""));
        Assert.Equal(["/sources/0/dbc/0", "/sources/0/log"], e.Mistakes.Select(mistake => mistake.Pointer).Order(StringComparer.Ordinal));
    }

    private static TenantConfiguration Parse(string json) => ConfigurationReader.ParseTenant(Encoding.UTF8.GetBytes(json), "configuration");
}
