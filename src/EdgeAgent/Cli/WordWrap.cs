namespace EdgeAgent.Cli;

/// <summary>Words in lines.</summary>
internal static class WordWrap
{
    /// <summary>What everything fits: a slow serial console.</summary>
    public const int Columns = 80;

    /// <summary>Breaks a text into lines of at most so many columns. A longer word is cut; an empty text is an empty line.</summary>
    /// <param name="text">Words between spaces and line ends.</param>
    /// <param name="width">Columns.</param>
    /// <param name="hanging">By how many columns the lines after the first are indented.</param>
    public static IEnumerable<string> Lines(string text, int width = Columns, int hanging = 0)
    {
        string line = "", indent = "";
        bool isBegun = false;
        foreach (string word in text.Split((char[])[' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries).SelectMany(word => word.Chunk(width - hanging).Select(part => new string(part))))
        {
            if (isBegun && line.Length + 1 + word.Length > width)
            {
                yield return line;
                indent = new string(' ', hanging);
                isBegun = false;
            }
            line = isBegun ? $"{line} {word}" : indent + word;
            isBegun = true;
        }
        yield return line;
    }
}
