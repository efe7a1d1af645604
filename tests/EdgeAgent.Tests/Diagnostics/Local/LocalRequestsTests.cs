using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeAgent.Diagnostics.Local;
using EdgeAgent.Management.Commands;
using EdgeAgent.Tenancy.Access;
using Microsoft.Extensions.Time.Testing;

namespace EdgeAgent.Tests.Diagnostics.Local;

public sealed class LocalRequestsTests
{
    private static readonly Principal.LocalUser Mia = new(1000, "mia", []), Tom = new(1001, "tom", []);

    private readonly List<string> _asked = [];
    private readonly FakeTimeProvider _time = new();
    private OperationOutcome _outcome = OperationOutcome.Done(JsonNode.Parse("""{"sources":[{"bus":"can0","frames":7}],"outbox":{"bufferedSamples":3}}""")!.AsObject());

    [Theory]
    [InlineData("GET", "/v1/status", "", 200, "user:mia status {}")]
    [InlineData("GET", "/v1/status?x=1", "", 200, """user:mia status {"x":"1"}""")] // whoever executes knows what it takes
    [InlineData("GET", "/v1/signals?bus=can0&name=can0%2FEngine%2F*", "", 200, """user:mia signals.read {"bus":"can0","name":"can0/Engine/*"}""")]
    [InlineData("GET", "/v1/signals?bus=can0&bus=can1", "", 400, null)]
    [InlineData("GET", "/v1/can/can0", "", 200, "user:mia status {}")]
    [InlineData("GET", "/v1/can/can9", "", 404, "user:mia status {}")]
    [InlineData("GET", "/v1/can/", "", 404, null)]
    [InlineData("GET", "/v1/can/can0/x", "", 404, null)]
    [InlineData("GET", "/v1/outbox", "", 200, "user:mia status {}")]
    [InlineData("GET", "/v1/ledger", "", 200, "user:mia ledger.read {}")]
    [InlineData("GET", "/v1/config", "", 200, "user:mia config.read {}")]
    [InlineData("GET", "/v1/dtc?bus=can0", "", 200, """user:mia dtc.read {"bus":"can0"}""")]
    [InlineData("POST", "/v1/dtc", "", 405, null)]
    [InlineData("POST", "/v1/operations/ping", "", 200, "user:mia ping {}")]
    [InlineData("POST", "/v1/operations/dtc.read", """{"bus":"can0"}""", 200, """user:mia dtc.read {"bus":"can0"}""")]
    [InlineData("POST", "/v1/operations/no-such.thing", "", 200, "user:mia no-such.thing {}")] // whoever executes knows which there are
    [InlineData("POST", "/v1/status", "", 405, null)]
    [InlineData("GET", "/v1/operations/ping", "", 405, null)]
    [InlineData("DELETE", "/v1/operations/ping", "", 405, null)]
    [InlineData("GET", "/", "", 404, null)]
    [InlineData("GET", "/v1/status/", "", 404, null)]
    [InlineData("POST", "/v1/operations/", "", 404, null)]
    [InlineData("POST", "/v1/operations/../status", "", 404, null)]
    [InlineData("POST", "/v1/operations/ping\n", "", 404, null)]
    [InlineData("POST", "/v1/operations/0123456789012345678901234567890123456789012345678901234567890123456789", "", 404, null)]
    [InlineData("POST", "/v1/operations/ping", "[]", 400, null)]
    [InlineData("POST", "/v1/operations/ping", "{", 400, null)]
    [InlineData("POST", "/v1/operations/ping", """{"a":1,"a":2}""", 400, null)]
    public async Task Only_what_is_understood_is_asked_of_the_agent(string method, string path, string body, int status, string? asked)
    {
        var answer = await Ask(Mia, method, path, body);
        Assert.Equal(status, answer.Status);
        Assert.Equal(asked is null ? [] : [asked], _asked);
        Assert.Equal(status switch { 200 => "done", 404 when asked is not null => "failed", _ => "refused" }, Content(answer)["status"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_part_of_the_status_is_shown_by_itself()
    {
        Assert.Equal("""{"operation":"status","status":"done","result":{"bus":"can0","frames":7}}""", Content(await Ask(Mia, "GET", "/v1/can/can0")).ToJsonString());
        Assert.Equal("""{"operation":"status","status":"done","result":{"outbox":{"bufferedSamples":3},"store":null}}""", Content(await Ask(Mia, "GET", "/v1/outbox")).ToJsonString());
        Assert.Contains("there is no bus 'can9'", Content(await Ask(Mia, "GET", "/v1/can/can9"))["error"]!["message"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Metrics_are_for_who_may_see_the_status()
    {
        var answer = await Ask(Mia, "GET", "/metrics");
        Assert.Equal((200, "metrics\n", "text/plain; version=0.0.4; charset=utf-8"), (answer.Status, Encoding.UTF8.GetString(answer.Content), answer.ContentType));
        _outcome = OperationOutcome.Refused(OperationRunner.NotPermitted, "x");
        Assert.Equal(403, (await Ask(Mia, "GET", "/metrics")).Status);
        Assert.Equal(["user:mia status {}", "user:mia status {}"], _asked);
    }

    [Fact]
    public async Task The_status_says_how_it_ended()
    {
        (OperationOutcome Outcome, int Status)[] table =
        [
            (OperationOutcome.Done([]), 200), (OperationOutcome.Failed(OperationException.WrongArguments, "x"), 400), (OperationOutcome.Refused(OperationRunner.NotPermitted, "x"), 403),
            (OperationOutcome.Refused(OperationRunner.UnknownOperation, "x"), 404), (OperationOutcome.Refused(OperationRunner.NotAvailable, "x"), 404),
            (OperationOutcome.Failed("timeout", "x"), 500), (OperationOutcome.Interrupted("x"), 503),
        ];
        foreach (var (outcome, status) in table)
        {
            _outcome = outcome;
            var answer = await Ask(Mia, "POST", "/v1/operations/ping");
            Assert.Equal((status, outcome.Code), (answer.Status, Content(answer)["error"]?["code"]?.GetValue<string>()));
        }
    }

    [Fact]
    public async Task Whoever_is_refused_again_and_again_is_not_looked_at_until_the_next_minute_and_others_are()
    {
        _outcome = OperationOutcome.Refused(OperationRunner.NotPermitted, "x");
        for (int i = 0; i < LocalRefusals.Most; i++) Assert.Equal(403, (await Ask(Mia, "GET", "/v1/status")).Status);
        Assert.Equal(429, (await Ask(Mia, "GET", "/v1/status")).Status);
        Assert.Equal(LocalRefusals.Most, _asked.Count);
        Assert.Equal(403, (await Ask(Tom, "GET", "/v1/status")).Status);
        _time.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal(403, (await Ask(Mia, "GET", "/v1/status")).Status);
    }

    [Fact]
    public async Task Many_users_who_are_refused_share_a_count_in_the_end()
    {
        _outcome = OperationOutcome.Refused(OperationRunner.NotPermitted, "x");
        for (uint user = 0; user < 64 + LocalRefusals.Most; user++) Assert.Equal(403, (await Ask(new Principal.LocalUser(user, $"u{user}", []), "GET", "/v1/status")).Status);
        Assert.Equal(429, (await Ask(new Principal.LocalUser(5000, "u5000", []), "GET", "/v1/status")).Status);
        Assert.Equal(403, (await Ask(new Principal.LocalUser(1, "u1", []), "GET", "/v1/status")).Status);
    }

    private Task<LocalAnswer> Ask(Principal.LocalUser user, string method, string path, string body = "")
    {
        var requests = _requests ??= new LocalRequests(TestAgents.That(Execute), _time);
        string[] parts = path.Split('?');
        return requests.AnswerAsync(user, new LocalRequest(method, parts[0], parts.ElementAtOrDefault(1) ?? "", Encoding.UTF8.GetBytes(body)), TestContext.Current.CancellationToken);
    }

    private static JsonObject Content(LocalAnswer answer) => JsonNode.Parse(answer.Content)!.AsObject();

    private LocalRequests? _requests;

    private Task<OperationOutcome> Execute(Principal principal, string operation, JsonElement arguments, CancellationToken stop)
    {
        _asked.Add($"{principal} {operation} {arguments.GetRawText()}");
        return Task.FromResult(_outcome);
    }
}
