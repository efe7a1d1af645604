using System.Text;

namespace EdgeAgent.Cli.Live;

/// <summary>
/// Paints lines on a terminal (ECMA-48) and of a line only what has changed, from the first to the last different character: a serial console takes two
/// seconds for a whole screen. Takes a screen of its own and gives it back.
/// </summary>
/// <param name="output">The terminal.</param>
/// <param name="colour">False for a terminal that is not to be coloured.</param>
internal sealed class ScreenPainter(Stream output, bool colour) : IDisposable
{
    private const string Begin = "\e[?1049h\e[?25l\e[2J", End = "\e[0m\e[?25h\e[?1049l";

    private static readonly (char, Emphasis) Blank = (' ', Emphasis.None);

    private readonly StringBuilder _text = new();
    private (char Character, Emphasis Emphasis)[][] _shown = [];
    private bool _isBegun;

    /// <param name="lines">From the top; what is below them is cleared.</param>
    /// <param name="columns">Of the terminal: when it has another size, everything is painted.</param>
    /// <param name="rows">Of the terminal; further lines are left out.</param>
    public void Paint(IReadOnlyList<StyledLine> lines, int columns, int rows)
    {
        if (!_isBegun || _shown.Length != rows || rows > 0 && _shown[0].Length != columns)
        {
            _text.Append(_isBegun ? "\e[2J" : Begin);
            _isBegun = true;
            _shown = [.. Enumerable.Range(0, rows).Select(_ => Enumerable.Repeat(Blank, columns).ToArray())];
        }
        for (int row = 0; row < rows; row++) Paint(row, row < lines.Count ? lines[row].Cells : []);
        Flush();
    }

    public void Dispose()
    {
        if (!_isBegun) return;
        _text.Append(End);
        Flush();
    }

    private void Paint(int row, IReadOnlyList<(char, Emphasis)> cells)
    {
        var shown = _shown[row];
        int first = 0, last = shown.Length - 1;
        while (first <= last && shown[first] == At(first)) first++;
        while (last >= first && shown[last] == At(last)) last--;
        if (first > last) return;
        _text.Append($"\e[{row + 1};{first + 1}H");
        var emphasis = Emphasis.None;
        for (int i = first; i <= last; i++)
        {
            var cell = shown[i] = At(i);
            if (colour && cell.Emphasis != emphasis) _text.Append(Sequence(emphasis = cell.Emphasis));
            _text.Append(cell.Character);
        }
        if (emphasis != Emphasis.None) _text.Append(Sequence(Emphasis.None));

        (char Character, Emphasis Emphasis) At(int column) => column < cells.Count ? cells[column] : Blank;
    }

    private void Flush()
    {
        output.Write(Encoding.UTF8.GetBytes(_text.ToString()));
        output.Flush();
        _text.Clear();
    }

    private static string Sequence(Emphasis emphasis) => emphasis switch
    {
        Emphasis.Title => "\e[0;2m",
        Emphasis.Changed => "\e[0;1;33m",
        Emphasis.Bad => "\e[0;31m",
        _ => "\e[0m",
    };
}
