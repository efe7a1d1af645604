using System.Text.Json.Nodes;
using EdgeAgent.Capture;
using EdgeAgent.Management.Commands;
using EdgeAgent.Tenancy.Access;
using Microsoft.Extensions.Logging.Abstractions;
using static EdgeAgent.Tests.Tenancy.TestDocuments;

namespace EdgeAgent.Tests.Management.Commands;

public sealed class OperationRunnerTests
{
    private static readonly Principal Root = new Principal.LocalUser(0, "root", []), Mia = new Principal.LocalUser(1000, "mia", ["users"]);

    private readonly FakeDevice _device = new();
    private readonly SteppedTime _time = new();

    [Fact]
    public async Task A_local_user_is_decided_on_and_audited_like_a_command()
    {
        var ping = new FakeOperation(Operation.Ping, (_, _) => Task.FromResult(new JsonObject()));
        var runner = Runner(AccessPolicy.Of(AcmeRing, AccessRules.Read(JsonOf("""{"users":{"mia":"viewer"}}"""), "", [])), ping);
        Assert.Equal(OperationStatus.Done, (await Local(runner, Mia, "ping")).Status);
        Assert.Equal(("not-permitted", OperationStatus.Refused), (await Refusal(runner, Mia, "dtc.clear"), (await Local(runner, Mia, "dtc.clear")).Status));
        Assert.Equal("not-permitted", await Refusal(runner, Root, "ping"));
        Assert.Equal(1, ping.AnsweredCount);
        Assert.Equal("""{"operation":"ping","principal":"user:mia","role":"viewer","decision":"executed"}""", _device.Audit[0].ToJsonString());
        Assert.Equal(["executed", "refused", "refused", "refused"], _device.Audit.Select(entry => entry["decision"]!.GetValue<string>()));
        Assert.Equal("none", _device.Audit[^1]["role"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_device_of_nobody_obeys_root_and_has_no_stream_for_its_audit()
    {
        var runner = new OperationRunner([new PingOperation(_time)], AccessPolicy.Unassigned, records: null, ThreadWorkers.Instance, _time, NullLogger.Instance);
        Assert.Equal(OperationStatus.Done, (await Local(runner, Root, "ping")).Status);
        Assert.Equal(OperationStatus.Refused, (await Local(runner, Mia, "ping")).Status);
    }

    [Fact]
    public async Task What_takes_too_long_has_failed_even_if_it_does_not_heed_it()
    {
        var never = new TaskCompletionSource<JsonObject>();
        var deaf = new FakeOperation(Operation.Ping, (_, _) => never.Task);
        var runner = Runner(AccessPolicy.Unassigned, deaf);
        var asked = Local(runner, Root, "ping");
        await Eventually.TrueAsync(() => deaf.Runs == 1);
        Assert.Equal(OperationRunner.DefaultLimit, await _time.StepAsync());
        Assert.Equal(("timeout", OperationStatus.Failed), ((await asked).Code, (await asked).Status));
        Assert.Equal(0, deaf.AnsweredCount);
        // It still runs, so it is not begun a second time beside itself.
        var again = Local(runner, Root, "ping");
        await _time.StepAsync();
        Assert.Equal("timeout", (await again).Code);
        Assert.Equal(1, deaf.Runs);
        never.SetResult([]);
        var last = Local(runner, Root, "ping");
        await Eventually.TrueAsync(() => deaf.Runs == 2);
        Assert.Equal(OperationStatus.Done, (await last).Status);
    }

    [Fact]
    public async Task What_goes_wrong_has_a_code_and_a_line()
    {
        Exception? thrown = new OperationException("no-answer", "can0: no control unit answered");
        var runner = Runner(AccessPolicy.Unassigned, new FakeOperation(Operation.Ping, (_, _) => throw thrown!));
        var outcome = await Local(runner, Root, "ping");
        Assert.Equal((OperationStatus.Failed, "no-answer", "can0: no control unit answered"), (outcome.Status, outcome.Code, outcome.Message));
        thrown = new InvalidOperationException("a bug\nin two lines");
        outcome = await Local(runner, Root, "ping");
        Assert.Equal((OperationStatus.Failed, "internal", "a bug?in two lines"), (outcome.Status, outcome.Code, outcome.Message));
    }

    [Fact]
    public async Task A_result_that_fits_into_no_record_is_told_as_such()
    {
        int length = OperationRunner.MaxResultBytes - """{"a":""}""".Length;
        var runner = Runner(AccessPolicy.Unassigned, new FakeOperation(Operation.Ping, (_, _) => Task.FromResult(new JsonObject { ["a"] = new string('x', length) })));
        Assert.Equal(OperationStatus.Done, (await Command(runner)).Status);
        length++;
        Assert.Equal("too-large", (await Command(runner)).Code);
        // Who is asked on the spot needs no record.
        Assert.Equal(OperationStatus.Done, (await Local(runner, Root, "ping")).Status);
        length = OperationRunner.MaxLocalResultBytes;
        Assert.Equal("too-large", (await Local(runner, Root, "ping")).Code);

        static Task<OperationOutcome> Command(OperationRunner runner) => runner.ExecuteAsync(Root, "ping", JsonOf("{}"), "c1", TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Who_looks_again_within_an_hour_leaves_one_audit_entry_and_who_is_refused_one_each_time()
    {
        var runner = Runner(AccessPolicy.Of(AcmeRing, AccessRules.Read(JsonOf("""{"users":{"mia":"viewer","tom":"viewer"}}"""), "", [])), new ViewOperation(Operation.Status, () => []));
        var tom = new Principal.LocalUser(1001, "tom", []);
        foreach (var who in new[] { Mia, Mia, tom, Mia, Root, Root }) await Local(runner, who, "status");
        await runner.WatchLocalAsync(Mia, Operation.Status, (_, _) => Task.CompletedTask, TestContext.Current.CancellationToken);
        Assert.Equal(["user:mia", "user:tom", "user:root", "user:root"], _device.Audit.Select(entry => entry["principal"]!.GetValue<string>()));
        _time.Advance(RepeatedLooks.Interval);
        await Local(runner, Mia, "status");
        Assert.Equal(5, _device.Audit.Count);
        // A command is told of each time.
        await runner.ExecuteAsync(Mia, "status", JsonOf("{}"), "c1", TestContext.Current.CancellationToken);
        Assert.Equal(6, _device.Audit.Count);
    }

    [Theory]
    [InlineData("""{"n":5,"t":"x","h":"0aFF","w":"red","f":true}""", null)]
    [InlineData("""{"n":5,"t":"x","h":"0aFF","w":"red","x":1}""", "/arguments/x: unknown; expected one of: n, t, h, w, f")]
    [InlineData("""{"n":11,"t":"x","h":"0aFF","w":"red"}""", "/arguments/n: expected an integer of 1 to 10")]
    [InlineData("""{"n":1.5,"t":"x","h":"0aFF","w":"red"}""", "/arguments/n: expected an integer of 1 to 10")]
    [InlineData("""{"t":"x","h":"0aFF","w":"red"}""", "/arguments/n: missing: an integer of 1 to 10")]
    [InlineData("""{"n":1,"h":"0aFF","w":"red"}""", "/arguments/t: missing: a string")]
    [InlineData("""{"n":1,"t":true,"h":"0aFF","w":"red"}""", "/arguments/t: expected a string")]
    [InlineData("""{"n":1,"t":22,"h":"0aFF","w":"red"}""", null)]
    [InlineData("""{"n":1,"t":"x","h":"0aF","w":"red"}""", "/arguments/h: '0aF': expected 1 to 3 bytes of two hexadecimal digits each")]
    [InlineData("""{"n":1,"t":"x","h":"0aFF","w":"blue"}""", "/arguments/w: 'blue': expected one of red, green")]
    [InlineData("""{"n":1,"t":"x","h":"0aFF","w":"red","f":1}""", "/arguments/f: expected true or false")]
    public void Arguments_are_read_with_their_checks(string json, string? message)
    {
        var arguments = new OperationArguments(JsonOf(json));
        if (message is null) Read();
        else Assert.Equal((OperationException.WrongArguments, message), (Assert.Throws<OperationException>(Read).Code, Assert.Throws<OperationException>(Read).Message));

        void Read()
        {
            arguments.Expect("n", "t", "h", "w", "f");
            arguments.Whole("n", 1, 10);
            Assert.Contains(arguments.Text("t"), (string[])["x", "22"]);
            Assert.Equal([0x0A, 0xFF], arguments.Hex("h", 1, 3));
            Assert.Equal("red", arguments.Word("w", "red", "green"));
            Assert.Equal(json.Contains("true", StringComparison.Ordinal), arguments.Flag("f"));
            Assert.Null(arguments.TryWhole("absent", 0, 1));
            Assert.Null(arguments.TryText("absent"));
        }
    }

    private OperationRunner Runner(AccessPolicy policy, params IOperation[] operations) => new(operations, policy, _device, ThreadWorkers.Instance, _time, NullLogger.Instance);

    private static Task<OperationOutcome> Local(OperationRunner runner, Principal principal, string operation) =>
        runner.ExecuteLocalAsync(principal, operation, JsonOf("{}"), TestContext.Current.CancellationToken);

    private static async Task<string?> Refusal(OperationRunner runner, Principal principal, string operation) => (await Local(runner, principal, operation)).Code;
}
