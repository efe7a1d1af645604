using System.Text.Json;
using System.Text.RegularExpressions;

namespace EdgeAgent.Management;

/// <summary>Reads a configuration file and finds all that is wrong with it.</summary>
internal static partial class ConfigurationReader
{
    /// <summary>A larger file is no configuration.</summary>
    public const int MaxBytes = 256 * 1024;

    /// <exception cref="ConfigurationException">The file cannot be read or has mistakes.</exception>
    public static AgentConfiguration Load(string path)
    {
        byte[] content;
        try
        {
            var file = new FileInfo(path);
            if (file.Exists && file.Length > MaxBytes) throw Fail(path, "", $"larger than the {MaxBytes} bytes that a configuration may have");
            content = File.ReadAllBytes(path);
        }
        catch (Exception e) when (FileTrouble.Is(e))
        {
            throw new ConfigurationException($"{FileTrouble.Describe(path, e)}; name the configuration with --config FILE");
        }
        return Parse(content, path);
    }

    /// <param name="content">UTF-8 JSON.</param>
    /// <param name="path">The file's name: for messages, and its directory for relative paths.</param>
    public static AgentConfiguration Parse(ReadOnlySpan<byte> content, string path)
    {
        ConfigurationDocument? document;
        try
        {
            document = JsonSerializer.Deserialize(content, ConfigurationContext.Default.ConfigurationDocument);
        }
        catch (JsonException e)
        {
            throw new ConfigurationException(path, [Explain(e)]);
        }
        if (document is null) throw Fail(path, "", "expected an object, found null");

        var validator = new ConfigurationValidator(Path.GetDirectoryName(Path.GetFullPath(path))!);
        var configuration = validator.Validate(document);
        return configuration is null || validator.Mistakes.Count > 0 ? throw new ConfigurationException(path, validator.Mistakes) : configuration;
    }

    private static ConfigurationException Fail(string path, string pointer, string message) =>
        new(path, [new ConfigurationMistake(pointer, message)]);

    private static ConfigurationMistake Explain(JsonException e)
    {
        string pointer = ToPointer(e.Path ?? "$");
        string where = e.LineNumber is { } line ? $"line {line + 1}, column {e.BytePositionInLine + 1}: " : "";
        string text = Position().Replace(e.Message, "").Trim();
        // The message names the type of the record, not that of its member; the reason behind it knows what was expected.
        if (e.InnerException is { } reason && WrongToken().Match(reason.Message) is { Success: true } token)
            text = $"expected {token.Groups["expected"].Value}, found {Describe(token.Groups["found"].Value)}";
        else if (e.InnerException is FormatException)
            text = "expected an integer of at most 64 bits";
        else if (UnexpectedType().Match(e.Message) is { Success: true } type)
            text = type.Groups["type"].Value.Contains("List", StringComparison.Ordinal) ? "expected an array" : "expected an object";
        return new ConfigurationMistake(pointer, where + text);
    }

    private static string Describe(string token) => token switch
    {
        "True" or "False" => "true or false",
        "StartArray" => "an array",
        "StartObject" => "an object",
        "Number" => "a number",
        _ => "a string",
    };

    /// <summary><c>$.sources[0].bus</c> as <c>/sources/0/bus</c>.</summary>
    private static string ToPointer(string path) =>
        PathStep().Replace(path[1..], step =>
            "/" + (step.Groups["index"].Success ? step.Groups["index"].Value : step.Groups["quoted"].Success ? step.Groups["quoted"].Value : step.Groups["name"].Value)
                .Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal));

    [GeneratedRegex(@"token type '(?<found>\w+)' as (?<expected>an? \w+)")]
    private static partial Regex WrongToken();

    [GeneratedRegex(@"could not be converted to (?<type>.+?)\. Path:")]
    private static partial Regex UnexpectedType();

    [GeneratedRegex(@"\s*(Path: .*?\| )?LineNumber: .*$")]
    private static partial Regex Position();

    [GeneratedRegex(@"\[(?<index>\d+)\]|\['(?<quoted>[^']*)'\]|\.(?<name>[^.\[]+)")]
    private static partial Regex PathStep();
}
