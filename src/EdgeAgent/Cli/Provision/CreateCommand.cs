using System.CommandLine;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeAgent.Management.Configuration;
using EdgeAgent.Management.Provisioning;
using EdgeAgent.Tenancy.Documents;

namespace EdgeAgent.Cli.Provision;

/// <summary><c>edge-agent provision create</c>: boot files for many devices.</summary>
internal static class CreateCommand
{
    private const string ManifestName = "manifest.csv";

    /// <summary>What a table of devices may have.</summary>
    private const int MaxTableBytes = 16 * 1024 * 1024;

    private const UnixFileMode OwnersFile = UnixFileMode.UserRead | UnixFileMode.UserWrite, OwnersDirectory = OwnersFile | UnixFileMode.UserExecute;

    public static Command Create()
    {
        var table = new Option<string>("--csv") { Description = "The devices: a column device, and others named by JSON pointers into the template (/broker/userName), whose cells take the place of what is there.", HelpName = "FILE", Required = true };
        var template = new Option<string>("--template") { Description = "A boot file without the device. A password, claimCode or privateKey of \"generate\" is made anew for each.", HelpName = "FILE", Required = true };
        var output = new Option<string>("--out") { Description = "Where the files go, a directory for each device.", HelpName = "DIR", Required = true };
        var authority = new Option<string?>("--authority") { Description = "PEM file with the authorities of the broker's certificate: broker.authority of all.", HelpName = "FILE" };
        var ca = new Option<string?>("--ca") { Description = "The certificate of the authority that signs those of devices; without it each device makes its key itself.", HelpName = "FILE" };
        var caKey = new Option<string?>("--ca-key") { Description = "Its private key, PEM without a password.", HelpName = "FILE" };
        var days = new Option<int>("--days") { Description = "How long a certificate lasts, at most as long as the authority does.", HelpName = "N", DefaultValueFactory = _ => 1095 };
        var force = new Option<bool>("--force") { Description = "Replaces files that are there." };
        var command = new Command("create", $$"""
            Makes a boot file for each device of a table.

            They are DIR/DEVICE/{{BootFile.Name}}, and what is secret is in them
            alone; a device that has taken its own wipes it. DIR/{{ManifestName}} has what
            the broker's side needs: user name, password as mosquitto keeps it, key and
            certificate.

            Exit codes: 0 done, 1 failed, 2 wrong usage, 5 input refused.

            Examples:
              edge-agent provision create --csv devices.csv --template template.json \
                --out cards --ca devices-ca.pem --ca-key devices-ca.key
              awk -F, 'NR > 1 { print $2 ":" $3 }' cards/manifest.csv > passwords
            """) { table, template, output, authority, ca, caKey, days, force };
        command.SetAction(result =>
        {
            string? caFile = result.GetValue(ca), caKeyFile = result.GetValue(caKey);
            if (caFile is null != caKeyFile is null) throw new CommandException(ExitCode.WrongUsage, "--ca and --ca-key go together");
            if (result.GetValue(days) is < 1 or > 36_500) throw new CommandException(ExitCode.WrongUsage, "--days: expected 1 to 36500");
            var pattern = ReadTemplate(result.GetValue(template)!, result.GetValue(authority), caFile is not null);
            using var signer = caFile is null ? null : LoadAuthority(caFile, caKeyFile!, TimeSpan.FromDays(result.GetValue(days)));
            var files = Make(result.GetValue(table)!, new BootFileMaker(pattern, signer));
            Write(Path.GetFullPath(DeviceOptions.Given(result.GetValue(output))), files, result.GetValue(force));
            Console.Error.WriteLine($"edge-agent: {files.Count} boot files");
            return ExitCode.Done;
        });
        return command;
    }

