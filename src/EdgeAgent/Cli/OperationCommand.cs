using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using EdgeAgent.Tenancy.Access;
using EdgeAgent.Tenancy.Documents;

namespace EdgeAgent.Cli;

/// <summary><c>edge-agent operation</c>: what a command over the broker does, for a user of the device.</summary>
internal static class OperationCommand
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly JsonSerializerOptions OneLine = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Command Create()
    {
        var name = new Argument<string>("NAME") { Description = $"One of {string.Join(", ", Operation.All)}." };
        var argument = ArgumentOption.Create();
        var socket = LocalClient.Socket();
        var json = LocalClient.Json();
        var command = new Command("operation", """
            Has the running agent do something. Who may do what stands in the tenant's
            configuration (access/users, access/groups); each attempt is in the journal
            and told to the tenant. On a device that belongs to nobody, root may.

            Exit codes: 0 done, 1 failed, 2 wrong usage, 3 agent not running,
            4 not permitted, 5 arguments refused.

            Examples:
              edge-agent operation dtc.read --argument bus=can0
              edge-agent operation log.level --argument level=debug --argument seconds=60
            """) { name, argument, socket, json };
        command.SetAction((result, stop) =>
        {
            string text = result.GetValue(name)!;
            if (!Operation.TryParse(text, out var operation)) throw new CommandException(ExitCode.WrongUsage, $"{Quoted.Of(text)} is no operation; {Suggestion.For(text, Operation.All.Select(known => known.Name))}");
            return RunAsync(result.GetValue(socket), operation, ArgumentOption.Parse(result.GetValue(argument) ?? []), result.GetValue(json), stop);
        });
        return command;
    }

    private static async Task<int> RunAsync(string? socket, Operation operation, System.Text.Json.Nodes.JsonObject arguments, bool json, CancellationToken stop)
    {
        var (answer, exitCode) = await LocalClient.AskAsync(socket, operation, arguments, stop);
        if (json) SigningArguments.Print(answer.ToJsonString(OneLine));
        if (exitCode != ExitCode.Done) throw LocalClient.Refusal(operation, answer, exitCode);
        if (!json && answer["result"] is { } done) SigningArguments.Print(done.ToJsonString(Indented));
        return exitCode;
    }
}
