namespace EdgeAgent.Cli.Fleet;

/// <summary>The table as text, for pipes and plain terminals.</summary>
internal static class FleetPlainView
{
    /// <param name="output">Where to.</param>
    /// <param name="roster">Whose devices.</param>
    /// <param name="rows">These.</param>
    /// <param name="width">In columns.</param>
    public static void Write(TextWriter output, FleetRoster roster, IReadOnlyList<FleetRow> rows, int width)
    {
        output.WriteLine(FleetSummary.Of(roster, rows));
        foreach (var line in new FleetTable(rows, width).Lines) output.WriteLine(string.Concat(line.Select(cell => cell.Text)).TrimEnd());
    }
}
