using System.CommandLine;
using System.Text;
using EdgeAgent.Management.Configuration;
using EdgeAgent.Tenancy;
using EdgeAgent.Tenancy.Documents;

namespace EdgeAgent.Cli;

/// <summary>What the commands that make documents have in common: their options, checked, and how they end.</summary>
internal static class SigningArguments
{
    public static Option<string> Key(string description) => new("--key") { Description = description, HelpName = "FILE", Required = true };

    public static Option<string> Tenant(bool isRequired = true) => new("--tenant") { Description = "The tenant's id.", HelpName = "T", Required = isRequired };

    public static Option<string> Device(string description, bool isRequired = true) => new("--device") { Description = description, HelpName = "D", Required = isRequired };

    public static TenantId ParseTenant(string text) =>
        TenantId.TryParse(text, out var id) ? id : throw new CommandException(ExitCode.WrongUsage, $"--tenant: {Quoted.Of(text)} is no id: {Identifier.Expected}");

    public static DeviceId ParseDevice(string text) =>
        DeviceId.TryParse(text, out var id) ? id : throw new CommandException(ExitCode.WrongUsage, $"--device: {Quoted.Of(text)} is no id: {Identifier.Expected}");

    /// <summary>A private key from its file.</summary>
    public static SigningKey LoadKey(string path) => Read(path, () => SigningKey.Load(path));

    /// <summary>A public key: the JWK itself, or a file that holds it.</summary>
    public static VerificationKey LoadPublicKey(string text)
    {
        if (text.AsSpan().TrimStart().StartsWith("{")) return Read("the public key", () => VerificationKey.Parse(Encoding.UTF8.GetBytes(text)));
        return Read(text, () => VerificationKey.Parse(ReadFile(text, VerificationKey.MaxBytes)));
    }

    /// <summary>A file of at most so many bytes.</summary>
    public static byte[] ReadFile(string path, long most)
    {
        if (string.IsNullOrWhiteSpace(path)) throw new CommandException(ExitCode.WrongUsage, "the name of a file is missing");
        try
        {
            if (new FileInfo(path) is { Exists: true } file && file.Length > most) throw new CommandException(ExitCode.InputRefused, $"{path}: larger than the {most} bytes that it may have");
            return File.ReadAllBytes(path);
        }
        catch (Exception e) when (FileTrouble.Is(e))
        {
            throw new CommandException(ExitCode.InputRefused, FileTrouble.Describe(path, e), e);
        }
    }

    /// <summary>Does what may refuse the content of a file, or what a document would say.</summary>
    public static T Read<T>(string what, Func<T> read)
    {
        if (string.IsNullOrWhiteSpace(what)) throw new CommandException(ExitCode.WrongUsage, "the name of a file is missing");
        try
        {
            return read();
        }
        catch (DocumentException e)
        {
            throw new CommandException(ExitCode.InputRefused, $"{what}: {e.Message}", e);
        }
        catch (Exception e) when (FileTrouble.Is(e))
        {
            throw new CommandException(ExitCode.InputRefused, FileTrouble.Describe(what, e), e);
        }
    }

    /// <summary>Prints one line on stdout.</summary>
    public static int Print(string line)
    {
        using var output = new StandardOutput();
        output.Write(Encoding.UTF8.GetBytes(line + "\n"));
        return ExitCode.Done;
    }
}
