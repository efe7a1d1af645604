using System.Text.Json.Nodes;
using EdgeAgent.Capture;
using EdgeAgent.Management.Commands;
using EdgeAgent.Tenancy;
using EdgeAgent.Tenancy.Access;
using EdgeAgent.Tenancy.Documents;
using EdgeAgent.Tests.Tenancy;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using static EdgeAgent.Tests.Tenancy.TestDocuments;

namespace EdgeAgent.Tests.Management.Commands;

public sealed class CommandExecutorTests
{
    private const string Journal = "tenants/acme/commands.json";

    private readonly FakeDevice _device = new();
    private readonly FakeTimeProvider _time = new(Now);
    private readonly FakeOperation _ping = new(Operation.Ping, (_, _) => Task.FromResult(new JsonObject { ["pong"] = true }));
    private readonly AccessPolicy _policy = AccessPolicy.Of(AcmeRing, Rules($$$$"""{"signers":[{"key":{{{{Other.Public}}}},"role":"viewer"}]}"""));

    [Fact]
    public async Task A_command_is_executed_and_answered_once()
    {
        await using var running = Start();
        running.Submit("c1", Command());
        await AnsweredAsync("c1");
        Assert.Equal("""{"command":"c1","operation":"ping","status":"done","result":{"pong":true}}""", Assert.Single(_device.Answers("c1")).ToJsonString());
        string audit = Assert.Single(_device.Audit).ToJsonString();
        Assert.Equal($$"""{"operation":"ping","principal":"key:{{Acme.Public.Id}}","role":"admin","decision":"executed","command":"c1"}""", audit);
        Assert.Equal((1, 1), (_ping.Runs, _ping.AnsweredCount));
    }

    [Fact]
    public async Task The_same_id_is_neither_executed_nor_answered_again_not_even_after_a_restart()
    {
        await using (var running = Start())
        {
            running.Submit("c1", Command());
            running.Submit("c1", Command());
            await AnsweredAsync("c1");
            running.Submit("c1", Command());
        }
        await using (var running = Start())
        {
            running.Submit("c1", Command());
            running.Submit("c1", "nonsense");
            running.Submit("c2", Command("c2"));
            await AnsweredAsync("c2");
        }
        Assert.Equal(2, _ping.Runs);
        Assert.Single(_device.Answers("c1"));
        Assert.Equal(2, _device.Audit.Count);
    }

    [Fact]
    public async Task Wherever_the_power_is_cut_a_command_is_executed_at_most_once_and_has_one_answer()
    {
        int interrupted = 0, done = 0;
        for (int writes = 0; writes < 8; writes++)
        {
            foreach (bool afterEffect in new[] { false, true })
            {
                var device = new FakeDevice();
                var ping = new FakeOperation(Operation.Ping, (_, _) => Task.FromResult(new JsonObject { ["pong"] = true }));
                device.CutPower(writes, afterEffect);
                await LiveAsync(device, ping);
                device.Restart();
                // The broker sends again what was not acknowledged; sometimes also what was.
                await LiveAsync(device, ping);
                await LiveAsync(device, ping);
                Assert.InRange(ping.Runs, 0, 1);
                string answer = Assert.Single(device.Answers("c1").Select(answer => answer.ToJsonString()).Distinct());
                if (answer.Contains("\"interrupted\"", StringComparison.Ordinal)) interrupted++;
                else if (answer.Contains("\"done\"", StringComparison.Ordinal)) done++;
                if (ping.Runs == 0) Assert.Contains("interrupted", answer, StringComparison.Ordinal);
            }
        }
        Assert.True(interrupted >= 2 && done >= 8 && interrupted + done == 16, $"{interrupted} interrupted, {done} done");

        async Task LiveAsync(FakeDevice device, FakeOperation ping)
        {
            try
            {
                await using var running = new RunningExecutor(device, [ping], _policy, _time);
                running.Submit("c1", Command());
                await Eventually.TrueAsync(() => running.HasEnded || device.Answers("c1").Count > 0);
            }
            catch (PowerCutException)
            {
            }
        }
    }

