using System.CommandLine;
using EdgeAgent.Can.Dbc;

namespace EdgeAgent.Cli;

/// <summary><c>edge-agent dbc</c>: what is in a DBC file.</summary>
internal static class DbcCommand
{
    public static Command Create()
    {
        var file = new Argument<string>("FILE") { Description = "The DBC file." };
        var json = new Option<bool>("--json") { Description = "One JSON object a message." };
        var show = new Command("show", "Shows messages and signals. Warnings about the file go to stderr.") { file, json };
        show.SetAction(result => Show(result.GetValue(file)!, result.GetValue(json)));
        return new Command("dbc", "Looks into DBC files.") { show };
    }

    /// <exception cref="CommandException">It cannot be read or is broken.</exception>
    public static DbcDatabase Load(string path)
    {
        try
        {
            return DbcFile.Load(path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CommandException(ExitCode.InputRefused, $"{path}: no such file", e);
        }
        catch (DbcException e)
        {
            throw new CommandException(ExitCode.InputRefused, e.Message, e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException(ExitCode.InputRefused, $"{path}: cannot be read: {e.Message}", e);
        }
    }

    private static int Show(string path, bool json)
    {
        var database = Load(path);
        foreach (var warning in database.Warnings) Console.Error.WriteLine($"edge-agent: {path}:{warning.Line}:{warning.Column}: warning: {warning.Text}");
        using var output = Console.OpenStandardOutput();
        if (json) DbcJson.Write(database, output);
        else DbcTable.Write(database, Console.Out);
        return ExitCode.Done;
    }
}
