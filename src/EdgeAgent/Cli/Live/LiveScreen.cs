using System.Globalization;
using System.Text.Json.Nodes;
using EdgeAgent.Cli.Fleet;

namespace EdgeAgent.Cli.Live;

/// <summary>
/// What <c>edge-agent live</c> shows, as lines: the device, its buses, its signals. A value that has just changed has a star, too, for terminals without colours.
/// </summary>
internal static class LiveScreen
{
    /// <summary>Columns of a table without its first, each with a space behind it.</summary>
    private const int BusColumns = 11 + 9 + 10 + 5 + 14 + 7 + 9, SignalColumns = 1 + 13 + 9 + 13 + 5;

    private const int MinName = 12, MaxText = 200;

    /// <summary>A signal that comes less often shows its age.</summary>
    private static readonly TimeSpan Old = TimeSpan.FromSeconds(3);

    private const string Help = "q quit   up/down, page, home, end: scroll   / filter   esc: all signals";

    /// <summary>A whole screen, with the signals that the keys want to see.</summary>
    /// <param name="picture">What is known.</param>
    /// <param name="keys">Told how much there is to see.</param>
    /// <param name="width">Columns.</param>
    /// <param name="height">Rows.</param>
    public static IReadOnlyList<StyledLine> Draw(LivePicture picture, LiveKeys keys, int width, int height)
    {
        var lines = Head(picture, width);
        var shown = picture.Signals.Where(row => keys.Shows(row.Signal)).ToArray();
        int room = Math.Max(1, height - lines.Count - 2);
        keys.See(shown.Length, room);
        string filter = keys.Filter.Length > 0 || keys.IsTyping ? $"  /{keys.Filter}{(keys.IsTyping ? "_" : "")}" : "";
        lines.Add(SignalTitle(width, shown.Length == 0 ? $"SIGNAL{filter}" : string.Create(CultureInfo.InvariantCulture, $"SIGNAL {keys.First + 1}-{Math.Min(shown.Length, keys.First + room)} of {shown.Length}{filter}")));
        lines.AddRange(shown.Skip(keys.First).Take(room).Select(row => Signal(row, width)));
        while (lines.Count < height - 1) lines.Add(new StyledLine(width));
        lines.Add(new StyledLine(width).Add(Help, Emphasis.Title));
        return lines;
    }

    /// <summary>All of it, for a file or a pipe.</summary>
    public static IReadOnlyList<StyledLine> Draw(LivePicture picture, int width) =>
        [.. Head(picture, width), SignalTitle(width, $"SIGNAL ({picture.Signals.Count})"), .. picture.Signals.Select(row => Signal(row, width))];

    private static List<StyledLine> Head(LivePicture picture, int width)
    {
        var status = picture.Status;
        var broker = status["broker"];
        var outbox = status["outbox"];
        bool isConnected = broker?["connected"]?.GetValue<bool>() == true;
        List<StyledLine> lines =
        [
            new StyledLine(width).Add(
                $"{Text(status["device"])}  {(status["tenant"] is null ? "nobody's" : $"tenant {Text(status["tenant"])}, epoch {Text(status["epoch"])}")}  configuration {Text(status["configuration"]?["status"])}  clock {Text(status["clock"])}"),
            new StyledLine(width)
                .Add(isConnected ? "connected" : "away", isConnected ? Emphasis.None : Emphasis.Bad)
                .Add($"  {Text(broker?["url"])}  buffered {Count(outbox?["bufferedSamples"])}  stored {Count(outbox?["storedBytes"])}B{(outbox?["oldestSeconds"] is { } oldest ? $"  oldest {Shorthand.Age(TimeSpan.FromSeconds(oldest.GetValue<double>()))}" : "")}"),
        ];
        if (picture.Trouble is { } trouble) lines.Add(new StyledLine(width).Add(DeviceText.Clean(trouble, MaxText), Emphasis.Bad));
        int name = Math.Max(5, width - 1 - BusColumns);
        lines.Add(new StyledLine(width).Column("BUS", name, Emphasis.Title).Column("STATE", 10, Emphasis.Title).Column("FRAMES/S", 8, Emphasis.Title, right: true).Column("SAMPLES/S", 9, Emphasis.Title, right: true)
            .Column("LOAD", 4, Emphasis.Title, right: true).Column("CONTROLLER", 13, Emphasis.Title).Column("ERRORS", 6, Emphasis.Title, right: true).Column("DROPPED", 8, Emphasis.Title, right: true));
        foreach (var (source, frames, samples) in picture.Sources)
        {
            string state = Text(source["state"]), controller = source["can"]?["controller"] is { } known ? Text(known) : "-";
            lines.Add(new StyledLine(width).Column(Text(source["bus"]), name).Column(state, 10, state is "open" or "ended" ? Emphasis.None : Emphasis.Bad)
                .Column(Rate(frames), 8, right: true).Column(Rate(samples), 9, right: true)
                .Column(source["can"]?["load"] is { } load ? Shorthand.Share(load.GetValue<double>()) : "-", 4, right: true).Column(controller, 13, controller is "-" or "error-active" ? Emphasis.None : Emphasis.Bad)
                .Column(Count(source["errorFrames"]), 6, right: true).Column(Shorthand.Count(Long(source["droppedByKernel"]) + Long(source["refusedSamples"])), 8, right: true));
        }
        lines.Add(new StyledLine(width).Add(picture.SignalsTrouble is { } refused ? DeviceText.Clean(refused, MaxText) : "", Emphasis.Bad));
        return lines;
    }

    private static StyledLine SignalTitle(int width, string title) => new StyledLine(width).Column(title, Name(width), Emphasis.Title).Column("", 0)
        .Column("VALUE", 12, Emphasis.Title, right: true).Column("UNIT", 8, Emphasis.Title).Column("LABEL", 12, Emphasis.Title).Column("AGE", 4, Emphasis.Title, right: true);

    private static StyledLine Signal((LiveSignal Signal, TimeSpan Age, bool IsChanged) row, int width)
    {
        var emphasis = row.IsChanged ? Emphasis.Changed : Emphasis.None;
        return new StyledLine(width).Column(row.Signal.Name, Name(width)).Add(row.IsChanged ? "*" : " ", emphasis)
            .Column(row.Signal.Value, 12, emphasis, right: true).Column(row.Signal.Unit, 8).Column(row.Signal.Label, 12, emphasis).Column(row.Age >= Old ? Shorthand.Age(row.Age) : "", 4, right: true);
    }

    /// <summary>The width of names: what the other columns leave.</summary>
    private static int Name(int width) => Math.Max(MinName, width - 1 - SignalColumns);

    private static string Rate(double? rate) => rate is { } known ? Shorthand.Count(known) : "-";

    private static string Count(JsonNode? number) => number is null ? "-" : Shorthand.Count(Long(number));

    private static long Long(JsonNode? number) => number?.GetValue<long>() ?? 0;

    private static string Text(JsonNode? value) => value is null ? "-" : DeviceText.Clean(value.ToString(), MaxText);
}
