using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using EdgeAgent.Can;
using EdgeAgent.Can.Errors;
using EdgeAgent.Can.SocketCan;
using EdgeAgent.Management;

namespace EdgeAgent.Cli.Can;

/// <summary><c>edge-agent can stats</c>: what an interface carries, by identifier.</summary>
internal static class CanStatsCommand
{
    private const double DefaultSeconds = 10;

    public static Command Create()
    {
        var name = new Argument<string>("INTERFACE") { Description = "A CAN interface, such as can0." };
        var seconds = new Option<double>("--seconds") { Description = "How long to listen, 0.1 to 86400; Ctrl+C ends it earlier.", HelpName = "N", DefaultValueFactory = _ => DefaultSeconds };
        var json = new Option<bool>("--json") { Description = "One JSON object." };
        var command = new Command("stats", """
            Listens for a while and shows for each identifier how often it came, in what
            distance (mean, standard deviation, least, greatest, in milliseconds) and with
            what; and how much of the bus was used, with the stuff bits counted.

            Exit codes: 0 done, 1 failed, 2 wrong usage, 4 not permitted,
            5 no such interface.

            Example:
              edge-agent can stats can0 --seconds 30
            """) { name, seconds, json };
        command.SetAction(result =>
        {
            var length = CanListening.Seconds("--seconds", result.GetValue(seconds), 0.1, 86400);
            using var stop = new StopSignal();
            using var set = CanListening.Open([result.GetValue(name)!]);
            var table = new FrameTable();
            var listened = Listen(set, table, length, TimeProvider.System, stop.Token);
            var link = CanLinkInfo.Read(result.GetValue(name)!);
            double? load = link.BitTiming is { } timing ? table.Bits.LoadOf(timing.BitRate, link.DataBitTiming?.BitRate ?? 0, listened) : null;
            var summary = new BusSummary(result.GetValue(name)!, listened, table, set.Dropped, load, link);
            return SigningArguments.Print(result.GetValue(json) ? Json(summary) : string.Join('\n', Lines(summary)));
        });
        return command;
    }

    /// <returns>How long it has listened.</returns>
    internal static TimeSpan Listen(CanSocketSet set, FrameTable table, TimeSpan length, TimeProvider time, CancellationToken stop)
    {
        long begun = time.GetTimestamp();
        TimeSpan elapsed;
        while ((elapsed = time.GetElapsedTime(begun)) < length && !stop.IsCancellationRequested)
        {
            var left = length - elapsed;
            int lost = set.Read(left < CanListening.Patience ? left : CanListening.Patience);
            while (set.TryNext(out int socket, out int index))
                table.Add(set.Sockets[socket].InterfaceName, set.Batch(socket)[index], set.Batch(socket).TimestampNs(index));
            CanListening.Report(set, lost);
        }
        return elapsed;
    }

    internal static IEnumerable<string> Lines(BusSummary of)
    {
        var table = of.Table;
        string load = of.Load is { } share ? string.Create(CultureInfo.InvariantCulture, $"load {100 * share:0.0} % of {CanRemedy.RateText(of.Link.BitTiming!.Value.BitRate)}") : "load unknown: no bit rate";
        yield return string.Create(CultureInfo.InvariantCulture, $"{of.Interface}: {table.Frames} frames in {of.Listened.TotalSeconds:0.0} s, {load}, {table.ErrorFrames} error frames, {of.Dropped} dropped");
        if (table.Errors.Last is { } last)
        {
            yield return "errors: " + string.Join(", ", table.Errors.Counts.Named.Select(one => $"{one.Name} {one.Count}"));
            foreach (string line in Wrapped("last error: " + last)) yield return line;
        }
        if (table.Rows.Count == 0) yield break;
        yield return $"{"ID",-8} {"COUNT",8} {"MEAN",9} {"STDDEV",8} {"MIN",8} {"MAX",9}  DATA";
        foreach (var row in table.Rows.OrderBy(row => row.Id))
            yield return $"{row.Id,-8} {row.Count,8} {Milliseconds(row.MeanPeriod),9} {Milliseconds(row.Deviation),8} {Milliseconds(row.Count > 1 ? row.ShortestPeriod : null),8} {Milliseconds(row.Count > 1 ? row.LongestPeriod : null),9}  {FrameText.Data(row.Last, 22)}";
        if (table.Beyond > 0) yield return $"and {table.Beyond} frames of more than {FrameTable.MaxIdentifiers} identifiers";
    }

