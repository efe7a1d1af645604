using System.CommandLine;
using EdgeAgent.Management.Provisioning;

namespace EdgeAgent.Cli.Provision;

/// <summary><c>edge-agent provision import</c>: from the boot partition to the device.</summary>
internal static class ImportCommand
{
    /// <summary>Where a boot partition is mounted, the newer place first.</summary>
    private static readonly string[] BootPartitions = ["/boot/firmware", "/boot"];

    /// <summary>What makes a device one that needs no boot file.</summary>
    private static readonly string[] Identities = [Provisioner.ProvisioningName, "agent.json"];

    public static Command Create()
    {
        var device = new DeviceOptions();
        var from = new Option<string?>("--from") { Description = $"A boot file, or the directory of {BootFile.Name} and {Provisioner.CertificateName} (default {string.Join(" or ", BootPartitions)}).", HelpName = "FILE|DIR" };
        var command = new Command("import", $"""
            Takes the provisioning from the boot partition. The service
            edge-agent-provision does this at boot.

            A boot file is checked; its secrets go where only the agent reads them; it is
            wiped, and {ProvisioningResult.Name} left in its place. One with
            mistakes stays, and changes nothing. A device that is to make its key itself
            leaves {Provisioner.RequestName} and goes on when
            {Provisioner.CertificateName} is there.

            Exit codes: 0 done, 1 failed, 2 wrong usage, 4 not permitted, 5 input
            refused.

            Examples:
              edge-agent provision import
              edge-agent provision import --from /media/card --to /etc/edge-agent
            """) { from };
        device.AddTo(command, withNetwork: true);
        command.SetAction(result => DeviceOptions.Do(logger =>
        {
            string? named = result.GetValue(from);
            string? place = named is null ? Array.Find(BootPartitions, HasSomething) : Path.GetFullPath(DeviceOptions.Given(named));
            var provisioner = device.Provisioner(result, withNetwork: true);
            if (place is null)
            {
                if (provisioner.Waiting() is { } waiting) ProvisioningLog.AwaitsCertificate(logger, Provisioner.PendingName, waiting, Provisioner.RequestName, Provisioner.CertificateName);
                else if (!Identities.Any(name => File.Exists(Path.Combine(device.Directory(result), name)))) ProvisioningLog.NotProvisioned(logger, BootFile.Name);
                return [];
            }
            if (Directory.Exists(place)) return provisioner.TakeFrom(place);
            return File.Exists(place)
                ? provisioner.TakeFrom(Path.GetDirectoryName(place)!, Path.GetFileName(place))
                : throw new CommandException(ExitCode.InputRefused, $"{place}: no such file");
        }));
        return command;
    }

    private static bool HasSomething(string directory) => Directory.Exists(directory) &&
        (Directory.EnumerateFiles(directory, BootFile.Name + "*").Any() || File.Exists(Path.Combine(directory, Provisioner.CertificateName)));
}
