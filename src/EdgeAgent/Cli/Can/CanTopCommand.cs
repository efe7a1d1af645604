using System.CommandLine;
using System.Globalization;
using EdgeAgent.Can.SocketCan;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace EdgeAgent.Cli.Can;

/// <summary><c>edge-agent can top</c>: the identifiers of a bus as they come, in a live table.</summary>
internal static class CanTopCommand
{
    private const double DefaultSeconds = 2;

    private static readonly string[] Orders = ["rate", "change", "id"];

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    public static Command Create()
    {
        var interfaces = CanListening.Interfaces();
        var filter = CanListening.Filter();
        var sort = new Option<string>("--sort") { Description = "rate: the most frequent first; change: those whose data changes most; id.", HelpName = "BY", DefaultValueFactory = _ => Orders[0] };
        var once = new Option<bool>("--once") { Description = "Listens for --seconds, prints the table and ends; a pipe implies it." };
        var seconds = new Option<double>("--seconds") { Description = "How long to listen with --once, 0.1 to 3600.", HelpName = "N", DefaultValueFactory = _ => DefaultSeconds };
        var command = new Command("top", """
            Shows each identifier with its rate and last data in a table that is drawn anew
            every second. Bytes that have changed since are bright.

            Exit codes: 0 done, 1 failed, 2 wrong usage, 4 not permitted,
            5 no such interface.

            Example:
              edge-agent can top can0 --sort change
            """) { interfaces, filter, sort, once, seconds };
        command.SetAction(async result =>
        {
            string order = result.GetValue(sort)!;
            if (!Orders.Contains(order)) throw new CommandException(ExitCode.WrongUsage, $"--sort: '{order}' is none of {string.Join(", ", Orders)}");
            var length = CanListening.Seconds("--seconds", result.GetValue(seconds), 0.1, 3600);
            using var stop = new StopSignal();
            using var set = CanListening.Open(result.GetValue(interfaces)!, CanListening.Parse(result.GetValue(filter)));
            var table = new FrameTable();
            if (!result.GetValue(once) && !Console.IsOutputRedirected)
            {
                await AnsiConsole.Live(new Text("listening")).StartAsync(async display =>
                {
                    while (!stop.Token.IsCancellationRequested)
                    {
                        var elapsed = await Task.Run(() => CanStatsCommand.Listen(set, table, Interval, TimeProvider.System, stop.Token));
                        display.UpdateTarget(Draw(new TopTable(table, order, elapsed, set.Sockets.Count > 1), set, AnsiConsole.Profile.Width, AnsiConsole.Profile.Height));
                        display.Refresh();
                    }
                });
            }
            else
            {
                var elapsed = CanStatsCommand.Listen(set, table, length, TimeProvider.System, stop.Token);
                var top = new TopTable(table, order, elapsed, set.Sockets.Count > 1);
                SigningArguments.Print(string.Join('\n', top.Lines(80).Select(line => line.Text)));
            }
            CanListening.ReportDrops(set);
            return ExitCode.Done;
        });
        return command;
    }

    private static Rows Draw(TopTable top, CanSocketSet set, int width, int height)
    {
        List<IRenderable> lines = [new Text(string.Create(CultureInfo.InvariantCulture, $"{string.Join(' ', set.Sockets.Select(socket => socket.InterfaceName))}  {TimeProvider.System.GetLocalNow():HH:mm:ss}"))];
        foreach (var line in top.Lines(width).Take(Math.Max(2, height - 3)))
        {
            var paragraph = new Paragraph { Overflow = Overflow.Crop };
            paragraph.Append(line.Head, line.IsTitle ? new Style(Color.Grey) : Style.Plain);
            foreach (var (text, isChanged) in line.Data) paragraph.Append(text, isChanged ? new Style(Color.Yellow, decoration: Decoration.Bold) : Style.Plain);
            lines.Add(paragraph);
        }
        return new Rows(lines);
    }
}
