using System.CommandLine;
using System.Text.RegularExpressions;
using EdgeAgent.Cli;

namespace EdgeAgent.Tests.Cli;

/// <summary>What the command line says of itself and of what is wrong with it.</summary>
public sealed class HelpTests
{
    [Theory]
    [InlineData("fleet --broker mqtt://h --tenant t --seconds x", "--seconds: 'x' is not a number")]
    [InlineData("fleet --broker mqtt://h --tenant t --seconds 1,5x", "--seconds: '1,5x' is not a number")]
    [InlineData("config sign f --key k --tenant t --version 1.5", "--version: '1.5' is not a whole number")]
    [InlineData("assignment sign --key k --device d --none --epoch 1 --deliver-seconds x", "--deliver-seconds: 'x' is not a whole number")]
    [InlineData("artifact split f --out d --chunk-bytes 99999999999", "--chunk-bytes: '99999999999' is too large a number")]
    public async Task What_is_no_number_is_called_so(string arguments, string expected)
    {
        var (code, output, errors) = await AgentProgram.RunAsync(arguments);
        Assert.Equal((2, "", $"edge-agent: {expected}"), (code, output, errors.Split('\n')[0]));
    }

    [Fact]
    public void Every_command_says_in_80_columns_what_it_does_how_it_is_called_and_what_its_exit_codes_mean()
    {
        List<string> faults = [];
        foreach (string[] path in Paths(Commands.Create(), []))
        {
            string help = Help(path);
            bool isGroup = help.Contains("\nCommands:\n", StringComparison.Ordinal);
            if (!ExampleOf([.. path]).IsMatch(help)) faults.Add($"{string.Join(' ', path)}: no example");
            if (!isGroup && !help.Contains("Exit codes: 0 ", StringComparison.Ordinal)) faults.Add($"{string.Join(' ', path)}: no exit codes");
            faults.AddRange(help.Split('\n').Where(line => line.Length > 80 || line.Contains('\e', StringComparison.Ordinal)).Select(line => $"{string.Join(' ', path)}: {line}"));
        }
        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    [Fact]
    public async Task Into_a_pipe_help_is_what_it_is_on_a_terminal_and_commands_are_listed_by_a_sentence()
    {
        var (code, output, errors) = await AgentProgram.RunAsync("can --help");
        Assert.Equal((0, ""), (code, errors));
        Assert.Contains("find-bitrate <INTERFACE>  Finds the bit rate of a bus: listens at one after", output, StringComparison.Ordinal);
        Assert.DoesNotContain("Needs root", output, StringComparison.Ordinal);
        Assert.All(output.Split('\n'), line => Assert.True(line.Length <= 80 && !line.Contains('\e', StringComparison.Ordinal), line));
    }

    private static string Help(string[] path)
    {
        using var output = new StringWriter();
        // A tree of its own for each: what is shown in a list is cut there.
        Assert.Equal(0, Commands.Create().Parse([.. path, "--help"]).Invoke(new InvocationConfiguration { Output = output }));
        return output.ToString();
    }

    private static IEnumerable<string[]> Paths(Command command, string[] path) =>
        command.Subcommands.SelectMany(inner => Paths(inner, [.. path, inner.Name])).Prepend(path);

    /// <summary>A line below "Example" that calls the command, or a group's.</summary>
    private static Regex ExampleOf(string[] path) => new($@"Examples?:\n(.*\n)*?.*{string.Join(' ', path.Prepend("edge-agent"))}( |\n|$)", RegexOptions.None, TimeSpan.FromSeconds(5));
}