    private static JsonObject ReadTemplate(string path, string? authority, bool signs)
    {
        byte[] content = SigningArguments.ReadFile(path, ConfigurationReader.MaxBytes);
        if (!StrictJson.TryParse(content.AsSpan().StartsWith("\uFEFF"u8) ? content[3..] : content, out var root, out var mistake)) throw new CommandException(ExitCode.InputRefused, $"{path}: {mistake}");
        if (root.ValueKind != JsonValueKind.Object) throw new CommandException(ExitCode.InputRefused, $"{path}: expected an object");
        var template = JsonObject.Create(root)!;
        var broker = template["broker"] as JsonObject;
        if (authority is not null && broker is not null) broker[Secret.Authority.Member] = Encoding.UTF8.GetString(SigningArguments.ReadFile(authority, ConfigurationReader.MaxBytes));
        if (signs && !BootFileMaker.Asks(broker, Secret.PrivateKey))
            throw new CommandException(ExitCode.InputRefused, $"{path}: /broker/privateKey: expected \"{Secret.Generate}\", since --ca is to sign for a key of each device");
        return template;
    }

    private static FleetAuthority LoadAuthority(string certificate, string key, TimeSpan life)
    {
        try
        {
            return FleetAuthority.Load(DeviceOptions.Given(certificate), DeviceOptions.Given(key), TimeProvider.System.GetUtcNow(), life);
        }
        catch (CryptographicException e)
        {
            throw new CommandException(ExitCode.InputRefused, $"--ca, --ca-key: {e.Message}", e);
        }
        catch (Exception e) when (FileTrouble.Is(e))
        {
            throw new CommandException(ExitCode.InputRefused, $"--ca, --ca-key: {e.Message}", e);
        }
    }

    /// <summary>All of them, or what is wrong with any; what is wrong with all alike is told once.</summary>
    private static List<MadeBootFile> Make(string path, BootFileMaker maker)
    {
        var table = DeviceTable.Parse(Encoding.UTF8.GetString(SigningArguments.ReadFile(path, MaxTableBytes)), path);
        List<MadeBootFile> files = [];
        Dictionary<string, (int Line, int Count)> mistakes = [];
        foreach (var row in table.Rows)
        {
            try
            {
                files.Add(maker.Make(row));
            }
            catch (ConfigurationException e)
            {
                foreach (var mistake in e.Mistakes)
                {
                    var (line, count) = mistakes.GetValueOrDefault(mistake.ToString(), (row.Line, 0));
                    mistakes[mistake.ToString()] = (line, count + 1);
                }
            }
        }
        string[] all = [.. table.Mistakes, .. mistakes.Select(mistake => $"{path}:{mistake.Value.Line}: {mistake.Key}{(mistake.Value.Count > 1 ? $" (and {mistake.Value.Count - 1} more lines)" : "")}")];
        return all.Length == 0 ? files : throw new CommandException(ExitCode.InputRefused, string.Join(Environment.NewLine, all));
    }

    private static void Write(string directory, List<MadeBootFile> files, bool force)
    {
        string manifest = Path.Combine(directory, ManifestName);
        string[] there = [.. files.Select(file => PathOf(directory, file)).Append(manifest).Where(Path.Exists)];
        if (there.Length > 0 && !force)
            throw new CommandException(ExitCode.InputRefused, $"{there[0]}{(there.Length > 1 ? $" and {there.Length - 1} more" : "")}: exists already; --force replaces what is there");
        try
        {
            foreach (var file in files)
            {
                Directory.CreateDirectory(Path.GetDirectoryName(PathOf(directory, file))!, OwnersDirectory);
                Replace(PathOf(directory, file), file.Content);
            }
            Replace(manifest, Encoding.UTF8.GetBytes(string.Join('\n', files.Select(file => file.ToString()).Prepend(MadeBootFile.Columns)) + "\n"));
        }
        catch (Exception e) when (FileTrouble.Is(e))
        {
            throw new CommandException(ExitCode.Failed, $"{directory}: {e.Message}", e);
        }
    }

    private static string PathOf(string directory, MadeBootFile file) => Path.Combine(directory, file.Device, BootFile.Name);

    private static void Replace(string path, byte[] content)
    {
        File.Delete(path);
        using var file = new FileStream(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = OwnersFile });
        file.Write(content);
    }
}
