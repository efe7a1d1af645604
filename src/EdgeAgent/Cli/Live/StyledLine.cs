namespace EdgeAgent.Cli.Live;

/// <summary>How a part of a line stands out.</summary>
internal enum Emphasis
{
    None,
    Title,
    Changed,
    Bad,
}

/// <summary>A line of a screen, built from left to right, in which each character has its place.</summary>
/// <param name="width">No line is longer; what does not fit is left out.</param>
internal sealed class StyledLine(int width)
{
    private readonly List<(char Character, Emphasis Emphasis)> _cells = [];

    public IReadOnlyList<(char Character, Emphasis Emphasis)> Cells => _cells;

    public string Text => string.Concat(_cells.Select(cell => cell.Character)).TrimEnd();

    public StyledLine Add(string text, Emphasis emphasis = Emphasis.None)
    {
        foreach (char character in text.Take(width - _cells.Count)) _cells.Add((character, emphasis));
        return this;
    }

    /// <summary>A column of exactly so many characters and a space behind it; a longer text ends with '…'.</summary>
    public StyledLine Column(string text, int columns, Emphasis emphasis = Emphasis.None, bool right = false)
    {
        string cut = text.Length <= columns ? text : string.Concat(text.AsSpan(0, columns - 1), "…");
        return Add(right ? cut.PadLeft(columns) : cut.PadRight(columns), emphasis).Add(" ");
    }
}
