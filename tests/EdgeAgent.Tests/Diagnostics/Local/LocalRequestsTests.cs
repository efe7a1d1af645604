using System.Text;
using System.Text.Json;
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
    private OperationOutcome _outcome = OperationOutcome.Done([]);

    [Theory]
    [InlineData("GET", "/v1/status", "", 200, "user:mia status {}")]
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
        Assert.Equal(asked is null ? "refused" : "done", answer.Content["status"]!.GetValue<string>());
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
            Assert.Equal((status, outcome.Code), (answer.Status, answer.Content["error"]?["code"]?.GetValue<string>()));
        }
    }

    [Fact]
    public async Task Whoever_is_refused_again_and_again_is_not_looked_at_until_the_next_minute_and_others_are()
    {
        _outcome = OperationOutcome.Refused(OperationRunner.NotPermitted, "x");
        for (int i = 0; i < LocalRequests.MaxRefusals; i++) Assert.Equal(403, (await Ask(Mia, "GET", "/v1/status")).Status);
        Assert.Equal(429, (await Ask(Mia, "GET", "/v1/status")).Status);
        Assert.Equal(LocalRequests.MaxRefusals, _asked.Count);
        Assert.Equal(403, (await Ask(Tom, "GET", "/v1/status")).Status);
        _time.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal(403, (await Ask(Mia, "GET", "/v1/status")).Status);
    }

    [Fact]
    public async Task Many_users_who_are_refused_share_a_count_in_the_end()
    {
        _outcome = OperationOutcome.Refused(OperationRunner.NotPermitted, "x");
        for (uint user = 0; user < 64 + LocalRequests.MaxRefusals; user++) Assert.Equal(403, (await Ask(new Principal.LocalUser(user, "x", []), "GET", "/v1/status")).Status);
        Assert.Equal(429, (await Ask(new Principal.LocalUser(5000, "x", []), "GET", "/v1/status")).Status);
        Assert.Equal(403, (await Ask(new Principal.LocalUser(1, "x", []), "GET", "/v1/status")).Status);
    }

    private Task<LocalAnswer> Ask(Principal.LocalUser user, string method, string path, string body = "")
    {
        var requests = _requests ??= new LocalRequests(Execute, _time);
        return requests.AnswerAsync(user, method, path, Encoding.UTF8.GetBytes(body), TestContext.Current.CancellationToken);
    }

    private LocalRequests? _requests;

    private Task<OperationOutcome> Execute(Principal principal, string operation, JsonElement arguments, CancellationToken stop)
    {
        _asked.Add($"{principal} {operation} {arguments.GetRawText()}");
        return Task.FromResult(_outcome);
    }
}
