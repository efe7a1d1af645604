using System.CommandLine;
using System.Globalization;
using System.Text.RegularExpressions;
using EdgeAgent.Management.Updates;
using EdgeAgent.Outbox;
using EdgeAgent.Tenancy;
using EdgeAgent.Tenancy.Documents;

namespace EdgeAgent.Cli.Update;

/// <summary><c>edge-agent update</c>: releases of the agent, signed by the platform and installed on devices.</summary>
internal static partial class UpdateCommand
{
    public static Command Create() => new("update", """
        Signs releases of the agent, and installs them.

        Example:
          edge-agent update sign --key platform.key --package release.deb
        """) { CreateSign(), CreateApply() };

    private static Command CreateSign()
    {
        var key = SigningArguments.Key("The platform's private key.");
        var package = new Option<string>("--package") { Description = "The Debian package.", HelpName = "FILE", Required = true };
        var health = new Option<long>("--health-seconds")
        {
            Description = $"Within which it has to become well on a device: up for half of it, with the broker ({UpdateManifest.LeastHealthSeconds} to {UpdateManifest.MostHealthSeconds}).",
            HelpName = "S",
            DefaultValueFactory = _ => UpdateManifest.DefaultHealthSeconds,
        };
        var downgrade = new Option<bool>("--downgrade") { Description = "It may replace a newer version." };
        var sign = new Command("sign", """
            Signs what devices have to know of a release: version, architecture, digest,
            format of the store. A tenant commands his devices to install it, and they
            fetch the package as his artifact.

            Exit codes: 0 done, 1 failed, 2 wrong usage, 5 input refused.

            Example:
              edge-agent update sign --key platform.key \
                --package edge-agent_0.2.0_arm64.deb > manifest
              edge-agent artifact split edge-agent_0.2.0_arm64.deb --out artifacts
              edge-agent command sign --key acme.key --tenant acme --device dongle-1 \
                --id u1 --operation agent.update --argument manifest="$(cat manifest)"
            """) { key, package, health, downgrade };
        sign.SetAction(result =>
        {
            string path = result.GetValue(package)!;
            byte[] content = SigningArguments.ReadFile(path, ArtifactManifest.MaxSize);
            var (found, format) = Look(path);
            if (found.Name != UpdateManifest.Package) throw new CommandException(ExitCode.InputRefused, $"{path}: the package is {Quoted.Of(found.Name)}, and not {UpdateManifest.Package}");
            using var signer = SigningArguments.LoadKey(result.GetValue(key)!);
            return SigningArguments.Print(SigningArguments.Read(path, () => UpdateManifest.Sign(
                signer, found.Version, found.Architecture, Sha256Digest.Of(content), content.Length, format, result.GetValue(health), result.GetValue(downgrade))));
        });
        return sign;
    }

    private static Command CreateApply()
    {
        var provision = new Option<string>("--provision") { Description = "The device's provisioning, whose platformKeys sign releases.", HelpName = "FILE", DefaultValueFactory = _ => UpdatePlaces.Provisioning };
        var apply = new Command("apply", """
            Installs what the agent has fetched, watches it, and goes back if it does not
            become well. edge-agent-update.service runs it, as root; after a power cut it
            goes on where it was.

            Exit codes: 0 done or nothing to do, 1 failed, 2 wrong usage, 4 not permitted.

            Example:
              edge-agent update apply
            """) { provision };
        apply.SetAction(result => ApplyAsync(result.GetValue(provision)!));
        return apply;
    }

    private static async Task<int> ApplyAsync(string provision)
    {
        if (Environment.UserName != "root") throw new CommandException(ExitCode.NotPermitted, "update apply is for root: systemctl start edge-agent-update");
        using var stop = new StopSignal();
        try
        {
            using var disk = DirectoryDisk.OpenUnmarked(UpdatePlaces.Directory);
            var result = await new Activation(new DebianSystem(disk, UpdatePlaces.Directory, provision, Say), TimeProvider.System, Say).RunAsync(stop.Token);
            if (result is null) Say("there is nothing to install");
            return ExitCode.Done;
        }
        catch (OperationCanceledException) when (stop.Token.IsCancellationRequested)
        {
            return ExitCode.Done;
        }
        catch (UpdateException e)
        {
            throw new CommandException(ExitCode.Failed, e.Message, e);
        }

        static void Say(string line) => Console.Error.WriteLine($"edge-agent: {line}");
    }

    private static (PackageFacts Package, int StoreFormat) Look(string path)
    {
        try
        {
            var package = DebianSystem.Describe(path);
            // The script that refuses to be installed over a newer store says up to which format it reads.
            var format = ReadsFormat().Match(Tool.Run("dpkg-deb", ["--info", path, "preinst"], TimeSpan.FromMinutes(1)));
            return format.Success
                ? (package, int.Parse(format.Groups[1].Value, CultureInfo.InvariantCulture))
                : throw new CommandException(ExitCode.InputRefused, $"{path}: it does not say which format of the store it reads");
        }
        catch (UpdateException e)
        {
            throw new CommandException(ExitCode.InputRefused, $"{path}: {e.Message}", e);
        }
    }

    [GeneratedRegex(@"^reads=(\d{1,6})$", RegexOptions.Multiline)]
    private static partial Regex ReadsFormat();
}
