using System.Text;
using System.Text.Json.Nodes;
using EdgeAgent.Can;
using EdgeAgent.Management;
using EdgeAgent.Management.Commands;
using EdgeAgent.Tenancy;
using EdgeAgent.Tenancy.Access;
using EdgeAgent.Tests.Capture;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using static EdgeAgent.Tests.Tenancy.TestDocuments;

namespace EdgeAgent.Tests.Management.Commands;

public sealed class OperationsTests
{
    private readonly FakeDevice _device = new();
    private readonly FakeTimeProvider _time = new(Now);

    [Fact]
    public async Task Ping_status_and_flush_answer()
    {
        Assert.Equal("""{"time":"2026-01-02T03:04:05.000Z"}""", (await Run(new PingOperation(_time))).ToJsonString());
        Assert.Equal("""{"a":1}""", (await Run(new ViewOperation(Operation.Status, () => new JsonObject { ["a"] = 1 }))).ToJsonString());
        int flushed = 0;
        await Run(new FlushOutboxOperation(() => new JsonObject { ["flushed"] = ++flushed }));
        Assert.Equal(1, flushed);
        await Assert.ThrowsAsync<OperationException>(() => Run(new PingOperation(_time), """{"x":1}"""));
    }

    [Fact]
    public async Task Another_log_level_counts_for_its_time()
    {
        var level = new LogLevelSwitch(LogLevel.Information, _time);
        Assert.False(level.IsEnabled(LogLevel.Debug));
        var result = await Run(new LogLevelOperation(level), """{"level":"debug","seconds":60}""");
        Assert.Equal("""{"level":"debug","seconds":60,"afterwards":"information"}""", result.ToJsonString());
        Assert.True(level.IsEnabled(LogLevel.Debug));
        Assert.False(level.IsEnabled(LogLevel.Trace));
        // A configuration that comes meanwhile counts afterwards.
        level.Configured = LogLevel.Warning;
        _time.Advance(TimeSpan.FromSeconds(59));
        Assert.Equal(LogLevel.Debug, level.Current);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(LogLevel.Warning, level.Current);
        Assert.Contains("/arguments/seconds", (await Assert.ThrowsAsync<OperationException>(() => Run(new LogLevelOperation(level), """{"level":"debug","seconds":3601}"""))).Message, StringComparison.Ordinal);
        Assert.Contains("/arguments/level", (await Assert.ThrowsAsync<OperationException>(() => Run(new LogLevelOperation(level), """{"level":"loud"}"""))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Frames_are_recorded_as_candump_writes_them()
    {
        CanFrame[] frames = [.. Enumerable.Range(0, 60).Select(i => CanFrame.Data(i % 2 == 0 ? CanId.Standard(0x123) : CanId.Extended(0x18FEF100), [(byte)i]))];
        var source = new FakeSource(Enumerable.Repeat(FakeSource.Frames(frames), 10)) { Dropped = 7 };
        var result = await Run(new RecordCanOperation(Opens(source), _device, _time), """{"interface":"can0"}""");
        Assert.Equal("""{"interface":"can0","frames":600,"records":3,"dropped":7,"endedBy":"source"}""", result.ToJsonString());
        Assert.All(_device.Records, record => Assert.Equal(Channel.Raw, record.Channel));
        Assert.Equal([200, 200, 200], _device.Records.Select(record => record.Message["lines"]!.AsArray().Count));
        Assert.Equal([1, 2, 3], _device.Records.Select(record => record.Message["part"]!.GetValue<int>()));
        Assert.Equal("(1.000000) can0 123#00", Lines()[0]);
        Assert.Equal("(1.000000) can0 18FEF100#01", Lines()[1]);
        Assert.True(source.IsDisposed);
    }

    [Fact]
    public async Task Only_the_identifiers_asked_for_are_recorded()
    {
        var source = new FakeSource(FakeSource.Frames(CanFrame.Data(CanId.Standard(0x123), []), CanFrame.Data(CanId.Extended(0x123), []), CanFrame.Data(CanId.Standard(0x124), [])));
        var result = await Run(new RecordCanOperation(Opens(source), _device, _time), """{"interface":"can0","ids":"124,00000123"}""");
        Assert.Equal(2L, result["frames"]!.GetValue<long>());
        Assert.Equal(["(1.000000) can0 00000123#", "(1.000000) can0 124#"], Lines());
    }

    [Fact]
    public async Task A_recording_ends_with_its_time_its_frames_or_its_interface()
    {
        var frame = CanFrame.Data(CanId.Standard(1), [1]);
        var ticking = Enumerable.Repeat<Func<FrameBatch, ReadOutcome>>(batch =>
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            batch.Add(frame, 0);
            return ReadOutcome.Frames;
        }, 100);
        var result = await Run(new RecordCanOperation(Opens(new FakeSource(ticking)), _device, _time), """{"interface":"can0","seconds":5}""");
        Assert.Equal(("seconds", 5L), (result["endedBy"]!.GetValue<string>(), result["frames"]!.GetValue<long>()));
        result = await Run(new RecordCanOperation(Opens(new FakeSource(ticking)), _device, _time), """{"interface":"can0","seconds":60,"frames":3}""");
        Assert.Equal(("frames", 3L), (result["endedBy"]!.GetValue<string>(), result["frames"]!.GetValue<long>()));
        result = await Run(new RecordCanOperation(Opens(new FakeSource(FakeSource.Then(ReadOutcome.Lost))), _device, _time), """{"interface":"can0"}""");
        Assert.Equal("can0 is down", result["trouble"]!.GetValue<string>());
        var fault = await Assert.ThrowsAsync<OperationException>(() => Run(new RecordCanOperation(_ => throw new CanSourceException(CanSourceFault.Missing, "can9 does not exist"), _device, _time), """{"interface":"can9"}"""));
        Assert.Equal(("interface", "can9 does not exist"), (fault.Code, fault.Message));
    }

    [Theory]
    [InlineData("{}", "interface")]
    [InlineData("""{"interface":"../x"}""", "interface")]
    [InlineData("""{"interface":"can0","seconds":61}""", "seconds")]
    [InlineData("""{"interface":"can0","ids":"ENDLESS"}""", "ids")]
    [InlineData("""{"interface":"can0","frames":20001}""", "frames")]
    [InlineData("""{"interface":"can0","ids":"12"}""", "ids")]
    [InlineData("""{"interface":"can0","ids":"8FF"}""", "ids")]
    [InlineData("""{"interface":"can0","ids":"123, 124"}""", "ids")]
    public async Task What_cannot_be_recorded_is_refused(string arguments, string name)
    {
        var refusal = await Assert.ThrowsAsync<OperationException>(() => Run(new RecordCanOperation(Opens(new FakeSource()), _device, _time), arguments.Replace("ENDLESS", $"123{string.Concat(Enumerable.Repeat(",123", 256))}", StringComparison.Ordinal)));
        Assert.StartsWith($"/arguments/{name}: ", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_support_bundle_has_what_helps()
    {
        using var log = new RecentLog(_time);
        Write(log.CreateLogger("edge-agent"), LogLevel.Warning, 1101, "can0 is down");
        var bundle = await Run(Bundle(log, new JsonObject { ["broker"] = "connected" }, new JsonObject { ["streams"] = new JsonArray(1, 2) }));
        Assert.Equal(["version", "time", "status", "configurationHash", "environment", "ledger", "log"], bundle.Select(member => member.Key));
        Assert.Equal(("1.2.3", "hash", "connected"), (bundle["version"]!.GetValue<string>(), bundle["configurationHash"]!.GetValue<string>(), bundle["status"]!["broker"]!.GetValue<string>()));
        Assert.Equal("2026-01-02T03:04:05.000Z warning 1101 can0 is down", Assert.Single(bundle["log"]!.AsArray())!.GetValue<string>());
        Assert.True(bundle["environment"]!["secondsSinceBoot"]!.GetValue<double>() > 0);
    }

    [Fact]
    public async Task A_support_bundle_has_no_secrets_wherever_they_come_from()
    {
        const string secret = "hunter2Zq9xWv";
        string jwk = new JsonObject { ["kty"] = "EC", ["d"] = secret }.ToJsonString();
        using var log = new RecentLog(_time);
        var logger = log.CreateLogger("edge-agent");
        foreach (string line in (string[])[
            $"password={secret}", $"Password: {secret}", $"password: \"{secret}\" given", $"the password is {secret}", $"token = '{secret}'", $"connecting to mqtts://dongle:{secret}@broker:8883", $"key {jwk}", $"quoted \"{{\\\"d\\\":\\\"{secret}\\\"}}\"",
            $"-----BEGIN EC PRIVATE KEY-----\n{secret}\n-----END EC PRIVATE KEY-----", $"-----BEGIN PRIVATE KEY----- {secret}", $"Authorization: Bearer {secret}", $"{{\"password\":\"{secret}\"}}", $"brokerPassword={secret}"])
        {
            Write(logger, LogLevel.Error, 1, line, new InvalidOperationException(line));
        }
        var status = new JsonObject { ["brokerPassword"] = secret, ["nested"] = new JsonArray(new JsonObject { ["d"] = secret, ["text"] = $"secret: {secret}" }), ["passwordFile"] = "/etc/edge-agent/password", ["url"] = $"mqtt://a:{secret}@b" };
        string bundle = (await Run(Bundle(log, status, new JsonObject { ["apiToken"] = secret }))).ToJsonString();
        Assert.DoesNotContain(secret, bundle, StringComparison.Ordinal);
        Assert.Contains("/etc/edge-agent/password", bundle, StringComparison.Ordinal);
        Assert.Contains("(removed)@broker:8883", bundle, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_support_bundle_fits_into_one_record_with_the_latest_lines()
    {
        using var log = new RecentLog(_time);
        var logger = log.CreateLogger("edge-agent");
        for (int i = 0; i < 1000; i++) Write(logger, LogLevel.Information, 1, $"line {i} {new string('ä', 400)}");
        Assert.Equal(RecentLog.Capacity, log.Lines.Count);
        Assert.Contains("line 500 ", log.Lines[0], StringComparison.Ordinal);
        var bundle = await Run(Bundle(log, [], new JsonObject { ["streams"] = new string('x', 20_000) }));
        Assert.InRange(Encoding.UTF8.GetByteCount(bundle.ToJsonString()), OperationRunner.MaxResultBytes * 3 / 4, OperationRunner.MaxResultBytes);
        Assert.Contains("line 999 ", bundle["log"]!.AsArray()[^1]!.GetValue<string>(), StringComparison.Ordinal);
        bundle = await Run(Bundle(log, [], new JsonObject { ["streams"] = new string('x', 60_000) }));
        Assert.StartsWith("left out", bundle["ledger"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_logged_for_one_tenant_can_be_forgotten()
    {
        using var log = new RecentLog(_time);
        Write(log.CreateLogger("edge-agent"), LogLevel.Warning, 1, "of acme");
        log.Clear();
        Write(log.CreateLogger("edge-agent"), LogLevel.Warning, 1, "of bravo");
        Assert.EndsWith("of bravo", Assert.Single(log.Lines), StringComparison.Ordinal);
    }

    private static void Write(ILogger logger, LogLevel level, int id, string text, Exception? exception = null) => logger.Log(level, new EventId(id), text, exception, (line, _) => line);

    private SupportBundleOperation Bundle(RecentLog log, JsonObject status, JsonNode? ledger) =>
        new(new SupportBundleParts("1.2.3", () => status, () => "hash", () => ledger, log), _time);

    private static Func<string, ICanSource> Opens(FakeSource source) => name => name == "can0" ? source : throw new CanSourceException(CanSourceFault.Missing, $"{name} does not exist");

    private string[] Lines() => [.. _device.Records.SelectMany(record => record.Message["lines"]!.AsArray()).Select(line => line!.GetValue<string>())];

    private static async Task<JsonObject> Run(IOperation operation, string arguments = "{}") =>
        await Task.Run(() => operation.RunAsync(new OperationArguments(JsonOf(arguments)), TestContext.Current.CancellationToken));
}
