using System.CommandLine;
using System.Net.ServerSentEvents;
using System.Text;
using EdgeAgent.Cli.Doctor;
using EdgeAgent.Diagnostics.Local;

namespace EdgeAgent.Cli.Live;

/// <summary><c>edge-agent live</c>: what the running agent captures, as it comes.</summary>
internal static class LiveCommand
{
    /// <summary>Of a file or a pipe, and of a terminal that does not say how large it is.</summary>
    private const int UsualRows = 24;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1), Glance = TimeSpan.FromMilliseconds(50);

    public static Command Create()
    {
        var socket = LocalClient.Socket();
        var bus = new Option<string?>("--bus") { Description = "Signals of this bus alone.", HelpName = "BUS" };
        var name = new Option<string?>("--name") { Description = "Signals whose name bus/message/signal matches a pattern of * and ?, or begins so.", HelpName = "PATTERN" };
        var once = new Option<bool>("--once") { Description = "Looks for a second, prints everything and ends; a pipe implies it." };
        var json = new Option<bool>("--json") { Description = "The agent's events, one JSON object a line: {\"status\":…} and {\"signals\":[…]}." };
        var command = new Command("live", """
            Shows what the running agent captures: buses with their rates, load and state,
            and the last value of each signal; those that have changed stand out.
            q quits, arrows and page keys scroll, / filters. Only what changes is drawn,
            for slow serial consoles; NO_COLOR is heeded.

            Examples:
              edge-agent live --bus can0
              edge-agent live --name '*/Engine/*' --once
              edge-agent live --json | jq -c '.signals[]? | [.name, .value]'

            Exit codes: 0 done, 1 failed, 2 wrong usage, 3 agent not running,
            4 not permitted.
            """) { socket, bus, name, once, json };
        command.SetAction(async (result, _) =>
        {
            using var stop = new StopSignal();
            var feed = new LiveFeed(result.GetValue(socket), Query(("bus", result.GetValue(bus)), ("name", result.GetValue(name))));
            bool isOnce = result.GetValue(once), isTerminal = !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb");
            if (result.GetValue(json)) await PrintEventsAsync(feed, isOnce, stop.Token);
            else if (isOnce || !isTerminal) await PrintAsync(feed, stop.Token);
            else await ShowAsync(feed, result.GetValue(socket), stop.Token);
            return ExitCode.Done;
        });
        return command;
    }

    private static string Query(params (string Name, string? Value)[] parameters)
    {
        string[] given = [.. parameters.Where(one => one.Value is not null).Select(one => $"{one.Name}={Uri.EscapeDataString(one.Value!)}")];
        return given.Length == 0 ? "" : "?" + string.Join('&', given);
    }

    private static async Task PrintEventsAsync(LiveFeed feed, bool once, CancellationToken stop)
    {
        using var output = new StandardOutput();
        await ListenAsync(feed, item => output.Write(Encoding.UTF8.GetBytes($"{{\"{item.EventType}\":{item.Data}}}\n")), once, stop);
    }

    private static async Task PrintAsync(LiveFeed feed, CancellationToken stop)
    {
        var model = new LiveModel(TimeProvider.System);
        await ListenAsync(feed, item => LiveFeed.Put(item, model), once: true, stop);
        SigningArguments.Print(string.Join('\n', LiveScreen.Draw(model.Picture(), WordWrap.Columns).Select(line => line.Text)));
    }

    /// <summary>Until it is told to stop or, once, a second after the beginning: what happens in it has a rate, and all signals have come.</summary>
    private static async Task ListenAsync(LiveFeed feed, Action<SseItem<string>> take, bool once, CancellationToken stop)
    {
        int statuses = 0;
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop);
        await feed.ListenAsync(item =>
        {
            take(item);
            if (item.EventType == LocalEvents.Status && ++statuses == 2 && once) end.Cancel();
        }, reason => Console.Error.WriteLine($"edge-agent: no signals: {reason}"), end.Token);
        if (!end.IsCancellationRequested) throw new CommandException(ExitCode.Failed, LiveFeed.Ended);
    }

    private static async Task ShowAsync(LiveFeed feed, string? socket, CancellationToken stop)
    {
        var model = new LiveModel(TimeProvider.System);
        // Whoever is refused, or has no agent, is told so before the terminal is taken.
        await foreach (var first in LocalClient.EventsAsync(socket, LiveFeed.StatusPath, stop))
        {
            LiveFeed.Put(first, model);
            break;
        }
        var keys = new LiveKeys();
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var following = feed.FollowAsync(model, TimeProvider.System, end.Token);
        using (var output = new StandardOutput())
        using (var painter = new ScreenPainter(output, FindingText.MayColour))
        {
            while (!stop.IsCancellationRequested)
            {
                int columns = Console.WindowWidth > 0 ? Console.WindowWidth : WordWrap.Columns, rows = Console.WindowHeight > 0 ? Console.WindowHeight : UsualRows;
                painter.Paint(LiveScreen.Draw(model.Picture(), keys, columns, rows), columns, rows);
                if (!await WaitAsync(keys, stop)) break;
            }
        }
        await end.CancelAsync();
        await following;
    }

    /// <summary>Until it is time to draw anew, which is at once when a key was pressed. False to quit.</summary>
    private static async Task<bool> WaitAsync(LiveKeys keys, CancellationToken stop)
    {
        long begun = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(begun) < Interval && !stop.IsCancellationRequested)
        {
            if (!Console.IsInputRedirected && Console.KeyAvailable)
            {
                while (Console.KeyAvailable)
                {
                    if (!keys.Take(Console.ReadKey(intercept: true))) return false;
                }
                return true;
            }
            await Task.Delay(Glance, TimeProvider.System, stop).ContinueWith(_ => { }, TaskScheduler.Default);
        }
        return true;
    }
}
