using System.CommandLine;
using EdgeAgent.Diagnostics;
using EdgeAgent.Management.Configuration;
using EdgeAgent.Management.Provisioning;
using Microsoft.Extensions.Logging;

namespace EdgeAgent.Cli.Provision;

/// <summary>The options of commands that change a device's provisioning, and how they end.</summary>
internal sealed class DeviceOptions
{
    private readonly Option<string> _directory = new("--to") { Description = "Where the device's provisioning is. New files there get the directory's group, the agent's, if that is set so (setgid).", HelpName = "DIR", DefaultValueFactory = _ => "/etc/edge-agent" };
    private readonly Option<string> _network = new("--network") { Description = "Where systemd-networkd looks for the settings of CAN interfaces.", HelpName = "DIR", DefaultValueFactory = _ => "/etc/systemd/network" };

    public void AddTo(Command command, bool withNetwork)
    {
        command.Add(_directory);
        if (withNetwork) command.Add(_network);
    }

    public string Directory(ParseResult result) => Path.GetFullPath(Given(result.GetValue(_directory)));

    public Provisioner Provisioner(ParseResult result, bool withNetwork) =>
        new(new ProvisioningFiles(), Directory(result), withNetwork ? Path.GetFullPath(Given(result.GetValue(_network))) : "", TimeProvider.System);

    /// <summary>Does it and tells: in the journal if a service does it, else on stderr.</summary>
    public static int Do(Func<ILogger, IReadOnlyList<ProvisioningResult>> act)
    {
        using var logging = LoggerFactory.Create(builder =>
        {
            if (JournalStream.IsStandardError()) LogOutput.AddTo(builder, TimeProvider.System);
            else builder.AddProvider(new PlainWords());
        });
        var logger = logging.CreateLogger("edge-agent");
        try
        {
            var results = act(logger);
            foreach (var result in results) ProvisioningLog.Tell(logger, result);
            return results.Any(result => result.Outcome == ProvisioningOutcome.Refused) ? ExitCode.InputRefused : ExitCode.Done;
        }
        catch (UnauthorizedAccessException e) when (!Environment.IsPrivilegedProcess)
        {
            throw new CommandException(ExitCode.NotPermitted, $"{e.Message.TrimEnd('.')}; this needs root", e);
        }
        catch (Exception e) when (FileTrouble.Is(e))
        {
            ProvisioningLog.ProvisioningFailed(logger, e.Message.TrimEnd('.'));
            return ExitCode.Failed;
        }
    }

    public static string Given(string? name) => string.IsNullOrWhiteSpace(name) ? throw new CommandException(ExitCode.WrongUsage, "a file name is missing") : name;
}
