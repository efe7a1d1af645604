using System.CommandLine;
using EdgeAgent.Management.Configuration;
using EdgeAgent.Tenancy;
using EdgeAgent.Tenancy.Documents;

namespace EdgeAgent.Cli;

/// <summary><c>edge-agent key</c>: the keys of the platform and of tenants.</summary>
internal static class KeyCommand
{
    public static Command Create() => new("key", """
        Makes, shows and rotates the keys that sign documents.

        Example:
          edge-agent key new --out acme.key > acme.public
        """) { CreateNew(), CreatePublic(), CreateRotate() };

    private static Command CreateNew()
    {
        var file = new Option<string>("--out") { Description = "Where the private key goes: a file that does not exist yet, for its owner alone.", HelpName = "FILE", Required = true };
        var command = new Command("new", """
            Makes a key (P-256). The private JWK goes to FILE, the public one to stdout.

            Exit codes: 0 done, 1 failed, 2 wrong usage, 5 input refused.

            Example:
              edge-agent key new --out acme.key > acme.public
            """) { file };
        command.SetAction(result => New(result.GetValue(file)!));
        return command;
    }

    private static Command CreatePublic()
    {
        var file = new Argument<string>("FILE") { Description = "A private key of key new." };
        var command = new Command("public", """
            Prints the public JWK of a private key.

            Exit codes: 0 done, 1 failed, 2 wrong usage, 5 input refused.

            Example:
              edge-agent key public acme.key
            """) { file };
        command.SetAction(result =>
        {
            using var key = SigningArguments.LoadKey(result.GetValue(file)!);
            return SigningArguments.Print(key.Public.ToString());
        });
        return command;
    }

    private static Command CreateRotate()
    {
        var old = SigningArguments.Key("A private key that is trusted now; it signs.");
        var platform = new Option<bool>("--platform") { Description = "Rotates the platform's keys." };
        var tenant = SigningArguments.Tenant(isRequired: false);
        var version = new Option<long>("--version") { Description = "Larger than that of the rotation before, from 1.", HelpName = "N", Required = true };
        var keep = new Option<string[]>("--keep") { Description = "A public key that is trusted from now on, a file or the JWK; all of them must be given.", HelpName = "PUBLIC", Required = true, AllowMultipleArgumentsPerToken = true };
        var revoke = new Option<string[]>("--revoke") { Description = "A public key that is never trusted again, a file or the JWK.", HelpName = "PUBLIC", AllowMultipleArgumentsPerToken = true };
        var command = new Command("rotate", """
            Signs the list of keys that are trusted from now on. Publish it retained under
            platform/keys/VERSION or tenants/TENANT/keys/VERSION. After it, sign the
            tenant's configuration anew with the new key, and list that key in the next
            assignment.

            Exit codes: 0 done, 1 failed, 2 wrong usage, 5 input refused.

            Example:
              edge-agent key rotate --key acme.key --tenant acme --version 1 \
                --keep acme-next.public --revoke acme.public |
                mosquitto_pub -r -s -t tenants/acme/keys/1
            """) { old, platform, tenant, version, keep, revoke };
        command.SetAction(result =>
        {
            string? named = result.GetValue(tenant);
            if (result.GetValue(platform) == named is not null) throw new CommandException(ExitCode.WrongUsage, "whose keys? give either --platform or --tenant T");
            TenantId? scope = named is null ? null : SigningArguments.ParseTenant(named);
            VerificationKey[] keys = [.. result.GetValue(keep)!.Select(SigningArguments.LoadPublicKey)];
            string[] revoked = [.. (result.GetValue(revoke) ?? []).Select(text => SigningArguments.LoadPublicKey(text).Id)];
            using var key = SigningArguments.LoadKey(result.GetValue(old)!);
            return SigningArguments.Print(SigningArguments.Read("rotation", () => KeysDocument.Sign(key, scope, result.GetValue(version), keys, revoked)));
        });
        return command;
    }

    private static int New(string path)
    {
        if (string.IsNullOrWhiteSpace(path)) throw new CommandException(ExitCode.WrongUsage, "--out: a file name is missing");
        using var key = SigningKey.Create();
        try
        {
            key.Save(path);
        }
        catch (IOException e) when (Path.Exists(path))
        {
            throw new CommandException(ExitCode.InputRefused, $"{path}: exists already; a key is never overwritten", e);
        }
        catch (DirectoryNotFoundException e)
        {
            throw new CommandException(ExitCode.InputRefused, $"{path}: there is no such directory", e);
        }
        catch (Exception e) when (FileTrouble.Is(e))
        {
            throw new CommandException(ExitCode.Failed, $"{path}: cannot be written: {e.Message}", e);
        }
        return SigningArguments.Print(key.Public.ToString());
    }
}
