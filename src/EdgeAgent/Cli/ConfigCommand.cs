using System.CommandLine;
using System.Text.Json;
using EdgeAgent.Management.Configuration;
using EdgeAgent.Tenancy;
using EdgeAgent.Tenancy.Documents;

namespace EdgeAgent.Cli;

/// <summary><c>edge-agent config</c>: configurations, checked and signed.</summary>
internal static class ConfigCommand
{
    public static Command Create() => new("config", """
        Checks and signs configurations.

        Example:
          edge-agent config validate acme.json
        """) { CreateValidate(), CreateSign() };

    private static Command CreateValidate()
    {
        var file = new Argument<string>("FILE") { Description = "A tenant's configuration, or a device's: the one that says everything, or its provisioning." };
        var command = new Command("validate", """
            Checks a configuration and names every mistake with a JSON pointer.

            Exit codes: 0 done, 1 failed, 2 wrong usage, 5 input refused.

            Example:
              edge-agent config validate acme.json
            """) { file };
        command.SetAction(result => Validate(result.GetValue(file)!));
        return command;
    }

    private static Command CreateSign()
    {
        var key = SigningArguments.Key("A private key of the tenant.");
        var tenant = SigningArguments.Tenant();
        var device = SigningArguments.Device("Makes it this device's overlay: a merge patch (RFC 7396) on the tenant-wide configuration.", isRequired: false);
        var version = new Option<long>("--version") { Description = "Larger than that of this layer's configuration before, from 1.", HelpName = "N", Required = true };
        var file = new Argument<string>("FILE") { Description = "The configuration or overlay." };
        var command = new Command("sign", """
            Signs a tenant's configuration. Publish it retained under
            tenants/TENANT/config, or an overlay under
            tenants/TENANT/devices/DEVICE/config.

            Exit codes: 0 done, 1 failed, 2 wrong usage, 5 input refused.

            Example:
              edge-agent config sign --key acme.key --tenant acme --version 7 acme.json |
                mosquitto_pub -r -s -t tenants/acme/config
            """) { key, tenant, device, version, file };
        command.SetAction(result =>
        {
            string path = result.GetValue(file)!;
            var id = SigningArguments.ParseTenant(result.GetValue(tenant)!);
            DeviceId? one = result.GetValue(device) is { } named ? SigningArguments.ParseDevice(named) : null;
            var configuration = ReadJson(path);
            // An overlay is checked by the device together with what it is laid over.
            if (one is null) RefuseMistakes(path);
            using var signer = SigningArguments.LoadKey(result.GetValue(key)!);
            return SigningArguments.Print(SigningArguments.Read(path, () => ConfigurationEnvelope.Sign(signer, id, one, result.GetValue(version), configuration)));
        });
        return command;
    }

    private static int Validate(string path)
    {
        var root = ReadJson(path);
        Action check = Has(root, "platformKeys") ? () => ConfigurationReader.LoadProvisioning(path, AgentConfiguration.DefaultStateDirectory)
            : Has(root, "device") || Has(root, "broker") ? () => ConfigurationReader.LoadAgent(path)
            : () => CheckTenant(path);
        try
        {
            check();
        }
        catch (ConfigurationException e)
        {
            throw new CommandException(ExitCode.InputRefused, e.Message, e);
        }
        Console.Error.WriteLine($"edge-agent: {path}: no mistakes");
        return ExitCode.Done;
    }

    private static bool Has(JsonElement root, string member) => root.ValueKind == JsonValueKind.Object && root.TryGetProperty(member, out _);

    /// <exception cref="ConfigurationException">It has mistakes.</exception>
    private static void CheckTenant(string path) => ConfigurationReader.ParseTenant(SigningArguments.ReadFile(path, ConfigurationReader.MaxBytes), path);

    private static JsonElement ReadJson(string path)
    {
        byte[] content = SigningArguments.ReadFile(path, ConfigurationReader.MaxBytes);
        return StrictJson.TryParse(content, out var root, out var mistake) ? root : throw Refused(path, [mistake]);
    }

    private static void RefuseMistakes(string path)
    {
        try
        {
            CheckTenant(path);
        }
        catch (ConfigurationException e)
        {
            throw new CommandException(ExitCode.InputRefused, e.Message, e);
        }
    }

    private static CommandException Refused(string path, List<ConfigurationMistake> mistakes) =>
        new(ExitCode.InputRefused, string.Join(Environment.NewLine, mistakes.Select(mistake => $"{path}: {mistake}")));
}
