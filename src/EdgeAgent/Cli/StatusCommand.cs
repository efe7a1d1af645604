using System.CommandLine;
using System.Text.Json.Nodes;
using EdgeAgent.Tenancy.Access;

namespace EdgeAgent.Cli;

/// <summary><c>edge-agent status</c>: how the running agent is.</summary>
internal static class StatusCommand
{
    public static Command Create()
    {
        var socket = LocalClient.Socket();
        var json = LocalClient.Json();
        var command = new Command("status", """
            Shows how the running agent is: tenant, configuration, broker, outbox,
            sources.

            Exit codes: 0 done, 1 failed, 2 wrong usage, 3 agent not running,
            4 not permitted.

            Examples:
              edge-agent status
              edge-agent status --json
            """) { socket, json };
        command.SetAction((result, stop) => RunAsync(result.GetValue(socket), result.GetValue(json), stop));
        return command;
    }

    private static async Task<int> RunAsync(string? socket, bool json, CancellationToken stop)
    {
        var (answer, exitCode) = await LocalClient.AskAsync(socket, Operation.Status, new JsonObject(), stop);
        if (exitCode != ExitCode.Done || answer["result"] is not JsonObject status) throw LocalClient.Refusal(Operation.Status, answer, exitCode);
        return SigningArguments.Print(json ? status.ToJsonString() : string.Join('\n', StatusTable.Lines(status)));
    }
}