    [Theory]
    [InlineData(-301, "refused", "clock")]
    [InlineData(-300, "done", null)]
    [InlineData(300, "done", null)]
    [InlineData(301, "expired", "expired")]
    public async Task A_command_is_executed_only_in_its_time(int seconds, string status, string? code)
    {
        // The fake clock cannot go back, so the command moves.
        await using var running = Start();
        running.Submit("c1", Command(issued: Now.AddSeconds(-seconds)));
        await AnsweredAsync("c1");
        AssertAnswer("c1", status, code);
        Assert.Equal(status == "done" ? "executed" : "refused", Assert.Single(_device.Audit)["decision"]!.GetValue<string>());
        running.Submit("c1", Command(issued: Now.AddSeconds(-seconds)));
        Assert.Single(_device.Answers("c1"));
    }

    [Fact]
    public async Task A_command_that_waited_beyond_its_time_is_not_begun()
    {
        var gate = new TaskCompletionSource<JsonObject>();
        var slow = new FakeOperation(Operation.Status, (_, _) => gate.Task);
        await using var running = Start(slow);
        running.Submit("c1", Command(operation: "status"));
        await Eventually.TrueAsync(() => slow.Runs == 1);
        running.Submit("c2", Command("c2", seconds: 10));
        _time.Advance(TimeSpan.FromSeconds(11));
        gate.SetResult([]);
        await AnsweredAsync("c2");
        AssertAnswer("c1", "done", null);
        AssertAnswer("c2", "expired", "expired");
        Assert.Equal(0, _ping.Runs);
    }

    [Fact]
    public async Task A_role_that_was_taken_away_meanwhile_counts_no_more()
    {
        var gate = new TaskCompletionSource<JsonObject>();
        var slow = new FakeOperation(Operation.Status, (_, _) => gate.Task);
        await using var running = Start(slow);
        running.Submit("c1", Command(operation: "status"));
        await Eventually.TrueAsync(() => slow.Runs == 1);
        running.Submit("c2", Command("c2", key: Other));
        running.Runner.Policy = AccessPolicy.Of(AcmeRing, AccessRules.None);
        gate.SetResult([]);
        await AnsweredAsync("c2");
        AssertAnswer("c2", "refused", "not-permitted");
    }

    [Theory]
    [InlineData("log.level", "not-permitted")]
    [InlineData("status", "not-available")]
    [InlineData("fly", "unknown-operation")]
    public async Task What_may_not_or_cannot_be_done_is_refused_with_the_reason(string operation, string code)
    {
        await using var running = Start();
        running.Submit("c1", Command(operation: operation, key: Other));
        await AnsweredAsync("c1");
        AssertAnswer("c1", "refused", code);
        var audit = Assert.Single(_device.Audit);
        Assert.Equal(("refused", $"key:{Other.Public.Id}", "c1"), (audit["decision"]!.GetValue<string>(), audit["principal"]!.GetValue<string>(), audit["command"]!.GetValue<string>()));
        Assert.NotEmpty(audit["reason"]!.GetValue<string>());
        Assert.Equal(0, _ping.Runs);
    }

    [Fact]
    public async Task What_nobody_trusted_has_signed_is_not_answered_and_takes_no_id()
    {
        using var stranger = SigningKey.Create();
        await using var running = Start();
        running.Submit("c1", Command(key: stranger));
        running.Submit("c2", Command("c3"));
        running.Submit("c4", "nonsense");
        running.Submit("#/+", Command());
        Assert.Null(_device.TryRead(Journal));
        Assert.Equal(["unknown-key:", "wrong-id: /i", "malformed: n", "a command un"], _device.Audit.Select(entry => entry["reason"]!.GetValue<string>()[..12]));
        Assert.Equal(["c1", "c2", "c4", null], _device.Audit.Select(entry => entry["command"]?.GetValue<string>()));
        Assert.All(_device.Audit, entry => Assert.Equal(("unknown", "unknown", "refused"), (entry["principal"]!.GetValue<string>(), entry["operation"]!.GetValue<string>(), entry["decision"]!.GetValue<string>())));
        running.Submit("c1", Command());
        await AnsweredAsync("c1");
        AssertAnswer("c1", "done", null);
        Assert.All(_device.Records, record => Assert.True(record.Channel == Channel.Event("agent/audit") || record.Channel == Channel.Response("c1")));
    }

