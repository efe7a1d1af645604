using System.Globalization;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace EdgeAgent.Demo.Views;

/// <summary>A display that is redrawn in place, for terminals of 80 columns and more.</summary>
internal sealed class LiveView(TimeProvider time) : IDriveView
{
    private const int BarWidth = 46, HistoryLength = 56, EventsShown = 5;

    private const string Levels = "▁▂▃▄▅▆▇█";

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    /// <summary>What the tenant's screen would show.</summary>
    private static readonly (string Text, string Signal, string Format)[] Instruments =
    [
        ("speed", "Motion/VehicleSpeed", "0.0"),
        ("engine", "Engine/Speed", "0"),
        ("gear", "Transmission/Gear", "0"),
        ("brakes", "Brakes/Pressure", "0.0"),
        ("torque", "Engine/Torque", "0"),
        ("battery", "Supply/BatteryVoltage", "0.00"),
    ];

    private static readonly Dictionary<string, string> Units = new()
    {
        ["Engine/Speed"] = "rpm",
        ["Motion/VehicleSpeed"] = "km/h",
        ["Brakes/Pressure"] = "bar",
        ["Engine/Torque"] = "Nm",
        ["Supply/BatteryVoltage"] = "V",
    };

    private readonly List<long> _history = [];
    private int _columns;

    public Task<T> ShowAsync<T>(Drive drive, Func<CancellationToken, Task<T>> work, CancellationToken stop) =>
        AnsiConsole.Live(new Text("")).StartAsync(async display =>
        {
            var working = work(stop);
            using var timer = new PeriodicTimer(Interval, time);
            while (!working.IsCompleted)
            {
                Remember(drive);
                display.UpdateTarget(Draw(drive));
                await Task.WhenAny(working, timer.WaitForNextTickAsync(CancellationToken.None).AsTask());
            }
            display.UpdateTarget(Draw(drive));
            return await working;
        });

    private Rows Draw(Drive drive) => new(
        Progress(drive),
        Counts(drive),
        History(),
        Topics(drive),
        Dashboard(drive),
        new Rows(drive.Events.TakeLast(EventsShown).Select(e => new Markup($"[grey]{Number(e.At.TotalSeconds, "0"),4} s[/]  {e.Text.EscapeMarkup()}"))));

    private static Markup Progress(Drive drive)
    {
        double share = Math.Min(1, drive.Elapsed / drive.Length);
        int done = (int)(share * BarWidth);
        string seconds = $"{Number(Math.Min(drive.Elapsed.TotalSeconds, drive.Length.TotalSeconds), "0")} of {Number(drive.Length.TotalSeconds, "0")} s";
        return new Markup($" drive  [green]{new string('━', done)}[/][grey]{new string('━', BarWidth - done)}[/]  {seconds}");
    }

    private static Table Counts(Drive drive)
    {
        var status = drive.Status;
        string broker = drive.BackIn is { } back ? $"[red]cut, {Number(Math.Ceiling(back.TotalSeconds), "0")} s more[/]" : status.BrokerIsConnected ? "[green]connected[/]" : "[yellow]away[/]";
        var table = NewTable();
        foreach (string title in (string[])["frames in", "samples", "dropped", "buffered", "delivered"]) table.AddColumn(new TableColumn(title).RightAligned().Width(9));
        table.AddColumn(new TableColumn("broker").Width(16));
        return table.AddRow(
            Count(status.Frames), Count(status.Samples), status.Dropped == 0 ? "0" : $"[red]{Count(status.Dropped)}[/]",
            status.Buffered > 1000 ? $"[yellow]{Count(status.Buffered)}[/]" : Count(status.Buffered), Count(status.Delivered), broker);
    }

    private Markup History()
    {
        long most = Math.Max(1000, _history.Count > 0 ? _history.Max() : 0);
        string line = string.Concat(_history.Select(buffered => Levels[(int)(buffered * (Levels.Length - 1) / most)]));
        return new Markup($" buffered  [yellow]{line}[/]");
    }

    private static Table Topics(Drive drive)
    {
        var table = NewTable();
        table.AddColumn(new TableColumn("topic").Width(43)).AddColumn(new TableColumn("messages").RightAligned())
            .AddColumn(new TableColumn("samples").RightAligned()).AddColumn(new TableColumn("bytes").RightAligned().Width(9));
        foreach (var topic in drive.Ledger.Topics)
        {
            string last = topic.Last is { } sample ? $"[grey]{sample.Name.EscapeMarkup()} = {Number(sample.Value, "0.###")} {sample.Unit.EscapeMarkup()}[/]" : "";
            table.AddRow($"{topic.Topic.EscapeMarkup()}\n{last}", Count(topic.Messages), Count(topic.Samples), Count(topic.Bytes));
        }
        return drive.Ledger.Topics.Count > 0 ? table : table.AddRow("[grey]nothing yet[/]\n");
    }

    private static Table Dashboard(Drive drive)
    {
        var table = NewTable();
        List<IRenderable> values = [];
        foreach (var (text, signal, format) in Instruments)
        {
            table.AddColumn(new TableColumn(text).RightAligned().Width(10));
            var sample = drive.Ledger.Latest($"{Recording.Bus}/{signal}");
            string unit = Units.GetValueOrDefault(signal, "");
            values.Add(new Markup(sample is { } value ? $"[aqua]{Number(value.Value, format)}[/] [grey]{unit}[/]" : "-"));
        }
        return table.AddRow(values).Caption("[grey]as the tenant last received it[/]");
    }

    private void Remember(Drive drive)
    {
        // One column a second would leave most of the line empty: two.
        if (drive.Elapsed.TotalSeconds * 2 < _columns) return;
        _columns++;
        _history.Add(Math.Max(0, drive.Status.Buffered));
        if (_history.Count > HistoryLength) _history.RemoveAt(0);
    }

    private static Table NewTable() => new() { Border = TableBorder.Rounded, BorderStyle = new Style(Color.Grey) };

    private static string Count(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    private static string Number(double number, string format) => number.ToString(format, CultureInfo.InvariantCulture);
}
