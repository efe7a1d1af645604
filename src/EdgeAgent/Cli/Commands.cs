using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Parsing;
using System.Text.RegularExpressions;
using EdgeAgent.Cli.Can;
using EdgeAgent.Cli.Doctor;
using EdgeAgent.Cli.Live;
using EdgeAgent.Cli.Provision;
using EdgeAgent.Cli.Support;
using EdgeAgent.Cli.Update;
using EdgeAgent.Cli.Vehicle;

namespace EdgeAgent.Cli;

/// <summary>The command line: finds the command, runs it, and turns what went wrong into one line and an exit code.</summary>
internal static partial class Commands
{
    /// <summary>The whole tree.</summary>
    internal static RootCommand Create()
    {
        var root = new RootCommand("""
            Reads a vehicle's CAN buses and publishes what they say to the tenant that the
            device belongs to.

            Exit codes: 0 done, 1 failed, 2 wrong usage, 3 agent not running,
            4 not permitted, 5 input or arguments refused.

            Examples:
              edge-agent status
              edge-agent why
              edge-agent can dump --help
            """)
        {
            RunCommand.Create(), StatusCommand.Create(), LiveCommand.Create(), WhyCommand.Create(), DoctorCommand.Create(), SupportBundleCommand.Create(), JournalCommand.Create(), OperationCommand.Create(),
            CanCommand.Create(), DecodeCommand.Create(), DbcCommand.Create(), J1939Command.Create(),
            ObdCommand.Create(), VehicleCommands.TroubleCodes(), VehicleCommands.Vin(), VehicleCommands.Readiness(), SimulateCommand.Create(),
            ProvisionCommand.Create(), KeyCommand.Create(), AssignmentCommand.Create(), ConfigCommand.Create(), CommandCommand.Create(), DocumentCommand.Create(), ArtifactCommand.Create(), UpdateCommand.Create(), PayloadCommand.Create(), LedgerCommand.Create(), FleetCommand.Create(),
        };
        // The same on a terminal, in a pipe and in the manual. A serial console has no more, and often says that it has none.
        if (root.Options.OfType<HelpOption>().Single().Action is HelpAction help) help.MaxWidth = WordWrap.Columns;
        return root;
    }

    public static async Task<int> InvokeAsync(string[] arguments)
    {
        var verbose = new Option<bool>("--verbose") { Description = "Shows where in the program an error came from.", Recursive = true };
        var root = Create();
        root.Add(verbose);
        if (arguments is ["help" or "version"]) arguments = [$"--{arguments[0]}"];
        var parsed = root.Parse(arguments);
        // Where a command is listed among others, its first sentence is enough; its own help has the rest.
        foreach (var listed in parsed.CommandResult.Command.Subcommands) listed.Description = FirstSentence(listed.Description ?? "");
        if (parsed.Errors.Count > 0)
        {
            foreach (string message in Explain(parsed)) Console.Error.WriteLine($"edge-agent: {message}");
            Console.Error.WriteLine($"edge-agent: try: {CommandPath(parsed)} --help");
            return ExitCode.WrongUsage;
        }
        try
        {
            return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
        }
        catch (CommandException e)
        {
            foreach (string line in e.Message.Split(Environment.NewLine)) Console.Error.WriteLine($"edge-agent: {line}");
            if (parsed.GetValue(verbose)) Console.Error.WriteLine(e.InnerException ?? e);
            return e.ExitCode;
        }
        catch (BrokenPipeException)
        {
            return ExitCode.Done;
        }
        catch (Exception e)
        {
            Console.Error.WriteLine($"edge-agent: {e.Message}{(parsed.GetValue(verbose) ? "" : " (--verbose shows where it came from)")}");
            if (parsed.GetValue(verbose)) Console.Error.WriteLine(e);
            return ExitCode.Failed;
        }
    }

    private static string FirstSentence(string description)
    {
        string paragraph = description.Split("\n\n")[0].Replace('\n', ' ');
        int end = paragraph.IndexOf(". ", StringComparison.Ordinal);
        return end < 0 ? paragraph : paragraph[..(end + 1)];
    }

    /// <summary>A word that is no command is what was wrong, and not that a command is missing beside it.</summary>
    private static IEnumerable<string> Explain(ParseResult parsed)
    {
        if (parsed.UnmatchedTokens is [var token, ..] && !token.StartsWith('-') && parsed.CommandResult.Command.Subcommands.Count > 0)
            return [$"'{token}' is no command; expected one of: {string.Join(", ", parsed.CommandResult.Command.Subcommands.Select(command => command.Name))}"];
        return parsed.Errors.Select(error => InPlainWords(error.Message));
    }

    /// <summary>The parser names the program's types; people know numbers.</summary>
    private static string InPlainWords(string message)
    {
        if (NumberExpected().Match(message) is not { Success: true } match) return message;
        string text = match.Groups["text"].Value;
        bool isTooLarge = text.Length > 0 && text.All(char.IsAsciiDigit);
        return $"{match.Groups["option"].Value}: '{text}' is {(isTooLarge ? "too large a number" : match.Groups["type"].Value == "Double" ? "not a number" : "not a whole number")}";
    }

    [GeneratedRegex(@"^Cannot parse argument '(?<text>.*)' for option '(?<option>.*)' as expected type '.*\b(?<type>Int32|Int64|Double)\b.*'\.$", RegexOptions.Singleline)]
    private static partial Regex NumberExpected();

    private static string CommandPath(ParseResult parsed)
    {
        Stack<string> names = [];
        for (var command = parsed.CommandResult; command is not null; command = command.Parent as CommandResult)
            names.Push(command.Parent is null ? "edge-agent" : command.Command.Name);
        return string.Join(' ', names);
    }
}
