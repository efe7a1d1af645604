using System.Text.Json;
using EdgeAgent.Management;

namespace EdgeAgent.Cli.Doctor;

/// <summary>Findings for people, in lines of at most 80 columns, and for programs.</summary>
internal static class FindingText
{
    private const int OutcomeWidth = 8, CheckWidth = 16, Indent = OutcomeWidth + CheckWidth;

    private const string Arrow = "→ ", Reset = "\e[0m";

    /// <summary>Whether stdout is a terminal that may be coloured (https://no-color.org).</summary>
    public static bool MayColour => !Console.IsOutputRedirected && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));

    public static IEnumerable<string> Lines(Finding finding, bool colour)
    {
        string word = finding.Outcome switch { Outcome.Ok => "ok", Outcome.Warning => "warning", Outcome.Failed => "FAILED", _ => "-" };
        string head = word.PadRight(OutcomeWidth);
        if (colour) head = Colour(finding.Outcome) + head + Reset;
        string name = finding.Check.Length < CheckWidth ? finding.Check.PadRight(CheckWidth) : finding.Check[..(CheckWidth - 2)] + "… ";
        bool isFirst = true;
        foreach (string line in WordWrap.Lines(finding.Evidence, WordWrap.Columns - Indent))
        {
            yield return (isFirst ? head + name : new string(' ', Indent)) + line;
            isFirst = false;
        }
        foreach (string line in Remedy(finding.Remedy, Indent)) yield return line;
    }

    /// <summary>What to do, set off by an arrow.</summary>
    public static IEnumerable<string> Remedy(string? remedy, int indent)
    {
        bool isFirst = true;
        foreach (string line in remedy is null ? [] : WordWrap.Lines(remedy, WordWrap.Columns - indent - Arrow.Length))
        {
            yield return new string(' ', indent) + (isFirst ? Arrow : "  ") + line;
            isFirst = false;
        }
    }

    public static string Json(Finding finding) => JsonMembers.Text(json => Write(json, finding));

    public static void Write(Utf8JsonWriter json, Finding finding)
    {
        json.WriteString("check"u8, finding.Check);
        json.WriteString("link"u8, finding.Link.ToString().ToLowerInvariant());
        json.WriteString("outcome"u8, finding.Outcome.ToString().ToLowerInvariant());
        json.WriteString("evidence"u8, finding.Evidence);
        if (finding.Remedy is { } remedy) json.WriteString("remedy"u8, remedy);
        if (finding.Breaks) json.WriteBoolean("breaks"u8, true);
    }

    private static string Colour(Outcome outcome) => outcome switch { Outcome.Ok => "\e[32m", Outcome.Warning => "\e[33m", Outcome.Failed => "\e[1;31m", _ => "\e[2m" };
}
