using System.CommandLine;
using System.Globalization;
using EdgeAgent.Cli.Doctor;
using EdgeAgent.Management.Configuration;

namespace EdgeAgent.Cli.Support;

/// <summary><c>edge-agent support-bundle</c>: everything for whoever helps, in one file.</summary>
internal static class SupportBundleCommand
{
    private const string StandardOutputName = "-";

    public static Command Create()
    {
        var scope = new ScopeOptions();
        var output = new Option<string?>("--output", "-o") { Description = "The file to write, which must not exist; - for standard output (default edge-agent-support-DEVICE-TIME.tar.gz).", HelpName = "FILE" };
        var since = new Option<string>("--since") { Description = "The journal from then on, as for edge-agent journal.", HelpName = "TIME", DefaultValueFactory = _ => "-24h" };
        var command = new Command("support-bundle", """
            Packs what helps to find out what is wrong: doctor, status, configuration,
            ledger, interfaces, network, versions, journal; without secrets. It works
            without the agent, too. manifest.json in it says what is there, what is not,
            and why.

            Exit codes: 0 written, though parts may be missing, 1 not written, 2 wrong
            usage.

            Examples:
              edge-agent support-bundle
              ssh root@dongle edge-agent support-bundle -o - > bundle.tar.gz
            """) { output, since };
        scope.AddTo(command);
        command.SetAction(result => RunAsync(scope.Of(result), result.GetValue(output), result.GetValue(since)!, TimeProvider.System));
        return command;
    }

    private static async Task<int> RunAsync(Scope scope, string? output, string since, TimeProvider time)
    {
        if (output is { Length: 0 }) throw new CommandException(ExitCode.WrongUsage, "--output: a file name is missing");
        if (output == StandardOutputName && !Console.IsOutputRedirected) throw new CommandException(ExitCode.WrongUsage, "--output -: this is a terminal; name a file, or redirect it");
        using var stop = new StopSignal();
        var facts = new Lazy<Task<Facts>>(() => FactFinder.FindAsync(scope, always: true, time, stop.Token));
        var secrets = new KnownSecrets();
        var bundle = new SupportBundle([.. new DeviceParts(scope, facts).All, .. new FileParts(scope, since, facts, secrets).All], secrets, time);
        try
        {
            await bundle.CollectAsync(stop.Token);
        }
        catch (OperationCanceledException e)
        {
            throw new CommandException(ExitCode.Failed, "stopped; nothing was written", e);
        }
        if (output == StandardOutputName)
        {
            using var stream = new StandardOutput();
            bundle.Write(stream);
        }
        else
        {
            string path = Write(bundle, output ?? NameFor((await facts.Value).Status?.Device, time));
            SigningArguments.Print(path);
        }
        Console.Error.WriteLine("edge-agent: the support bundle is written; look into it before you send it: tar -xzf FILE");
        string missing = string.Join(", ", bundle.LeftOut);
        if (missing.Length > 0) Console.Error.WriteLine($"edge-agent: not in it, for reasons that {SupportBundle.ManifestName} names: {missing}");
        return ExitCode.Done;
    }

    private static string NameFor(string? device, TimeProvider time) =>
        string.Create(CultureInfo.InvariantCulture, $"edge-agent-support-{device ?? Environment.MachineName}-{time.GetUtcNow():yyyyMMdd-HHmmss}.tar.gz");

    /// <summary>For its owner alone; there is no half a bundle.</summary>
    private static string Write(SupportBundle bundle, string path)
    {
        bool isMade = false;
        try
        {
            using var file = new FileStream(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite });
            isMade = true;
            bundle.Write(file);
            return Path.GetFullPath(path);
        }
        catch (Exception e) when (FileTrouble.Is(e))
        {
            if (isMade) File.Delete(path);
            throw new CommandException(ExitCode.Failed, $"{path}: cannot be written: {(e is UnauthorizedAccessException ? "this user may not write there" : e.Message)}; name another file with --output", e);
        }
    }
}
