using System.Globalization;
using System.Text.Json.Nodes;
using EdgeAgent.Cli.Fleet;

namespace EdgeAgent.Cli;

/// <summary>The status for people, in lines of at most 80 columns.</summary>
internal static class StatusTable
{
    private const int Width = 80, Indent = 15, MaxText = 400;

    private static readonly string[] Titles = ["SOURCE", "STATE", "FRAMES", "SAMPLES", "DROPPED", "ERRORS", "OPENED"];

    /// <param name="status">The result of the operation <c>status</c>; what it lacks is shown as '-'.</param>
    public static IEnumerable<string> Lines(JsonObject status)
    {
        var configuration = status["configuration"];
        var broker = status["broker"];
        var outbox = status["outbox"];
        List<string> lines =
        [
            .. Field("device", $"{Text(status["device"])}, edge-agent {Text(status["version"])}"),
            .. Field("tenant", status["tenant"] is null ? "nobody: nothing is captured" : $"{Text(status["tenant"])}, epoch {Text(status["epoch"])}"),
            .. Field("configuration", Text(configuration?["status"]) + Part(", tenant-wide version ", configuration?["tenantVersion"]) + Part(", own version ", configuration?["deviceVersion"])),
            .. Field("broker", $"{Text(broker?["url"])} {(broker?["connected"]?.GetValue<bool>() == true ? "connected" : "away")}, connections so far: {Text(broker?["connects"])}"),
            .. Field("", broker?["trouble"] is { } trouble ? $"last trouble: {Text(trouble)}" : ""),
            .. Field("outbox", $"samples waiting: {Text(outbox?["bufferedSamples"])}, delivered: {Text(outbox?["deliveredSamples"])}, given up or lost: {Text(outbox?["evicted"] is { } evicted ? Sum(evicted, outbox["corrupt"]) : null)}"),
            .. Field("", $"on the disk: {Text(outbox?["storedBatches"])} batches, {Text(outbox?["storedBytes"])} bytes; in memory: {Text(outbox?["memoryBytes"])} bytes"),
        ];
        JsonNode[] sources = [.. (status["sources"]?.AsArray() ?? []).OfType<JsonNode>()];
        if (sources.Length > 0) lines.AddRange(["", .. Table([Titles, .. sources.Select(Row)])]);
        lines.AddRange(sources.Where(source => source["trouble"] is not null).SelectMany(source => Field($"  {Text(source["bus"])}", Text(source["trouble"]))));
        lines.AddRange(sources.Where(source => source["can"] is JsonObject).SelectMany(source => Field($"  {Text(source["bus"])}", Bus(source["can"]!))));
        return lines;
    }

    /// <summary>Of a CAN bus, what is known of it.</summary>
    private static string Bus(JsonNode can)
    {
        List<string> parts = [];
        if (can["controller"] is { } controller) parts.Add(Text(controller));
        if (can["bitrate"] is { } rate) parts.Add($"{Text(rate)}{Part("/", can["dataBitrate"])} bit/s");
        if (can["load"]?.GetValue<double>() is { } load) parts.Add(string.Create(CultureInfo.InvariantCulture, $"load {100 * load:0} %"));
        if (can["listenOnly"]?.GetValue<bool>() == true) parts.Add("only listens");
        if (can["silentSeconds"] is { } silent) parts.Add($"silent for {Text(silent)} s");
        if (can["sendErrorCounter"] is { } sending) parts.Add($"error counters {Text(sending)} sending, {Text(can["receiveErrorCounter"])} receiving");
        if (can["errors"] is JsonObject { Count: > 0 } errors) parts.Add("errors: " + string.Join(" ", errors.Select(error => $"{error.Key} {Text(error.Value)}")));
        return string.Join(", ", parts);
    }

    private static string[] Row(JsonNode source) =>
    [
        Text(source["bus"]), Text(source["state"]), Text(source["frames"]), Text(source["samples"]), Text(Sum(source["droppedByKernel"], source["refusedSamples"])),
        Text(source["errorFrames"]), Text(source["openings"]),
    ];

    private static JsonNode Sum(JsonNode? kernel, JsonNode? ring) => (kernel?.GetValue<long>() ?? 0) + (ring?.GetValue<long>() ?? 0);

    /// <summary>Names to the left, numbers to the right.</summary>
    private static IEnumerable<string> Table(IReadOnlyList<string[]> rows)
    {
        const int names = 2;
        int[] widths = [.. Titles.Select((_, i) => rows.Max(row => row[i].Length))];
        // Only a name can be too long.
        widths[0] = Math.Min(widths[0], Math.Max(Titles[0].Length, Width - widths[1..].Sum(width => width + 2)));
        return rows.Select(row => string.Join("  ", row.Select((cell, i) => i < names ? Cut(cell, widths[i]).PadRight(widths[i]) : cell.PadLeft(widths[i]))));
    }

    private static IEnumerable<string> Field(string name, string text)
    {
        string line = Cut(name, Indent - 1).PadRight(Indent);
        bool isEmpty = true;
        foreach (string word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries).SelectMany(word => word.Chunk(Width - Indent).Select(part => new string(part))))
        {
            if (!isEmpty && line.Length + 1 + word.Length > Width)
            {
                yield return line;
                line = new string(' ', Indent);
                isEmpty = true;
            }
            line += isEmpty ? word : $" {word}";
            isEmpty = false;
        }
        if (!isEmpty) yield return line;
    }

    private static string Cut(string text, int width) => text.Length > width ? string.Concat(text.AsSpan(0, width - 1), "…") : text;

    private static string Part(string before, JsonNode? value) => value is null ? "" : before + Text(value);

    private static string Text(JsonNode? value) => DeviceText.Clean(value switch
    {
        null => "-",
        JsonValue text when text.TryGetValue(out string? words) => words,
        _ => value.ToString(),
    }, MaxText);
}
