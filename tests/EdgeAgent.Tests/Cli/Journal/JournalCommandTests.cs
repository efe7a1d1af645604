using System.Diagnostics;
using System.Text.Json.Nodes;

namespace EdgeAgent.Tests.Cli.Journal;

/// <summary><c>edge-agent journal</c> over a journalctl of the test's own, and over journald itself.</summary>
public sealed class JournalCommandTests : IDisposable
{
    private const string Base = "--output=json --all --no-pager";

    private readonly TestDirectory _directory = new();

    [Theory]
    [InlineData("", "--lines=100 SYSLOG_IDENTIFIER=edge-agent + UNIT=edge-agent.service _PID=1")]
    [InlineData("--tenant acme --bus can0", "--lines=100 SYSLOG_IDENTIFIER=edge-agent EDGE_TENANT=acme EDGE_BUS=can0")]
    [InlineData("--event busistroubled --priority warning --since yesterday", "--since=yesterday --priority=warning SYSLOG_IDENTIFIER=edge-agent MESSAGE_ID=389f92efb9d14f1ea1f57412e30b1410")]
    [InlineData("--event 1410 --follow --lines 3", "--lines=3 --follow SYSLOG_IDENTIFIER=edge-agent MESSAGE_ID=389f92efb9d14f1ea1f57412e30b1410")]
    [InlineData("--event CannotStore --until 12:00", "--until=12:00 SYSLOG_IDENTIFIER=edge-agent MESSAGE_ID=389f92efb9d14f1ea1f57412e30b1040 MESSAGE_ID=389f92efb9d14f1ea1f57412e30b1201")]
    [InlineData("--priority critical --since=-15m", "--since=-15m --priority=crit SYSLOG_IDENTIFIER=edge-agent + UNIT=edge-agent.service _PID=1")]
    public async Task Options_become_matches_of_fields(string options, string expected)
    {
        Fake($"printf '%s ' \"$@\" > {_directory["arguments"]}");
        var (code, output, errors) = await RunAsync(options);
        Assert.Equal((0, "", "edge-agent: no entries\n"), (code, output, errors));
        Assert.Equal($"{Base} {expected} ", File.ReadAllText(_directory["arguments"]));
    }

