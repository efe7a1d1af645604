using System.CommandLine;
using System.Text;
using EdgeAgent.Can.Dbc;
using EdgeAgent.Management.Configuration;

namespace EdgeAgent.Cli;

/// <summary><c>edge-agent dbc</c>: what is in a DBC file.</summary>
internal static class DbcCommand
{
    public static Command Create() => new("dbc", """
        Looks into DBC files.

        Examples:
          edge-agent dbc show vehicle.dbc
          edge-agent dbc check vehicle.dbc
        """) { CreateShow(), CreateCheck() };

    private static Command CreateShow()
    {
        var file = new Argument<string>("FILE") { Description = "The DBC file." };
        var json = new Option<bool>("--json") { Description = "One JSON object a message." };
        var network = new Option<bool>("--network") { Description = "The network instead of its messages: version, nodes, tables, variables, attributes." };
        var (encoding, strict) = (EncodingOption(), StrictOption());
        var show = new Command("show", """
            Shows messages and signals. Warnings about the file go to stderr.

            Exit codes: 0 done, 1 failed, 2 wrong usage, 5 input refused.

            Example:
              edge-agent dbc show vehicle.dbc --network
            """) { file, json, network, encoding, strict };
        show.SetAction(result => Show(Load(result.GetValue(file)!, result.GetValue(encoding)!, result.GetValue(strict)), result.GetValue(json), result.GetValue(network)));
        return show;
    }

    private static Command CreateCheck()
    {
        var file = new Argument<string>("FILE") { Description = "The DBC file." };
        var json = new Option<bool>("--json") { Description = "One JSON object a finding." };
        var encoding = EncodingOption();
        var check = new Command("check", """
            Lists what is wrong or doubtful in a file: signals that overlap or leave their
            message, duplicates, multiplexing that selects nothing, references to nothing.

            Exit codes: 0 done, warnings at most, 1 failed, 2 wrong usage, 5 errors, which
            --strict refuses elsewhere, or no DBC file.

            Example:
              edge-agent dbc check vehicle.dbc --json
            """) { file, json, encoding };
        check.SetAction(result => Check(Load(result.GetValue(file)!, result.GetValue(encoding)!, strict: false), result.GetValue(json)));
        return check;
    }

    /// <summary>How the bytes of DBC files become text.</summary>
    public static Option<string> EncodingOption()
    {
        var option = new Option<string>("--encoding")
        {
            Description = "The character set of DBC files; automatic takes UTF-8 if a file is valid UTF-8.",
            HelpName = "automatic|utf-8|windows-1252",
            DefaultValueFactory = _ => "automatic",
        };
        return option.AcceptOnlyFromAmong("automatic", "utf-8", "UTF-8", "windows-1252", "Windows-1252");
    }

    /// <summary>Whether mistakes in DBC files are tolerated.</summary>
    public static Option<bool> StrictOption() => new("--strict")
    {
        Description = "Refuses DBC files with mistakes that are otherwise tolerated, such as signals that overlap.",
    };

    private static DbcEncoding Encoding(string option) => option.ToLowerInvariant() switch
    {
        "utf-8" => DbcEncoding.Utf8,
        "windows-1252" => DbcEncoding.Windows1252,
        _ => DbcEncoding.Automatic,
    };

    /// <exception cref="CommandException">It cannot be read or is broken.</exception>
    public static DbcDatabase Load(string path, string encoding, bool strict)
    {
        if (string.IsNullOrWhiteSpace(path)) throw new CommandException(ExitCode.WrongUsage, "the name of a DBC file is missing");
        try
        {
            return DbcFile.Load(path, Encoding(encoding), strict ? DbcStrictness.Strict : DbcStrictness.Lenient);
        }
        catch (DbcException e)
        {
            throw new CommandException(ExitCode.InputRefused, e.Message, e);
        }
        catch (Exception e) when (FileTrouble.Is(e))
        {
            throw new CommandException(ExitCode.InputRefused, FileTrouble.Describe(path, e), e);
        }
    }

    private static int Show(DbcDatabase database, bool json, bool network)
    {
        foreach (var warning in database.Warnings) Console.Error.WriteLine($"edge-agent: {Describe(database, warning)}");
        using var output = new StandardOutput();
        if (json && network) DbcNetworkJson.Write(database, output);
        else if (json) DbcJson.Write(database, output);
        else DbcTable.Write(database, output, messages: !network);
        return ExitCode.Done;
    }

    private static int Check(DbcDatabase database, bool json)
    {
        using var output = new StandardOutput();
        if (json)
        {
            DbcJson.WriteWarnings(database, output);
        }
        else
        {
            using var text = new StreamWriter(output, new UTF8Encoding(false));
            foreach (var warning in database.Warnings) text.WriteLine(Describe(database, warning));
        }
        int errors = database.Warnings.Count(warning => warning.IsMistake);
        string limit = database.Warnings.Count == DbcLimits.Warnings ? "; there may be more than these" : "";
        Console.Error.WriteLine($"edge-agent: {database.FileName}: {database.Messages.Count} messages; {errors} errors, {database.Warnings.Count - errors} warnings{limit}");
        return errors == 0 ? ExitCode.Done : ExitCode.InputRefused;
    }

    private static string Describe(DbcDatabase database, DbcWarning warning) =>
        $"{database.FileName}:{warning.Line}:{warning.Column}: {(warning.IsMistake ? "error" : "warning")}: {warning.Text}";
}
