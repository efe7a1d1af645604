using System.CommandLine;
using EdgeAgent.Management.Configuration;

namespace EdgeAgent.Cli.Doctor;

/// <summary><c>edge-agent doctor</c>: all checks, with what to do about each.</summary>
internal static class DoctorCommand
{
    public static Command Create()
    {
        var scope = new ScopeOptions();
        var connect = new Option<bool>("--connect") { Description = "Connects to the broker by MQTT as well, for a moment, with the client id DEVICE-doctor." };
        var json = new Option<bool>("--json") { Description = "Prints one JSON object a check." };
        var command = new Command("doctor", """
            Examines the agent, its files, the machine and the way to the broker, and says
            of each what was seen and what to do.

            Exit codes: 0 well, or warnings alone, 1 something failed, 2 wrong usage,
            3 agent not running (the rest is examined all the same).

            Examples:
              edge-agent doctor
              edge-agent doctor --provision /etc/edge-agent/provision.json --connect
            """) { connect, json };
        scope.AddTo(command);
        command.SetAction(async (result, stop) =>
        {
            var facts = await FactFinder.FindAsync(scope.Of(result) with { Connect = result.GetValue(connect) }, always: true, TimeProvider.System, stop);
            var findings = Examination.Of(facts);
            bool asJson = result.GetValue(json);
            SigningArguments.Print(string.Join('\n', findings.SelectMany(finding => asJson ? [FindingText.Json(finding)] : FindingText.Lines(finding, FindingText.MayColour))));
            return Examination.ExitCodeOf(facts, findings);
        });
        return command;
    }
}

/// <summary>The options that say where the agent and its files are.</summary>
internal sealed class ScopeOptions
{
    private readonly Option<string?> _socket = LocalClient.Socket();
    private readonly Option<string?> _config = new("--config") { Description = "The device's file, if it says everything.", HelpName = "FILE" };
    private readonly Option<string?> _provision = new("--provision") { Description = $"The device's provisioning (default {SetupReading.DefaultProvisioning}).", HelpName = "FILE" };
    private readonly Option<string> _state = new("--state") { Description = "Where a provisioned device keeps its state.", HelpName = "DIR", DefaultValueFactory = _ => AgentConfiguration.DefaultStateDirectory };

    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[_config, _provision, _state, _socket]) command.Add(option);
    }

    /// <exception cref="CommandException">They contradict each other.</exception>
    public Scope Of(ParseResult result)
    {
        var scope = new Scope(result.GetValue(_socket), result.GetValue(_config), result.GetValue(_provision), result.GetValue(_state)!, Connect: false);
        if (scope is { Config: not null, Provision: not null }) throw new CommandException(ExitCode.WrongUsage, "--config and --provision: one of them is enough");
        if (string.IsNullOrWhiteSpace(scope.State) || scope.Config is { Length: 0 } || scope.Provision is { Length: 0 }) throw new CommandException(ExitCode.WrongUsage, "a file name is missing");
        return scope;
    }
}