    [Theory]
    [InlineData("--tenant a/b", "edge-agent: --tenant: 'a/b' is no tenant: ")]
    [InlineData("--bus ../x", "edge-agent: --bus: '../x' is no bus name: ")]
    [InlineData("--event BusIsTrouble", "edge-agent: --event: 'BusIsTrouble' is no event; did you mean BusIsTroubled?")]
    [InlineData("--priority warn", "edge-agent: --priority: 'warn' is none; did you mean warning?")]
    [InlineData("--lines 0", "edge-agent: --lines: 0 is not from 1 to 1000000")]
    [InlineData("--json --explain", "edge-agent: --explain is for people; ")]
    public async Task What_is_wrong_is_said_before_journalctl_is_asked(string options, string expected)
    {
        var (code, output, errors) = await RunAsync(options);
        Assert.Equal((2, ""), (code, output));
        Assert.StartsWith(expected, errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Entries_are_lines_for_people_and_objects_for_programs_and_the_rest_is_passed_over()
    {
        _directory.Write("recorded", """
            -- Boot 215ba50acc8d48fa9188073af5eaca1e --
            {"__REALTIME_TIMESTAMP":"1795851812163851","PRIORITY":"4","MESSAGE_ID":"389f92efb9d14f1ea1f57412e30b1413","EDGE_BUS":"can0","EDGE_SECONDS":"10","EDGE_EVENT":"BusFellSilent","MESSAGE":"can0: no frame for 10 s: silent","_PID":"1"}
            {"broken
            {"__REALTIME_TIMESTAMP":"1795851813000000","PRIORITY":"5","MESSAGE":"Started"}

            """);
        Fake($"cat {_directory["recorded"]}");
        var (code, output, errors) = await RunAsync("");
        Assert.Equal((0, "11-28 07:43:32  warn   can0   no frame for 10 s: silent\n11-28 07:43:33  info   -      Started\n"), (code, output));
        Assert.StartsWith("edge-agent: journalctl, line 3: passed over: ", errors, StringComparison.Ordinal);
        (code, output, _) = await RunAsync("--json");
        Assert.Equal(0, code);
        Assert.Equal(
            """
            {"time":"2026-11-28T07:43:32.163851Z","level":"warning","event":"BusFellSilent","eventId":1413,"message":"can0: no frame for 10 s: silent","fields":{"EDGE_BUS":"can0","EDGE_EVENT":"BusFellSilent","EDGE_SECONDS":"10"}}
            {"time":"2026-11-28T07:43:33.000000Z","level":"information","message":"Started","fields":{}}

            """,
            output);
    }

    [Theory]
    [InlineData("echo 'Failed to parse timestamp: xyz' >&2; exit 1", 2, "edge-agent: journalctl: Failed to parse timestamp: xyz\n")]
    [InlineData("echo broken >&2; exit 3", 1, "edge-agent: journalctl: broken\n")]
    [InlineData("exit 3", 1, "edge-agent: journalctl: ended with 3\n")]
    public async Task What_journalctl_says_is_passed_on(string script, int expected, string words)
    {
        Fake(script);
        var (code, _, errors) = await RunAsync("--since xyz");
        Assert.Equal((expected, words), (code, errors));
    }

    [Theory]
    [InlineData("echo 'No journal files were opened due to insufficient permissions.' >&2; exit 1")]
    [InlineData("echo 'Hint: You are currently not seeing messages from other users and the system.' >&2; exec sleep 600")]
    public async Task Without_permission_the_group_to_join_is_named_and_nothing_is_waited_for(string script)
    {
        Fake(script);
        var (code, _, errors) = await RunAsync("--follow");
        Assert.Equal(4, code);
        Assert.Contains("usermod -a -G systemd-journal", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_journalctl_that_is_said()
    {
        var (code, _, errors) = await AgentProgram.RunAsync("journal", ("PATH", _directory.Path));
        Assert.Equal(1, code);
        Assert.StartsWith("edge-agent: there is no journalctl here", errors, StringComparison.Ordinal);
    }

    /// <summary>The agent logs to journald as a service does, and finds it again.</summary>
    [Fact]
    public async Task What_the_agent_says_is_in_the_real_journal_and_is_found_by_its_fields()
    {
        _directory.Write("agent.json", $$"""
            {"device":"dongle-1","tenant":{"id":"acme","epoch":7},"broker":{"url":"mqtt://127.0.0.1:1"},"outbox":{"directory":"{{_directory["outbox"]}}"},
             "sources":[{"interface":"nocan0","dbc":["{{Repository.PathOf("demo", "vehicle.dbc")}}"]}]}
            """);
        string rig = Repository.PathOf("tests", "rig", "with-journald.sh");
        string agent = $"dotnet {Path.Combine(AppContext.BaseDirectory, "edge-agent.dll")}";
        _directory.Write("job", $"""
            {rig} --service {agent} run --config {_directory["agent.json"]} --socket {_directory["agent.sock"]} & running=$!
            for _ in $(seq 300); do journalctl -o cat SYSLOG_IDENTIFIER=edge-agent EDGE_EVENT=Started | grep -q ready && break; sleep 0.1; done
            kill $running; wait $running
            journalctl --sync
            {agent} journal --tenant acme --json
            echo
            {agent} journal --bus nocan0 --event SourceUnavailable --priority warning
            echo
            journalctl --no-pager -o json SYSLOG_IDENTIFIER=edge-agent _TRANSPORT=stdout | grep -c MESSAGE
            """);
        var start = new ProcessStartInfo(rig, ["bash", _directory["job"]]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["TZ"] = "UTC";
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        string[] parts = (await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken)).Split("\n\n");
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.SkipWhen(process.ExitCode == 77, await errors);
        Assert.True(parts.Length == 3, $"{string.Join("\n\n", parts)} {await errors}");
        var entries = parts[0].Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!).ToArray();
        Assert.Equal(
            """{"EDGE_BUS":"nocan0","EDGE_DEVICE":"dongle-1","EDGE_EPOCH":"7","EDGE_EVENT":"SourceUnavailable","EDGE_TENANT":"acme"}""",
            Without(entries.Single(entry => (string?)entry["event"] == "SourceUnavailable")["fields"]!.AsObject(), "EDGE_TROUBLE").ToJsonString());
        Assert.Contains(entries, entry => (string?)entry["event"] == "Stopped" && (int?)entry["eventId"] == 1002);
        Assert.Matches(@"^\d\d-\d\d \d\d:\d\d:\d\d  warn   nocan0  \S[^\n]*; trying again$", parts[1]);
        // Nothing went there twice.
        Assert.Equal("0", parts[2].Trim());
    }

    public void Dispose() => _directory.Dispose();

    private static JsonObject Without(JsonObject members, string name)
    {
        members.Remove(name);
        return members;
    }

    private void Fake(string script)
    {
        _directory.Write("journalctl", $"#!/bin/sh\n{script}\n");
        File.SetUnixFileMode(_directory["journalctl"], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private Task<(int Code, string Output, string Errors)> RunAsync(string options) =>
        AgentProgram.RunAsync($"journal {options}", ("PATH", $"{_directory.Path}:{Environment.GetEnvironmentVariable("PATH")}"), ("TZ", "UTC"));
}
