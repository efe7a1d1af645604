using System.CommandLine;
using EdgeAgent.Tenancy.Documents;

namespace EdgeAgent.Cli;

/// <summary><c>edge-agent assignment</c>: the platform's word on whose a device is.</summary>
internal static class AssignmentCommand
{
    public static Command Create()
    {
        var key = SigningArguments.Key("The platform's private key.");
        var device = SigningArguments.Device("The device.");
        var tenant = SigningArguments.Tenant(isRequired: false);
        var tenantKey = new Option<string[]>("--tenant-key") { Description = "A public key of the tenant, a file or the JWK; may be given again.", HelpName = "PUBLIC" };
        var none = new Option<bool>("--none") { Description = "Assigns the device to nobody." };
        var epoch = new Option<long>("--epoch") { Description = "Larger than that of the device's assignment before, from 1.", HelpName = "N", Required = true };
        var handover = new Option<string>("--handover") { Description = "What becomes of the records of the tenant before that are still on the device.", HelpName = "deliver|purge", DefaultValueFactory = _ => "deliver" };
        handover.AcceptOnlyFromAmong("deliver", "purge");
        var seconds = new Option<long?>("--deliver-seconds") { Description = "How long they are still delivered at most.", HelpName = "S" };
        var sign = new Command("sign", """
            Signs the assignment of a device to a tenant. Publish it retained under
            devices/DEVICE/assignment.

            Exit codes: 0 done, 1 failed, 2 wrong usage, 5 input refused.

            Example:
              edge-agent assignment sign --key platform.key --device dongle-1 \
                --tenant acme --tenant-key acme.public --epoch 3 |
                mosquitto_pub -r -s -t devices/dongle-1/assignment
            """) { key, device, tenant, tenantKey, none, epoch, handover, seconds };
        sign.SetAction(result =>
        {
            string? named = result.GetValue(tenant);
            string[] keys = result.GetValue(tenantKey) ?? [];
            if (result.GetValue(none) == named is not null) throw new CommandException(ExitCode.WrongUsage, "to whom? give either --tenant T with --tenant-key PUBLIC, or --none");
            if (named is null != keys.Length is 0) throw new CommandException(ExitCode.WrongUsage, "--tenant and --tenant-key belong together");
            var assigned = named is null ? null : new AssignedTenant(SigningArguments.ParseTenant(named), [.. keys.Select(SigningArguments.LoadPublicKey)]);
            var id = SigningArguments.ParseDevice(result.GetValue(device)!);
            var what = result.GetValue(handover) == "purge" ? Handover.Purge : Handover.Deliver;
            using var platform = SigningArguments.LoadKey(result.GetValue(key)!);
            return SigningArguments.Print(SigningArguments.Read("assignment", () => AssignmentDocument.Sign(platform, id, result.GetValue(epoch), assigned, what, result.GetValue(seconds))));
        });
        return new Command("assignment", """
        Assigns devices to tenants.

        Examples:
          edge-agent assignment sign --key platform.key --device dongle-1 \
            --tenant acme --tenant-key acme.public --epoch 3
        """) { sign };
    }
}
