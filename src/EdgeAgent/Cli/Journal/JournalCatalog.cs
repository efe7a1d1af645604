using System.Text.RegularExpressions;

namespace EdgeAgent.Cli.Journal;

/// <summary>What packaging/journal/edge-agent.catalog says of each event; it is part of the program, so that it can explain without being installed.</summary>
internal sealed partial class JournalCatalog
{
    private readonly Dictionary<string, CatalogEntry> _byId;

    private JournalCatalog(IEnumerable<CatalogEntry> entries) => _byId = entries.ToDictionary(entry => entry.MessageId, StringComparer.Ordinal);

    public IReadOnlyCollection<CatalogEntry> Entries => _byId.Values;

    public static JournalCatalog Load()
    {
        using var stream = typeof(JournalCatalog).Assembly.GetManifestResourceStream("edge-agent.catalog")!;
        using var reader = new StreamReader(stream);
        return new(Parse(reader.ReadToEnd()));
    }

    public CatalogEntry? Find(string? messageId) => messageId is null ? null : _byId.GetValueOrDefault(messageId);

    /// <summary>The ids of an event's name, of which two may be the same in different parts of the agent, or of its number; empty if there is none.</summary>
    public IReadOnlyList<string> IdsOf(string nameOrNumber) =>
        [.. Entries.Where(entry => entry.Event.Equals(nameOrNumber, StringComparison.OrdinalIgnoreCase) || entry.MessageId[^4..] == nameOrNumber).Select(entry => entry.MessageId)];

    /// <summary>Entries as systemd writes them: <c>-- id</c>, a header, an empty line, words (systemd, "Journal Message Catalogs").</summary>
    private static IEnumerable<CatalogEntry> Parse(string text)
    {
        foreach (Match match in Entry().Matches(text))
        {
            string[] header = match.Groups["header"].Value.Split('\n');
            yield return new CatalogEntry(match.Groups["id"].Value, Field(header, "Event: "), Field(header, "Subject: "), match.Groups["words"].Value.Trim());
        }
    }

    private static string Field(string[] header, string name) => header.Single(line => line.StartsWith(name, StringComparison.Ordinal))[name.Length..];

    [GeneratedRegex(@"^-- (?<id>[0-9a-f]{32})\n(?<header>(?:[^\n]+\n)+)\n(?<words>.*?)(?=\n-- [0-9a-f]{32}\n|\z)", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Entry();
}

/// <summary>What is said of an event.</summary>
/// <param name="MessageId">32 hexadecimal digits.</param>
/// <param name="Event">Its name, as in EDGE_EVENT.</param>
/// <param name="Subject">What happened, in a few words.</param>
/// <param name="Words">What happened and what it means; what to do. Paragraphs, in which <c>@NAME@</c> stands for a field.</param>
internal sealed record CatalogEntry(string MessageId, string Event, string Subject, string Words);
