using System.CommandLine;
using EdgeAgent.Management.Configuration;

namespace EdgeAgent.Cli.Provision;

/// <summary><c>edge-agent provision csr</c> and <c>certificate</c>: certificates for a key that never leaves the device.</summary>
internal static class CertificateCommands
{
    /// <summary>A chain of a few certificates has less.</summary>
    private const int MaxBytes = 64 * 1024;

    public static Command CreateRequest()
    {
        var device = new DeviceOptions();
        var command = new Command("csr", """
            Prints the request for a certificate (PKCS #10) of this device's key: the one
            that waits for a certificate, or the one in use.

            Exit codes: 0 done, 1 failed, 2 wrong usage, 4 not permitted, 5 input
            refused.

            Example:
              edge-agent provision csr > dongle-1.csr
            """);
        device.AddTo(command, withNetwork: false);
        command.SetAction(result =>
        {
            try
            {
                return SigningArguments.Print(device.Provisioner(result, withNetwork: false).Request().TrimEnd('\n'));
            }
            catch (ConfigurationException e)
            {
                throw new CommandException(ExitCode.InputRefused, e.Message, e);
            }
            catch (UnauthorizedAccessException e)
            {
                throw new CommandException(ExitCode.NotPermitted, $"{e.Message.TrimEnd('.')}; this needs root", e);
            }
        });
        return command;
    }

    public static Command CreateInstall()
    {
        var device = new DeviceOptions();
        var file = new Argument<string>("FILE") { Description = "The certificate in PEM, those between it and the authority behind it." };
        var command = new Command("certificate", """
            Puts a certificate beside this device's key, if it fits key, device and time.

            The one that the device waited for puts its provisioning in force; restart the
            agent then. A newer one is used from the next connection on.

            Exit codes: 0 done, 1 failed, 2 wrong usage, 4 not permitted, 5 input
            refused.

            Example:
              edge-agent provision certificate dongle-1.pem
            """) { file };
        device.AddTo(command, withNetwork: false);
        command.SetAction(result =>
        {
            string path = DeviceOptions.Given(result.GetValue(file));
            byte[] certificate = SigningArguments.ReadFile(path, MaxBytes);
            return DeviceOptions.Do(_ => [device.Provisioner(result, withNetwork: false).Install(certificate, path)]);
        });
        return command;
    }
}
