using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;
using System.Text.Unicode;
using EdgeAgent.Tenancy;

namespace EdgeAgent.Management.Configuration;

/// <summary>Reads configurations and finds all that is wrong with them.</summary>
internal static partial class ConfigurationReader
{
    private const int MaxMistakes = 100;

    private static ReadOnlySpan<byte> ByteOrderMark => "\uFEFF"u8;

    /// <summary>A larger file is no configuration.</summary>
    public const int MaxBytes = 256 * 1024;

    /// <summary>Reads one file on the device that says everything.</summary>
    /// <exception cref="ConfigurationException">The file cannot be read or has mistakes.</exception>
    public static AgentConfiguration LoadAgent(string path) => ParseAgent(Read(path, "--config"), path);

    /// <param name="content">UTF-8 JSON.</param>
    /// <param name="path">The file's name: for messages, and its directory for relative paths.</param>
    public static AgentConfiguration ParseAgent(ReadOnlySpan<byte> content, string path)
    {
        var configuration = Parse(content, path, DocumentContext.Default.AgentDocument, (document, findings) => new DeviceValidator(findings, DirectoryOf(path)).Validate(document));
        var written = JsonNode.Parse(content[(content.StartsWith(ByteOrderMark) ? ByteOrderMark.Length : 0)..])!.AsObject();
        return configuration with { Document = new JsonObject(written.Where(member => TenantValidator.Members.Contains(member.Key)).Select(member => KeyValuePair.Create(member.Key, member.Value?.DeepClone()))) };
    }

    /// <summary>Reads what a device is given before it is assigned.</summary>
    /// <exception cref="ConfigurationException">The file cannot be read or has mistakes.</exception>
    public static AgentConfiguration LoadProvisioning(string path, string stateDirectory) => ParseProvisioning(Read(path, "--provision"), path, stateDirectory);

    public static AgentConfiguration ParseProvisioning(ReadOnlySpan<byte> content, string path, string stateDirectory) =>
        Parse(content, path, DocumentContext.Default.ProvisioningDocument, (document, findings) => new DeviceValidator(findings, DirectoryOf(path)).Validate(document, Path.GetFullPath(stateDirectory)));

    /// <summary>Reads a tenant's configuration, which names artifacts and no paths.</summary>
    /// <param name="content">UTF-8 JSON.</param>
    /// <param name="name">What to call it in messages.</param>
    /// <exception cref="ConfigurationException">It has mistakes.</exception>
    public static TenantConfiguration ParseTenant(ReadOnlySpan<byte> content, string name) =>
        Parse(content, name, DocumentContext.Default.TenantConfigurationDocument, (document, findings) =>
        {
            findings.RefuseUnknown("", document.Unknown, TenantValidator.Members);
            findings.RefuseUnknown("/outbox", document.Outbox?.Unknown, "quotaBytes", "sealAfterSeconds", "flushAfterSeconds");
            if (document.Outbox is { } outbox && (outbox.Directory is not null || outbox.MemoryBytes is not null || outbox.MaxBytes is not null || outbox.ReserveBytes is not null))
                findings.Add("/outbox", "directory, memoryBytes, maxBytes and reserveBytes are the device's own");
            return new TenantValidator(findings, baseDirectory: null).Validate(document);
        });

    /// <exception cref="ConfigurationException">The file cannot be read.</exception>
    public static byte[] Read(string path, string option)
    {
        try
        {
            var file = new FileInfo(path);
            if (file.Exists && file.Length > MaxBytes) throw Fail(path, "", $"larger than the {MaxBytes} bytes that a configuration may have");
            return File.ReadAllBytes(path);
        }
        catch (Exception e) when (FileTrouble.Is(e))
        {
            throw new ConfigurationException($"{FileTrouble.Describe(path, e)}; name the configuration with {option} FILE");
        }
    }

