namespace EdgeAgent.Cli.Fleet;

/// <summary>The table as lines of cells that fit a width: as many columns as there is room for, those that matter most.</summary>
internal sealed class FleetTable
{
    private const int Gap = 2;

    /// <summary>Of the width, for the last column, at least.</summary>
    private const double TroublesShare = 0.25;

    private readonly List<IReadOnlyList<FleetCell>> _lines = [];

    /// <param name="rows">What to show, in this order.</param>
    /// <param name="width">Of the terminal, in columns; no line is wider if it is 80 or more.</param>
    public FleetTable(IReadOnlyList<FleetRow> rows, int width)
    {
        var columns = FleetColumn.All.Select(column => new Measured(column, rows)).ToList();
        int shortest = (int)(width * TroublesShare), room = width - shortest;
        HashSet<FleetColumn> chosen = [];
        foreach (var column in columns.OrderBy(column => column.Column.Rank).Where(column => column.Width + Gap <= room))
        {
            chosen.Add(column.Column);
            room -= column.Width + Gap;
        }
        columns.RemoveAll(column => !chosen.Contains(column.Column));

        var troubles = new Measured(FleetColumn.Troubles, rows) { Width = room + shortest };
        _lines.Add([.. columns.Select(column => column.Title()), troubles.Title()]);
        for (int i = 0; i < rows.Count; i++) _lines.Add([.. columns.Select(column => column.Cell(i)), troubles.Cell(i)]);
    }

    /// <summary>The headings, then a line a device; cells are padded, so that they only need to be written one behind the other.</summary>
    public IReadOnlyList<IReadOnlyList<FleetCell>> Lines => _lines;

    private sealed class Measured
    {
        private readonly FleetCell[] _cells;

        public Measured(FleetColumn column, IReadOnlyList<FleetRow> rows)
        {
            Column = column;
            _cells = [.. rows.Select(column.Cell)];
            Width = Math.Min(column.MaxWidth, _cells.Select(cell => cell.Text.Length).Append(column.Title.Length).Max());
        }

        public FleetColumn Column { get; }

        public int Width { get; init; }

        public FleetCell Title() => Padded(new FleetCell(Column.Title));

        public FleetCell Cell(int row) => Padded(_cells[row]);

        private FleetCell Padded(FleetCell cell)
        {
            string text = cell.Text.Length > Width ? string.Concat(cell.Text.AsSpan(0, Width - 1), "…") : cell.Text;
            bool isLast = Column == FleetColumn.Troubles;
            return cell with { Text = isLast ? text : (Column.IsRight ? text.PadLeft(Width) : text.PadRight(Width)) + new string(' ', Gap) };
        }
    }
}
