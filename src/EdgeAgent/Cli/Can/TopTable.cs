using System.Globalization;

namespace EdgeAgent.Cli.Can;

/// <summary>The identifiers of a <see cref="FrameTable"/> as lines, counted since the last such table was made of it.</summary>
internal sealed class TopTable
{
    private readonly List<Row> _rows = [];
    private readonly string _summary;
    private readonly bool _hasBus;

    /// <param name="table">What was seen.</param>
    /// <param name="order"><c>rate</c>, <c>change</c> or <c>id</c>.</param>
    /// <param name="elapsed">Since the table before.</param>
    /// <param name="hasBus">True to name the interface in each line.</param>
    public TopTable(FrameTable table, string order, TimeSpan elapsed, bool hasBus)
    {
        _hasBus = hasBus;
        double seconds = Math.Max(elapsed.TotalSeconds, 0.001);
        long latest = table.Rows.Select(row => row.LastNs).DefaultIfEmpty().Max();
        foreach (var row in table.Rows)
        {
            _rows.Add(new Row(row, (row.Count - row.CountBefore) / seconds, (row.Changes - row.ChangesBefore) / seconds, (latest - row.LastNs) / 1e9, row.TakeChangedBytes()));
            row.TakeCounts();
        }
        _rows.Sort((left, right) => order switch
        {
            "rate" => right.Rate.CompareTo(left.Rate) is not 0 and var byRate ? byRate : Compare(left, right),
            "change" => right.Changes.CompareTo(left.Changes) is not 0 and var byChange ? byChange : Compare(left, right),
            _ => Compare(left, right),
        });
        _summary = string.Create(CultureInfo.InvariantCulture, $"{table.Rows.Count} identifiers, {_rows.Sum(row => row.Rate):0} frames/s, {table.ErrorFrames} error frames");
    }

    /// <param name="width">Of the terminal; no line is longer.</param>
    public IEnumerable<Line> Lines(int width)
    {
        yield return new Line(Cut(_summary, width), [], true);
        string bus = _hasBus ? $"{"BUS",-6} " : "";
        yield return new Line($"{bus}{"ID",-8} {"RATE/S",7} {"CHANGE/S",8} {"MS",8} {"AGE S",6} {"COUNT",9}  DATA", [], true);
        foreach (var row in _rows)
        {
            string head = string.Create(CultureInfo.InvariantCulture,
                $"{(_hasBus ? $"{Cut(row.Of.Bus, 6),-6} " : "")}{row.Of.Id,-8} {row.Rate,7:0.0} {row.Changes,8:0.0} {(row.Of.MeanPeriod is { } mean ? (mean * 1e3).ToString("0.0", CultureInfo.InvariantCulture) : "-"),8} {row.Age,6:0.0} {row.Of.Count,9}  ");
            yield return new Line(Cut(head, width), Data(row, width - head.Length), false);
        }
    }

    private static List<(string, bool)> Data(Row row, int width)
    {
        var frame = row.Of.Last;
        if (frame.IsRemote) return [(Cut("remote request", width), false)];
        List<(string, bool)> parts = [];
        // As many bytes as there is room for; without spaces between them if that is little.
        int bytes = frame.Payload.Length;
        bool isSpaced = bytes * 3 - 1 <= width;
        int fitting = isSpaced || bytes * 2 <= width ? bytes : Math.Max(0, (width - 1) / 2);
        for (int i = 0; i < fitting; i++)
            parts.Add((frame.Payload[i].ToString("X2", CultureInfo.InvariantCulture) + (isSpaced && i < bytes - 1 ? " " : ""), (row.Changed >> i & 1) != 0));
        if (fitting < bytes && width > 0) parts.Add(("…", false));
        return parts;
    }

    private static int Compare(Row left, Row right) =>
        string.CompareOrdinal(left.Of.Bus, right.Of.Bus) is not 0 and var byBus ? byBus : left.Of.Id.CompareTo(right.Of.Id);

    private static string Cut(string text, int width) => text.Length <= width ? text : width < 1 ? "" : string.Concat(text.AsSpan(0, width - 1), "…");

    /// <summary>A line in parts: those of the data know whether they have changed.</summary>
    internal sealed record Line(string Head, IReadOnlyList<(string Text, bool IsChanged)> Data, bool IsTitle)
    {
        public string Text => (Head + string.Concat(Data.Select(part => part.Text))).TrimEnd();
    }

    private readonly record struct Row(FrameStatistics Of, double Rate, double Changes, double Age, ulong Changed);
}
