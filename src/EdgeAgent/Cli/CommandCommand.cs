using System.CommandLine;
using EdgeAgent.Tenancy;
using EdgeAgent.Tenancy.Access;
using EdgeAgent.Tenancy.Documents;

namespace EdgeAgent.Cli;

/// <summary><c>edge-agent command</c>: orders to devices.</summary>
internal static class CommandCommand
{
    private const long DefaultSeconds = 300;

    public static Command Create()
    {
        var key = SigningArguments.Key("A private key of the tenant, or one to which its configuration grants a role.");
        var tenant = SigningArguments.Tenant();
        var device = SigningArguments.Device("The device.");
        var id = new Option<string>("--id") { Description = "Names the command; used once.", HelpName = "ID", Required = true };
        var operation = new Option<string>("--operation") { Description = $"One of {string.Join(", ", Operation.All)}.", HelpName = "OP", Required = true };
        var argument = ArgumentOption.Create();
        var expires = new Option<long>("--expires") { Description = "When it is too late to begin, in seconds from now; at most 604800 (7 days).", HelpName = "SECONDS", DefaultValueFactory = _ => DefaultSeconds };
        var sign = new Command("sign", """
            Signs a command. Publish it under
            tenants/TENANT/devices/DEVICE/commands/ID; the answer: …/responses/ID.

            Exit codes: 0 done, 1 failed, 2 wrong usage, 5 input refused.

            Example:
              edge-agent command sign --key acme.key --tenant acme --device dongle-1 \
                --id c1 --operation log.level \
                --argument level=debug --argument seconds=60 |
                mosquitto_pub -q 1 -s -t tenants/acme/devices/dongle-1/commands/c1
            """) { key, tenant, device, id, operation, argument, expires };
        sign.SetAction(result =>
        {
            var owner = SigningArguments.ParseTenant(result.GetValue(tenant)!);
            var target = SigningArguments.ParseDevice(result.GetValue(device)!);
            string name = result.GetValue(operation)!, command = result.GetValue(id)!;
            if (!Identifier.IsValid(command)) throw new CommandException(ExitCode.WrongUsage, $"--id: {Quoted.Of(command)} is no id: {Identifier.Expected}");
            if (!Operation.TryParse(name, out _)) throw new CommandException(ExitCode.WrongUsage, $"--operation: {Quoted.Of(name)} is none; expected one of: {string.Join(", ", Operation.All)}");
            long seconds = result.GetValue(expires);
            if (seconds is < 1 or > CommandDocument.MaxSeconds) throw new CommandException(ExitCode.WrongUsage, $"--expires: expected 1 to {CommandDocument.MaxSeconds} seconds");
            var arguments = ArgumentOption.Parse(result.GetValue(argument) ?? []);
            var now = TimeProvider.System.GetUtcNow();
            using var signer = SigningArguments.LoadKey(result.GetValue(key)!);
            return SigningArguments.Print(SigningArguments.Read("command", () => CommandDocument.Sign(signer, owner, target, command, name, arguments, now, now.AddSeconds(seconds))));
        });
        return new Command("command", """
        Signs commands for devices.

        Examples:
          edge-agent command sign --key acme.key --tenant acme --device dongle-1 \
            --id c1 --operation ping
        """) { sign };
    }
}
