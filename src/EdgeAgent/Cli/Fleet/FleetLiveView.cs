using Spectre.Console;
using Spectre.Console.Rendering;

namespace EdgeAgent.Cli.Fleet;

/// <summary>The table on a terminal, redrawn every second.</summary>
internal sealed class FleetLiveView(IAnsiConsole console, FleetRoster roster, FleetSubscription subscription, TimeSpan silentAfter, TimeProvider time)
{
    /// <summary>The summary, the connection's trouble, the headings, the line for what does not fit, and where the cursor stays.</summary>
    private const int LinesAround = 5;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>Until it is told to stop, which is no error.</summary>
    public Task RunAsync(CancellationToken stop) => console.Live(Draw()).StartAsync(async display =>
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stop)) display.UpdateTarget(Draw());
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
        }
    });

    /// <summary>Texts are given as such and never as markup, so what a device calls itself stays text.</summary>
    public IRenderable Draw()
    {
        int width = console.Profile.Width, height = Math.Max(1, console.Profile.Height - LinesAround);
        var rows = FleetRow.Of(roster.Snapshot(), time.GetUtcNow(), silentAfter);
        List<IRenderable> lines = [Line(FleetSummary.Of(roster, rows), new Style(decoration: Decoration.Bold))];
        if (subscription.Trouble is { } trouble) lines.Add(Line($"not connected: {trouble}", new Style(Color.Red)));
        else if (subscription.StatusIsRefused) lines.Add(Line("the broker does not tell who is connected: online is who was heard a moment ago", new Style(Color.Grey)));

        var table = new FleetTable([.. rows.Take(height)], width);
        for (int i = 0; i < table.Lines.Count; i++)
        {
            var line = NewLine();
            foreach (var cell in table.Lines[i]) line.Append(cell.Text, i == 0 ? new Style(Color.Grey) : Style(cell.Severity));
            lines.Add(line);
        }
        if (rows.Count > height) lines.Add(Line($"and {rows.Count - height} more", new Style(Color.Grey)));
        return new Rows(lines);
    }

    private static Paragraph Line(string text, Style style) => NewLine().Append(text, style);

    private static Paragraph NewLine() => new() { Overflow = Overflow.Ellipsis };

    private static Style Style(Severity severity) => severity switch
    {
        Severity.Bad => new Style(Color.Red),
        Severity.Warning => new Style(Color.Yellow),
        Severity.Note => new Style(Color.Aqua),
        _ => Spectre.Console.Style.Plain,
    };
}
