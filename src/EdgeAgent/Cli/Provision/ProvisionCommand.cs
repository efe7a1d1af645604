using System.CommandLine;

namespace EdgeAgent.Cli.Provision;

/// <summary><c>edge-agent provision</c>: how devices become what they are, without anybody typing on them.</summary>
internal static class ProvisionCommand
{
    public static Command Create() => new("provision", """
        Makes devices what they are: writes a boot file for each, and on the device
        takes it from the boot partition.

        Examples:
          edge-agent provision create --csv devices.csv --template template.json \
            --out cards
          edge-agent provision import
        """) { CreateCommand.Create(), ImportCommand.Create(), CertificateCommands.CreateRequest(), CertificateCommands.CreateInstall() };
}