    [Fact]
    public async Task A_flood_of_what_nobody_has_signed_costs_a_few_records()
    {
        await using var running = Start();
        for (int i = 0; i < 200; i++) running.Submit($"f{i}", "x");
        Assert.Equal(RefusalLimiter.Burst, _device.Writes);
        _time.Advance(RefusalLimiter.Interval);
        running.Submit("f200", "x");
        running.Submit("f201", "x");
        Assert.Equal(RefusalLimiter.Burst + 1, _device.Writes);
        Assert.EndsWith("; before it 196 more were passed over", _device.Audit[^1]["reason"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_topic_that_is_cleared_says_nothing()
    {
        await using var running = Start();
        running.Submit("c1", "");
        Assert.Empty(_device.Records);
    }

    [Fact]
    public async Task Sixteen_commands_may_wait_and_one_more_may_be_sent_again()
    {
        var gate = new TaskCompletionSource<JsonObject>();
        var slow = new FakeOperation(Operation.Status, (_, _) => gate.Task);
        await using var running = Start(slow);
        running.Submit("c0", Command("c0", "status"));
        await Eventually.TrueAsync(() => slow.Runs == 1);
        for (int i = 1; i <= CommandExecutor.QueueLength; i++) running.Submit($"c{i}", Command($"c{i}"));
        running.Submit("more", Command("more"));
        AssertAnswer("more", "refused", "busy");
        gate.SetResult([]);
        await AnsweredAsync("c16");
        running.Submit("more", Command("more"));
        await Eventually.TrueAsync(() => _device.Answers("more").Count == 2);
        Assert.Equal(17, _ping.Runs);
        // One after the other, in their order.
        string[] expected = ["more", .. Enumerable.Range(0, 17).Select(i => $"c{i}"), "more"];
        Assert.Equal(expected, _device.Records.Where(record => record.Channel != Channel.Event("agent/audit")).Select(record => record.Message["command"]!.GetValue<string>()));
    }

    [Fact]
    public async Task A_command_that_cannot_be_noted_is_not_executed()
    {
        await using var running = Start();
        _device.IsFull = true;
        running.Submit("c1", Command());
        AssertAnswer("c1", "refused", "storage");
        _device.IsFull = false;
        running.Submit("c1", Command());
        await Eventually.TrueAsync(() => _device.Answers("c1").Count == 2);
        Assert.Equal(1, _ping.Runs);
    }

    [Fact]
    public async Task A_stop_answers_what_runs_and_what_waits()
    {
        var slow = new FakeOperation(Operation.Status, async (_, stop) =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, _time, stop);
            return [];
        });
        await using (var running = Start(slow))
        {
            running.Submit("c1", Command(operation: "status"));
            running.Submit("c2", Command("c2"));
            await Eventually.TrueAsync(() => slow.Runs == 1);
        }
        AssertAnswer("c1", "interrupted", "interrupted");
        AssertAnswer("c2", "interrupted", "interrupted");
        Assert.Equal(0, _ping.Runs);
        await using var again = Start(slow);
        Assert.Single(_device.Answers("c1"));
    }

    [Fact]
    public async Task The_agent_restarts_only_when_the_answer_is_stored()
    {
        int answersThen = -1;
        var restart = new RestartAgentOperation(() => answersThen = _device.Answers("c1").Count);
        await using var running = Start(restart);
        running.Submit("c1", Command(operation: "agent.restart"));
        await Eventually.TrueAsync(() => answersThen >= 0);
        Assert.Equal(1, answersThen);
    }

    [Fact]
    public async Task Commands_that_have_not_expired_are_never_forgotten()
    {
        long expires = Now.AddSeconds(600).ToUnixTimeSeconds();
        string[] known = [.. Enumerable.Range(0, CommandJournal.Capacity).Select(i => $$"""{"id":"c{{i}}","operation":"ping","expires":{{expires}},"state":"answered","answer":null}""")];
        _device.Replace(Journal, Bytes($$"""{"forgotten":0,"notBefore":0,"commands":[{{string.Join(',', known)}}]}"""));
        await using var running = Start();
        running.Submit("more", Command("more"));
        AssertAnswer("more", "refused", "busy");
        running.Submit("c0", Command("c0", seconds: 600));
        Assert.Empty(_device.Answers("c0"));
        _time.Advance(TimeSpan.FromSeconds(601));
        running.Submit("later", Command("later", issued: Now.AddSeconds(601)));
        await AnsweredAsync("later");
        AssertAnswer("later", "done", null);
        Assert.InRange(_device.TryRead(Journal)!.Length, 1, 32 * 1024);
        Assert.Equal(1, _ping.Runs);
    }

    [Fact]
    public async Task Answers_and_audit_are_as_their_schemas_say()
    {
        const string stamp = """{"device":"dongle-1","tenant":"acme","epoch":1,"boot":"0f0e0d0c-0b0a-0908-0706-050403020100","stream":"messages","sequence":9,"clock":"unsynchronized",""";
        await using var running = Start();
        running.Submit("c1", Command());
        running.Submit("c2", Command("c2", "log.level", key: Other));
        running.Submit("c3", "nonsense");
        await AnsweredAsync("c1");
        await AnsweredAsync("c2");
        Assert.Equal(5, _device.Records.Count);
        foreach (var (channel, message) in _device.Records)
        {
            string schema = channel == Channel.Event("agent/audit") ? "audit" : "response", json = stamp + message.ToJsonString()[1..];
            Assert.True(Schemas.IsValid(schema, json), json);
            Assert.False(Schemas.IsValid(schema == "audit" ? "response" : "audit", json), json);
        }
    }

    [Fact]
    public async Task A_clock_that_is_set_back_brings_no_command_back()
    {
        // By the clock of then c0 had expired long ago and made room for others.
        await using (var running = Start())
        {
            running.Submit("c0", Command("c0"));
            await AnsweredAsync("c0");
            _time.Advance(TimeSpan.FromDays(1));
            for (int i = 1; i <= 200; i++)
            {
                running.Submit($"c{i}", Command($"c{i}", issued: Now.AddDays(1)));
                await AnsweredAsync($"c{i}");
            }
        }
        await using var later = new RunningExecutor(_device, [_ping], _policy, new FakeTimeProvider(Now));
        later.Submit("c0", Command("c0"));
        Assert.Equal("unaccountable", _device.Answers("c0")[^1]["error"]!["code"]!.GetValue<string>());
        Assert.Equal(201, _ping.Runs);
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("""{"forgotten":0,"notBefore":0,"commands":[{"id":"c1"}]}""")]
    [InlineData("")]
    public async Task A_damaged_journal_stops_nothing_and_lets_nothing_be_executed_twice(string content)
    {
        _device.Replace(Journal, Bytes(content));
        await using var running = Start();
        Assert.Equal(Bytes(content), _device.TryRead(Journal + ".damaged"));
        running.Submit("old", Command("old", issued: Now.AddSeconds(-1)));
        AssertAnswer("old", "refused", "unaccountable");
        running.Submit("fresh", Command("fresh"));
        await AnsweredAsync("fresh");
        AssertAnswer("fresh", "done", null);
    }

    [Fact]
    public async Task An_answer_that_no_record_holds_is_replaced_and_the_next_command_is_served()
    {
        string endless = new('x', 100_000);
        var broken = new FakeOperation(Operation.Status, (_, _) => throw new OperationException("vehicle", $"there is no bus '{endless}'"));
        await using var running = Start(broken);
        running.Submit("c1", Command(operation: "status"));
        await AnsweredAsync("c1");
        AssertAnswer("c1", "failed", "vehicle");
        Assert.InRange(_device.Answers("c1")[0]["error"]!["message"]!.GetValue<string>().Length, 20, 500);
        Assert.InRange(_device.TryRead(Journal)!.Length, 1, 1024);
        running.Submit("c2", Command("c2"));
        await AnsweredAsync("c2");
        AssertAnswer("c2", "done", null);
    }

    [Fact]
    public async Task An_answer_in_the_journal_that_no_record_holds_does_not_keep_the_agent_from_starting()
    {
        string answer = $$"""{"command":"c1","operation":"obd.query","status":"failed","error":{"code":"vehicle","message":"{{new string('x', 100_000)}}" } }""";
        _device.Replace(Journal, Bytes($$"""{"forgotten":0,"notBefore":0,"commands":[{"id":"c1","operation":"obd.query","expires":{{Now.AddDays(1).ToUnixTimeSeconds()}},"state":"answered","answer":{{answer}}}]}"""));
        await using var running = Start();
        AssertAnswer("c1", "failed", "too-large");
        Assert.InRange(_device.TryRead(Journal)!.Length, 1, 1024);
        running.Submit("c2", Command("c2"));
        await AnsweredAsync("c2");
    }

    [Fact]
    public async Task A_signer_of_a_low_role_cannot_keep_the_tenant_from_commanding()
    {
        const long week = CommandDocument.MaxSeconds;
        string viewer = Other.Public.Id;
        string[] known = [.. Enumerable.Range(0, CommandJournal.Share - 1).Select(i => $$"""{"id":"v{{i}}","operation":"ping","expires":{{Now.AddSeconds(week).ToUnixTimeSeconds()}},"signer":"{{viewer}}","state":"answered","answer":null}""")];
        _device.Replace(Journal, Bytes($$"""{"forgotten":0,"notBefore":0,"commands":[{{string.Join(',', known)}}]}"""));
        await using (var running = Start())
        {
            running.Submit("last", Command("last", key: Other, seconds: week));
            await AnsweredAsync("last");
            AssertAnswer("last", "done", null);
        }
        await using (var running = Start())
        {
            running.Submit("more", Command("more", key: Other, seconds: week));
            AssertAnswer("more", "refused", "busy");
            running.Submit("admin", Command("admin", seconds: week));
            await AnsweredAsync("admin");
            AssertAnswer("admin", "done", null);
        }
    }

    [Fact]
    public async Task Refusals_are_remembered_for_a_while_and_take_no_room_from_others()
    {
        const int more = 10;
        await using (var running = Start())
        {
            for (int i = 0; i < CommandJournal.KeptRefusals + more; i++) running.Submit($"r{i}", Command($"r{i}", "log.level", key: Other, seconds: CommandDocument.MaxSeconds));
            Assert.Equal(CommandJournal.KeptRefusals, _device.TryRead(Journal)!.AsSpan().Count("\"refused\""u8));
        }
        await using (var running = Start())
        {
            running.Submit($"r{more}", Command($"r{more}", "log.level", key: Other, seconds: CommandDocument.MaxSeconds));
            AssertAnswer($"r{more}", "refused", "not-permitted");
            running.Submit("c1", Command());
            await AnsweredAsync("c1");
            AssertAnswer("c1", "done", null);
        }
        // Where all room is taken by what has not expired, a refusal gives way.
        string[] known = [.. Enumerable.Range(0, CommandJournal.Capacity).Select(i => $$"""{"id":"k{{i}}","operation":"ping","expires":{{Now.AddDays(1).ToUnixTimeSeconds()}},"state":"{{(i == 7 ? "refused" : "answered")}}","answer":null}""")];
        _device.Replace(Journal, Bytes($$"""{"forgotten":0,"notBefore":0,"commands":[{{string.Join(',', known)}}]}"""));
        await using (var running = Start())
        {
            running.Submit("c2", Command("c2"));
            await AnsweredAsync("c2");
            AssertAnswer("c2", "done", null);
        }
    }

    [Fact]
    public async Task A_clock_that_is_not_set_yet_takes_no_id()
    {
        await using var running = Start();
        string command = Command(issued: Now.AddHours(1));
        running.Submit("c1", command);
        running.Submit("c1", command);
        AssertAnswer("c1", "refused", "clock");
        Assert.Null(_device.TryRead(Journal));
        _time.Advance(TimeSpan.FromHours(1));
        running.Submit("c1", command);
        await Eventually.TrueAsync(() => _device.Answers("c1").Count == 2);
        Assert.Equal(("done", 1), (_device.Answers("c1")[1]["status"]!.GetValue<string>(), _ping.Runs));
        running.Submit("c1", command);
        Assert.Equal(2, _device.Answers("c1").Count);
    }

    private RunningExecutor Start(params IOperation[] operations) => new(_device, [_ping, .. operations], _policy, _time);

    private Task AnsweredAsync(string id) => Eventually.TrueAsync(() => _device.Answers(id).Count > 0);

    private void AssertAnswer(string id, string status, string? code)
    {
        var answer = Assert.Single(_device.Answers(id));
        Assert.Equal((id, status, code), (answer["command"]!.GetValue<string>(), answer["status"]!.GetValue<string>(), answer["error"]?["code"]!.GetValue<string>()));
        Assert.Equal(status == "done", answer.ContainsKey("result"));
    }

    private static AccessRules Rules(string section) => AccessRules.Read(JsonOf(section), "", []);

    private sealed class RunningExecutor : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly CommandExecutor _executor;
        private readonly Task _run;

        public RunningExecutor(FakeDevice device, IEnumerable<IOperation> operations, AccessPolicy policy, TimeProvider time)
        {
            Runner = new OperationRunner(operations, policy, device, ThreadWorkers.Instance, time, NullLogger.Instance);
            _executor = CommandExecutor.Open(new Assignment(Device, Tenant, new Epoch(1)), Runner, device, device, time, NullLogger.Instance);
            _run = Task.Run(() => _executor.RunAsync(_stop.Token));
        }

        public OperationRunner Runner { get; }

        public bool HasEnded => _run.IsCompleted;

        public void Submit(string id, string document) => _executor.Submit(id, Bytes(document));

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await _run;
            _stop.Dispose();
        }
    }
}
