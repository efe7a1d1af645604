namespace EdgeAgent.Cli.Live;

/// <summary>What whoever sits at the terminal wants to see: keys change it.</summary>
internal sealed class LiveKeys
{
    private const int MaxFilter = 40;

    private int _count, _page = 1;

    /// <summary>The first signal that is shown.</summary>
    public int First { get; private set; }

    /// <summary>What a signal's name has to contain; empty for all.</summary>
    public string Filter { get; private set; } = "";

    /// <summary>True while the filter is being typed.</summary>
    public bool IsTyping { get; private set; }

    /// <summary>Tells it how much there is to see, which bounds how far one can go.</summary>
    /// <param name="count">Signals.</param>
    /// <param name="page">How many of them are shown at a time.</param>
    public void See(int count, int page)
    {
        (_count, _page) = (count, Math.Max(1, page));
        Go(First);
    }

    public bool Shows(LiveSignal signal) => signal.Name.Contains(Filter, StringComparison.OrdinalIgnoreCase);

    /// <returns>False to quit.</returns>
    public bool Take(ConsoleKeyInfo key)
    {
        if (IsTyping) Type(key);
        else if (key.KeyChar is 'q' or 'Q') return false;
        else if (key.KeyChar == '/') (IsTyping, Filter) = (true, "");
        else if (key.Key == ConsoleKey.Escape) Filter = "";
        else
        {
            Go(key.Key switch
            {
                ConsoleKey.UpArrow => First - 1,
                ConsoleKey.DownArrow => First + 1,
                ConsoleKey.PageUp => First - _page,
                ConsoleKey.PageDown or ConsoleKey.Spacebar => First + _page,
                ConsoleKey.Home => 0,
                ConsoleKey.End => _count,
                _ => First,
            });
        }
        return true;
    }

    private void Type(ConsoleKeyInfo key)
    {
        if (key.Key == ConsoleKey.Enter) IsTyping = false;
        else if (key.Key == ConsoleKey.Escape) (IsTyping, Filter) = (false, "");
        else if (key.Key == ConsoleKey.Backspace) Filter = Filter.Length > 0 ? Filter[..^1] : "";
        else if (!char.IsControl(key.KeyChar) && Filter.Length < MaxFilter) Filter += key.KeyChar;
        First = 0;
    }

    private void Go(int first) => First = Math.Clamp(first, 0, Math.Max(0, _count - _page));
}
