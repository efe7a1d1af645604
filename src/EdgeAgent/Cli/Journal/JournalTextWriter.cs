using System.Globalization;
using System.Text;

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

    private const int ExplanationIndent = 6, BusColumn = 5;

    private readonly HashSet<string> _explained = [];

    public void Write(JournalRecord record)
    {
        string level = record.Priority switch { <= 2 => "crit", 3 => "error", 4 => "warn", 5 or 6 => "info", _ => "debug" };
        string head = string.Create(CultureInfo.InvariantCulture, $"{TimeZoneInfo.ConvertTime(record.Time, zone):MM-dd HH:mm:ss}  {level,-5}  {record["EDGE_BUS"] ?? "-",-BusColumn}  ");
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
        var line = new StringBuilder(head);
        int used = 0;
        foreach (string word in Printable(text).Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (used > 0 && used + 1 + word.Length > room) NewLine();
            if (used > 0)
            {
                line.Append(' ');
                used++;
            }
            for (int from = 0; from < word.Length; from += room)
            {
                if (from > 0) NewLine();
                string part = word.Substring(from, Math.Min(room, word.Length - from));
                line.Append(part);
                used += part.Length;
            }
        }
        output.WriteLine(line.ToString().TrimEnd());

        void NewLine()
        {
            output.WriteLine(line.ToString().TrimEnd());
            line.Clear().Append(' ', indent);
            used = 0;
        }
    }

    private static string Printable(string text) => string.Create(text.Length, text, static (printable, source) =>
    {
        for (int i = 0; i < source.Length; i++) printable[i] = source[i] is '\n' or '\r' or '\t' ? ' ' : char.IsControl(source[i]) || source[i] is '\u2028' or '\u2029' ? '?' : source[i];
    });
}
