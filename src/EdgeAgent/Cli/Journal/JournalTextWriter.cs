using System.Globalization;

namespace EdgeAgent.Cli.Journal;

/// <summary>Entries for people: time, level, bus and text, wrapped if there is a width; and once for each event what the catalog says of it.</summary>
/// <param name="output">Where they go.</param>
/// <param name="zone">Of the times.</param>
/// <param name="width">Columns; null for an entry a line, for other programs.</param>
/// <param name="catalog">What explains events; null for none.</param>
internal sealed class JournalTextWriter(TextWriter output, TimeZoneInfo zone, int? width, JournalCatalog? catalog)
{
    /// <summary>Of a terminal that is narrower, or does not say.</summary>
    public const int SmallestWidth = 40;

    private const int ExplanationIndent = 6, BusColumn = 5, LongestBus = 16;

    private readonly HashSet<string> _explained = [];

    public void Write(JournalRecord record)
    {
        string level = record.Priority switch { <= 2 => "crit", 3 => "error", 4 => "warn", 5 or 6 => "info", _ => "debug" };
        string name = record["EDGE_BUS"] ?? "-";
        // Where lines are wrapped a name must leave room for words.
        if (width is not null && name.Length > LongestBus) name = string.Concat(name.AsSpan(0, LongestBus - 1), "…");
        string head = string.Create(CultureInfo.InvariantCulture, $"{TimeZoneInfo.ConvertTime(record.Time, zone):MM-dd HH:mm:ss}  {level,-5}  {name,-BusColumn}  ");
        string text = record.Message;
        // The column says which bus already.
        if (record["EDGE_BUS"] is { } bus && text.StartsWith($"{bus}: ", StringComparison.Ordinal)) text = text[(bus.Length + 2)..];
        WriteWrapped(head, head.Length, text);
        if (catalog?.Find(record.MessageId) is { } entry && _explained.Add(entry.MessageId)) Explain(entry, record);
    }

    private void Explain(CatalogEntry entry, JournalRecord record)
    {
        string indent = new(' ', ExplanationIndent);
        WriteWrapped(indent, ExplanationIndent, $"{entry.Subject} ({entry.Event})");
        foreach (string paragraph in entry.Words.Split("\n\n"))
        {
            string words = paragraph.Replace('\n', ' ');
            foreach (var (name, value) in record.Fields) words = words.Replace($"@{name}@", value, StringComparison.Ordinal);
            WriteWrapped(indent, ExplanationIndent, words);
        }
    }

    /// <summary>Control characters of others are not for a terminal. A word that is longer than a line is cut.</summary>
    private void WriteWrapped(string head, int indent, string text)
    {
        int room = width is { } columns ? Math.Max(Math.Max(columns, SmallestWidth) - indent, SmallestWidth / 2) : int.MaxValue;
        string before = head;
        foreach (string line in WordWrap.Lines(Printable(text), room))
        {
            output.WriteLine((before + line).TrimEnd());
            before = new string(' ', indent);
        }
    }

    private static string Printable(string text) => string.Create(text.Length, text, static (printable, source) =>
    {
        for (int i = 0; i < source.Length; i++) printable[i] = source[i] is '\n' or '\r' or '\t' ? ' ' : char.IsControl(source[i]) || source[i] is '\u2028' or '\u2029' ? '?' : source[i];
    });
}
