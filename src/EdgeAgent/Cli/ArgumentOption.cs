using System.CommandLine;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeAgent.Tenancy.Documents;

namespace EdgeAgent.Cli;

/// <summary><c>--argument K=V</c>: what an operation is told.</summary>
internal static class ArgumentOption
{
    public static Option<string[]> Create() => new("--argument") { Description = "A number, true, false or else a string; may be given again.", HelpName = "K=V" };

    /// <exception cref="CommandException">One is none.</exception>
    public static JsonObject Parse(string[] texts)
    {
        var arguments = new JsonObject();
        foreach (string text in texts)
        {
            int equals = text.IndexOf('=', StringComparison.Ordinal);
            if (equals < 1) throw new CommandException(ExitCode.WrongUsage, $"--argument: {Quoted.Of(text)}: expected NAME=VALUE");
            if (!arguments.TryAdd(text[..equals], ParseValue(text[(equals + 1)..]))) throw new CommandException(ExitCode.WrongUsage, $"--argument: {Quoted.Of(text[..equals])} is given twice");
        }
        return arguments;
    }

    private static JsonValue ParseValue(string text) =>
        StrictJson.TryParse(Encoding.UTF8.GetBytes(text), out var value, out _) && value.ValueKind is JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False
            ? JsonValue.Create(value)! : JsonValue.Create(text);
}