    private static string Json(BusSummary of) => JsonMembers.Text(json =>
    {
        json.WriteString("interface"u8, of.Interface);
        json.WriteNumber("seconds"u8, Math.Round(of.Listened.TotalSeconds, 3));
        json.WriteNumber("frames"u8, of.Table.Frames);
        json.WriteNumber("dropped"u8, of.Dropped);
        if (of.Load is { } load) json.WriteNumber("load"u8, Math.Round(load, 4));
        if (of.Link.BitTiming is { } timing) json.WriteNumber("bitrate"u8, timing.BitRate);
        json.WriteNumber("errorFrames"u8, of.Table.ErrorFrames);
        json.WriteStartObject("errors"u8);
        foreach (var (name, count) in of.Table.Errors.Counts.Named) json.WriteNumber(name, count);
        json.WriteEndObject();
        if (of.Table.Errors.Last is { } last) json.WriteString("lastError"u8, last.ToString());
        json.WriteStartArray("ids"u8);
        foreach (var row in of.Table.Rows.OrderBy(row => row.Id)) Write(json, row);
        json.WriteEndArray();
    });

    private static void Write(Utf8JsonWriter json, FrameStatistics row)
    {
        json.WriteStartObject();
        json.WriteNumber("id"u8, row.Id.Value);
        json.WriteBoolean("extended"u8, row.Id.IsExtended);
        json.WriteNumber("count"u8, row.Count);
        json.WriteNumber("changes"u8, row.Changes);
        if (row.MeanPeriod is { } mean)
        {
            json.WriteStartObject("periodMs"u8);
            json.WriteNumber("mean"u8, Math.Round(mean * 1e3, 3));
            if (row.Deviation is { } deviation) json.WriteNumber("deviation"u8, Math.Round(deviation * 1e3, 3));
            json.WriteNumber("least"u8, Math.Round(row.ShortestPeriod * 1e3, 3));
            json.WriteNumber("greatest"u8, Math.Round(row.LongestPeriod * 1e3, 3));
            json.WriteEndObject();
        }
        var last = row.Last;
        json.WriteString("data"u8, Convert.ToHexString(last.Payload));
        json.WriteEndObject();
    }

    private static string Milliseconds(double? seconds) => seconds is { } value ? (value * 1e3).ToString(value < 10 ? "0.00" : "0", CultureInfo.InvariantCulture) : "-";

    /// <summary>In 80 columns, with the text's own indent and two more behind the first line.</summary>
    internal static IEnumerable<string> Wrapped(string text)
    {
        string indent = text[..^text.TrimStart().Length];
        return WordWrap.Lines(text, WordWrap.Columns - indent.Length, hanging: 2).Select(line => indent + line);
    }
}

/// <summary>What was seen on one interface.</summary>
internal sealed record BusSummary(string Interface, TimeSpan Listened, FrameTable Table, long Dropped, double? Load, CanLinkInfo Link);

/// <summary>Frames for tables.</summary>
internal static class FrameText
{
    /// <summary>The data in so many columns: bytes apart where there is room, cut off where there is too little.</summary>
    public static string Data(CanFrame frame, int width)
    {
        if (frame.IsRemote) return "remote request";
        string hex = Convert.ToHexString(frame.Payload);
        if (hex.Length / 2 * 3 - 1 <= width) return string.Join(' ', hex.Chunk(2).Select(pair => new string(pair)));
        return hex.Length <= width ? hex : string.Concat(hex.AsSpan(0, (width - 1) / 2 * 2), "…");
    }
}
