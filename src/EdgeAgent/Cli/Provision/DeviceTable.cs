using System.Text;
using EdgeAgent.Tenancy;
using EdgeAgent.Tenancy.Documents;

namespace EdgeAgent.Cli.Provision;

/// <summary>One device to be provisioned.</summary>
/// <param name="Line">Where it is in its table, from 1.</param>
/// <param name="Device">Its id.</param>
/// <param name="Members">What of the template is other for it: JSON pointers and values as text.</param>
internal sealed record DeviceRow(int Line, DeviceId Device, IReadOnlyList<(string Pointer, string Text)> Members);

/// <summary>A table of devices (RFC 4180, without line breaks in cells): a column <c>device</c>, and others named by JSON pointers into the template.</summary>
internal sealed class DeviceTable
{
    /// <summary>What one table may have.</summary>
    public const int MostDevices = 10_000;

    private readonly List<DeviceRow> _rows = [];
    private readonly List<string> _mistakes = [];
    private readonly string _name;

    private DeviceTable(string name) => _name = name;

    public IReadOnlyList<DeviceRow> Rows => _rows;

    /// <summary>All that is wrong with it, each with its line.</summary>
    public IReadOnlyList<string> Mistakes => _mistakes;

    /// <param name="text">The table.</param>
    /// <param name="name">What to call it in messages.</param>
    public static DeviceTable Parse(string text, string name)
    {
        var table = new DeviceTable(name);
        string[] lines = text.TrimStart('\uFEFF').Split('\n');
        string[] columns = table.ReadHeader(lines[0].TrimEnd('\r'));
        if (table._mistakes.Count > 0) return table;
        Dictionary<DeviceId, int> known = [];
        for (int i = 1; i < lines.Length; i++)
        {
            if (!string.IsNullOrWhiteSpace(lines[i])) table.ReadRow(i + 1, lines[i].TrimEnd('\r'), columns, known);
        }
        if (known.Count == 0 && table._mistakes.Count == 0) table.Add(1, "no devices below the names of the columns");
        if (known.Count > MostDevices) table.Add(1, $"{known.Count} devices; at most {MostDevices} go at once");
        return table;
    }

    private string[] ReadHeader(string line)
    {
        string[] columns = line.Length == 0 ? [] : Cells(1, line) ?? [];
        if (!columns.Contains("device")) Add(1, "expected the names of the columns, one of them: device");
        foreach (string column in columns.Where(column => column != "device" && !column.StartsWith('/')))
            Add(1, $"column {Quoted.Of(column)}: expected device, or a JSON pointer into the template such as /broker/userName");
        foreach (var twice in columns.GroupBy(column => column).Where(same => same.Count() > 1)) Add(1, $"column {Quoted.Of(twice.Key)} twice");
        return columns;
    }

    private void ReadRow(int line, string text, string[] columns, Dictionary<DeviceId, int> known)
    {
        if (Cells(line, text) is not { } cells) return;
        if (cells.Length != columns.Length)
        {
            Add(line, $"{cells.Length} cells; the table has {columns.Length} columns");
            return;
        }
        string id = cells[Array.IndexOf(columns, "device")];
        if (!DeviceId.TryParse(id, out var device)) Add(line, $"{Quoted.Of(id)} is no id: {Identifier.Expected}");
        else if (!known.TryAdd(device, line)) Add(line, $"{device} again, after line {known[device]}");
        else _rows.Add(new DeviceRow(line, device, [.. columns.Zip(cells).Where(cell => cell is { First: not "device", Second.Length: > 0 })]));
    }

    /// <summary>The cells of a line, white space around them left out; null if a quotation has no end.</summary>
    private string[]? Cells(int line, string text)
    {
        List<string> cells = [];
        var cell = new StringBuilder();
        bool isQuoted = false, wasQuoted = false;
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (isQuoted && c == '"' && i + 1 < text.Length && text[i + 1] == '"') cell.Append(text[++i]);
            else if (c == '"' && (isQuoted || string.IsNullOrWhiteSpace(cell.ToString()) && !wasQuoted))
            {
                if (!isQuoted) cell.Clear();
                (isQuoted, wasQuoted) = (!isQuoted, true);
            }
            else if (c == ',' && !isQuoted) End();
            else cell.Append(c);
        }
        End();
        if (!isQuoted) return [.. cells];
        Add(line, "a quotation without an end");
        return null;

        void End()
        {
            cells.Add(wasQuoted ? cell.ToString() : cell.ToString().Trim());
            cell.Clear();
            wasQuoted = isQuoted;
        }
    }

    private void Add(int line, string mistake) => _mistakes.Add($"{_name}:{line}: {mistake}");
}