    private static TResult Parse<TDocument, TResult>(ReadOnlySpan<byte> content, string path, JsonTypeInfo<TDocument> type, Func<TDocument, Findings, TResult?> validate)
        where TDocument : class
        where TResult : class
    {
        if (content.StartsWith(ByteOrderMark)) content = content[ByteOrderMark.Length..];
        if (content.Trim(" \t\r\n"u8).IsEmpty) throw Fail(path, "", "the file is empty");
        if (!Utf8.IsValid(content)) throw Fail(path, "", "not valid UTF-8; save the file in that encoding");

        List<ConfigurationMistake> mistakes = [];
        var document = Bind(content, type, mistakes) ?? throw new ConfigurationException(path, mistakes);
        var findings = new Findings();
        var result = validate(document, findings);
        // What was of the wrong type is missing in the document, which is no mistake of its own.
        var ofWrongType = mistakes.ToArray();
        mistakes.AddRange(findings.Mistakes.Where(mistake => ofWrongType.All(known => mistake.Pointer != known.Pointer && !mistake.Pointer.StartsWith(known.Pointer + "/", StringComparison.Ordinal))));
        return result is null || mistakes.Count > 0 ? throw new ConfigurationException(path, mistakes) : result;
    }

    private static string DirectoryOf(string path) => Path.GetDirectoryName(Path.GetFullPath(path))!;

    /// <summary>Binds a document; each member of a wrong type is noted, taken out, and the rest tried again.</summary>
    /// <returns>Null if it is no JSON object at all.</returns>
    private static TDocument? Bind<TDocument>(ReadOnlySpan<byte> content, JsonTypeInfo<TDocument> type, List<ConfigurationMistake> mistakes)
        where TDocument : class
    {
        byte[] text = content.ToArray();
        while (true)
        {
            try
            {
                if (JsonSerializer.Deserialize(text, type) is { } document) return document;
                mistakes.Add(new ConfigurationMistake("", "expected an object, found null"));
                return null;
            }
            catch (JsonException e)
            {
                var mistake = Explain(e, withPlace: mistakes.Count == 0);
                mistakes.Add(mistake);
                if (mistakes.Count == MaxMistakes || TryTakeOut(text, mistake.Pointer) is not { } rest) return null;
                text = rest;
            }
        }
    }

    /// <summary>The same JSON without one member, or null if the text is no JSON or the member is not in it.</summary>
    private static byte[]? TryTakeOut(byte[] text, string pointer)
    {
        try
        {
            var root = JsonNode.Parse(text);
            string[] steps = [.. pointer.Split('/').Skip(1).Select(step => step.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal))];
            if (steps.Length == 0) return null;
            var parent = root;
            foreach (string step in steps[..^1]) parent = parent is JsonArray array ? array[int.Parse(step, CultureInfo.InvariantCulture)] : parent?[step];
            bool isGone = parent switch
            {
                JsonObject owner => owner.Remove(steps[^1]),
                JsonArray list when int.TryParse(steps[^1], out int index) && index < list.Count => Replace(list, index),
                _ => false,
            };
            return isGone ? Encoding.UTF8.GetBytes(root!.ToJsonString()) : null;
        }
        catch (Exception e) when (e is JsonException or ArgumentException or FormatException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>An element leaves its place empty, so that those behind it keep their numbers.</summary>
    private static bool Replace(JsonArray list, int index)
    {
        if (list[index] is null) return false;
        list[index] = null;
        return true;
    }

    private static ConfigurationException Fail(string path, string pointer, string message) =>
        new(path, [new ConfigurationMistake(pointer, message)]);

    private static ConfigurationMistake Explain(JsonException e, bool withPlace)
    {
        string pointer = ToPointer(e.Path ?? "$");
        // Behind the first mistake the text is not the user's any more, only its pointers are.
        string where = withPlace && e.LineNumber is { } line ? $"line {line + 1}, column {e.BytePositionInLine + 1}: " : "";
        string text = Position().Replace(e.Message, "").Trim();
        // The message names the type of the record, not that of its member; the reason behind it knows what was expected.
        if (e.InnerException is { } reason && WrongToken().Match(reason.Message) is { Success: true } token)
            text = $"expected {token.Groups["expected"].Value}, found {Describe(token.Groups["found"].Value)}";
        else if (e.InnerException is FormatException)
            text = "expected an integer of at most 64 bits";
        else if (UnexpectedType().Match(e.Message) is { Success: true } type)
            text = type.Groups["type"].Value.Contains("List", StringComparison.Ordinal) ? "expected an array" : "expected an object";
        else if (text.Contains("trailing comma", StringComparison.Ordinal))
            text = "a comma with nothing behind it";
        else if (text.StartsWith("Expected depth to be zero", StringComparison.Ordinal))
            text = "the file ends inside an object or array that is not closed";
        else if (text.StartsWith("Duplicate property", StringComparison.Ordinal))
            text = "given twice";
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
