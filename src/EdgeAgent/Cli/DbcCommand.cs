using System.CommandLine;
using EdgeAgent.Can.Dbc;
using EdgeAgent.Management.Configuration;

namespace EdgeAgent.Cli;

/// <summary><c>edge-agent dbc</c>: what is in a DBC file.</summary>
internal static class DbcCommand
{
    public static Command Create()
    {
        var file = new Argument<string>("FILE") { Description = "The DBC file." };
        var json = new Option<bool>("--json") { Description = "One JSON object a message." };
        var encoding = EncodingOption();
        var show = new Command("show", "Shows messages and signals. Warnings about the file go to stderr.") { file, json, encoding };
        show.SetAction(result => Show(result.GetValue(file)!, result.GetValue(json), Encoding(result.GetValue(encoding)!)));
        return new Command("dbc", "Looks into DBC files.") { show };
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

    public static DbcEncoding Encoding(string option) => option.ToLowerInvariant() switch
    {
        "utf-8" => DbcEncoding.Utf8,
        "windows-1252" => DbcEncoding.Windows1252,
        _ => DbcEncoding.Automatic,
    };

    /// <exception cref="CommandException">It cannot be read or is broken.</exception>
    public static DbcDatabase Load(string path, DbcEncoding encoding)
    {
        if (string.IsNullOrWhiteSpace(path)) throw new CommandException(ExitCode.WrongUsage, "the name of a DBC file is missing");
        try
        {
            return DbcFile.Load(path, encoding);
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

    private static int Show(string path, bool json, DbcEncoding encoding)
    {
        var database = Load(path, encoding);
        foreach (var warning in database.Warnings) Console.Error.WriteLine($"edge-agent: {path}:{warning.Line}:{warning.Column}: warning: {warning.Text}");
        using var output = new StandardOutput();
        if (json) DbcJson.Write(database, output);
        else DbcTable.Write(database, output);
        return ExitCode.Done;
    }
}
