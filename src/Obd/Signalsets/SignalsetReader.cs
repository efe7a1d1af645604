using System.Text.Json;
using System.Text.RegularExpressions;

namespace EdgeAgent.Obd.Signalsets;

/// <summary>
/// From JSON to a <see cref="Signalset"/>. What makes an answer undecodable is a mistake; what only a newer version of the format may know
/// (members, units) is a warning.
/// </summary>
internal sealed partial class SignalsetReader
{
    private readonly SignalsetFindings _findings = new();
    private int _signals;

    public static Signalset Read(ReadOnlyMemory<byte> utf8, string? fileName)
    {
        if (utf8.Length > SignalsetLimits.FileBytes) throw new SignalsetException(fileName, [new("", $"more than {SignalsetLimits.FileBytes} bytes")]);
        if (utf8.Span.StartsWith("\uFEFF"u8)) utf8 = utf8[3..];
        try
        {
            using var document = JsonDocument.Parse(utf8, new JsonDocumentOptions { MaxDepth = SignalsetLimits.Depth });
            var reader = new SignalsetReader();
            var signalset = reader.ReadSet(document.RootElement);
            return reader._findings.Mistakes.Count == 0
                ? signalset with { FileName = fileName, Warnings = reader._findings.Warnings }
                : throw new SignalsetException(fileName, reader._findings.Mistakes);
        }
        catch (JsonException e)
        {
            throw new SignalsetException(fileName, [new("", $"no JSON at line {e.LineNumber + 1}, column {e.BytePositionInLine + 1}, or nested deeper than {SignalsetLimits.Depth}")]);
        }
    }

    private Signalset ReadSet(JsonElement root)
    {
        var members = new SignalsetMembers(root, "", _findings, "diagnosticLevel", "commands", "signalGroups", "synthetics");
        List<SignalsetCommand> commands = [];
        foreach (var (element, pointer) in members.Array("commands", 0, SignalsetLimits.Commands, isRequired: true))
        {
            if (_findings.IsFull) break;
            if (ReadCommand(element, pointer) is { } command) commands.Add(command);
        }
        List<SignalGroup> groups = [];
        foreach (var (element, pointer) in members.Array("signalGroups", 0, SignalsetLimits.Groups))
        {
            if (ReadGroup(element, pointer) is { } group) groups.Add(group);
        }
        List<SyntheticSignal> synthetics = [];
        foreach (var (element, pointer) in members.Array("synthetics", 0, SignalsetLimits.Groups))
        {
            if (ReadSynthetic(element, pointer) is { } synthetic) synthetics.Add(synthetic);
        }
        return new Signalset { DiagnosticLevel = members.Byte("diagnosticLevel"), Commands = commands, Groups = groups, Synthetics = synthetics };
    }

    private SignalGroup? ReadGroup(JsonElement element, string pointer)
    {
        var members = new SignalsetMembers(element, pointer, _findings, "id", "path", "matchingRegex", "suggestedMetricGroup", "name");
        string? id = members.Text("id", isRequired: true), pattern = members.Text("matchingRegex", isRequired: true);
        if (id is null || pattern is null) return null;
        if (pattern.Length > SignalsetLimits.PatternLength)
        {
            members.Mistake("matchingRegex", $"{pattern.Length} characters; at most {SignalsetLimits.PatternLength} are possible");
            return null;
        }
        try
        {
            var regex = new Regex(pattern, RegexOptions.CultureInvariant, SignalsetLimits.PatternTime);
            return new SignalGroup(id, regex) { Name = members.Text("name"), Path = members.Text("path"), SuggestedMetricGroup = members.Text("suggestedMetricGroup") };
        }
        catch (ArgumentException)
        {
            members.Mistake("matchingRegex", "no regular expression");
            return null;
        }
    }

    private SyntheticSignal? ReadSynthetic(JsonElement element, string pointer)
    {
        var members = new SignalsetMembers(element, pointer, _findings, "id", "name", "path", "min", "max", "unit", "suggestedMetric", "formula");
        string? id = members.Text("id", isRequired: true), name = members.Text("name", isRequired: true), unit = members.Text("unit", isRequired: true);
        var maximum = members.Number("max", isRequired: true);
        if (members.Object("formula", isRequired: true) is not { } formula) return null;
        var operands = new SignalsetMembers(formula, members.PointerOf("formula"), _findings, "op", "a", "b");
        string? operation = operands.Text("op", isRequired: true), a = operands.Text("a", isRequired: true), b = operands.Text("b", isRequired: true);
        if (operation is not null and not "ratio") operands.Mistake("op", "expected \"ratio\"");
        if (id is null || name is null || unit is null || maximum is null || a is null || b is null) return null;
        return new SyntheticSignal(id, a, b)
        {
            Name = name,
            Path = members.Text("path"),
            Minimum = members.Number("min") ?? 0,
            Maximum = maximum.Value,
            Unit = UnitOf(unit, members, "unit"),
            SuggestedMetric = members.Text("suggestedMetric"),
        };
    }

    private static SignalUnit UnitOf(string name, SignalsetMembers members, string member)
    {
        if (SignalUnit.TryFind(name, out var unit)) return unit;
        members.Warn(member, "no unit of the format; values stay as they are");
        return SignalUnit.Unknown(name);
    }
}
