using System.CommandLine;

namespace EdgeAgent.Cli.Doctor;

/// <summary><c>edge-agent why</c>: why there is no data.</summary>
internal static class WhyCommand
{
    public static Command Create()
    {
        var scope = new ScopeOptions();
        var json = new Option<bool>("--json") { Description = "Prints one JSON object." };
        var command = new Command("why", """
            Says why there is no data: goes along the chain from the vehicle to the broker
            and names the first link that is broken, what shows it, and what to do.

            Exit codes: 0 data flows, 1 a link is broken, 2 wrong usage, 3 agent not
            running.

            Examples:
              edge-agent why
              edge-agent why --provision /etc/edge-agent/provision.json --json
            """) { json };
        scope.AddTo(command);
        command.SetAction(async (result, stop) =>
        {
            var facts = await FactFinder.FindAsync(scope.Of(result), always: false, TimeProvider.System, stop);
            var verdict = Verdict.Of(facts);
            SigningArguments.Print(result.GetValue(json) ? verdict.Json() : string.Join('\n', verdict.Lines()));
            return verdict.ExitCode;
        });
        return command;
    }
}
