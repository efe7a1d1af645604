using System.Text;
using System.Text.Json.Nodes;
using EdgeAgent.Can;
using EdgeAgent.Can.Candump;
using EdgeAgent.Outbox;
using EdgeAgent.Tenancy;
using EdgeAgent.Tenancy.Access;
using EdgeAgent.Tenancy.Documents;

namespace EdgeAgent.Management.Commands;

/// <summary>
/// <c>can.record</c>: the frames of an interface for a while, as raw records with lines as <c>candump -l</c> writes them. Through a socket of
/// its own, so that capture does not notice.
/// </summary>
/// <param name="open">Opens an interface by its name, or throws <see cref="CanSourceException"/>.</param>
/// <param name="records">Where the frames go.</param>
/// <param name="time">The clock.</param>
internal sealed class RecordCanOperation(Func<string, ICanSource> open, IRecordSink records, TimeProvider time) : IOperation
{
    public const long MaxSeconds = 60, MaxFrames = 20_000;

    public const int LinesPerRecord = 200;

    private const long DefaultSeconds = 10;

    private const int MaxIds = 64;

    public Operation Name => Operation.RecordCan;

    public TimeSpan Limit => TimeSpan.FromSeconds(MaxSeconds + 30);

    public Task<JsonObject> RunAsync(OperationArguments arguments, CancellationToken stop)
    {
        arguments.Expect("interface", "seconds", "frames", "ids");
        string name = arguments.Text("interface");
        if (name.Length is < 1 or > 15 || name.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_' or '.'))) throw OperationArguments.Wrong("interface", $"{Quoted.Of(name)} is no name of an interface");
        var length = TimeSpan.FromSeconds(arguments.TryWhole("seconds", 1, MaxSeconds) ?? DefaultSeconds);
        long most = arguments.TryWhole("frames", 1, MaxFrames) ?? MaxFrames;
        var ids = ParseIds(arguments.TryText("ids"));
        return Task.Factory.StartNew(() => Record(name, length, most, ids, stop), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    private JsonObject Record(string name, TimeSpan length, long most, HashSet<CanId>? ids, CancellationToken stop)
    {
        using var source = Open(name);
        using var batch = new FrameBatch();
        Span<byte> text = stackalloc byte[CandumpFormat.MaxLineLength];
        var lines = new JsonArray();
        long frames = 0, parts = 0, begun = time.GetTimestamp();
        string ended = "seconds";
        while (time.GetElapsedTime(begun) < length)
        {
            stop.ThrowIfCancellationRequested();
            var outcome = source.Read(batch);
            for (int i = 0; outcome == ReadOutcome.Frames && i < batch.Count && frames < most; i++)
            {
                ref readonly var frame = ref batch[i];
                if (ids is not null && (frame.IsError || !ids.Contains(frame.Id))) continue;
                lines.Add((JsonNode)Encoding.ASCII.GetString(text[..CandumpFormat.Write(text, batch.TimestampNs(i), name, frame)]));
                frames++;
                if (lines.Count == LinesPerRecord) Publish();
            }
            if (outcome is ReadOutcome.Lost or ReadOutcome.Ended)
            {
                ended = "source";
                break;
            }
            if (frames == most)
            {
                ended = "frames";
                break;
            }
        }
        if (lines.Count > 0) Publish();
        var result = new JsonObject { ["interface"] = name, ["frames"] = frames, ["records"] = parts, ["dropped"] = source.Dropped, ["endedBy"] = ended };
        if (source.Fault is { } fault) result["trouble"] = fault.Message;
        return result;

        void Publish()
        {
            records.Append(Channel.Raw, JsonMembers.Of(new JsonObject { ["interface"] = name, ["part"] = ++parts, ["lines"] = lines }));
            lines = [];
        }
    }

    private ICanSource Open(string name)
    {
        try
        {
            return open(name);
        }
        catch (CanSourceException e)
        {
            throw new OperationException("interface", e.Message, e);
        }
    }

    /// <summary>As candump writes them: <c>123,18FEF100</c>, three digits for 11 bits and eight for 29.</summary>
    private static HashSet<CanId>? ParseIds(string? text)
    {
        if (text is null) return null;
        HashSet<CanId> ids = [];
        foreach (string part in text.Split(','))
        {
            if (!CanId.TryParse(part, out var id))
                throw OperationArguments.Wrong("ids", $"{Quoted.Of(part)} is no identifier: expected three hexadecimal digits, or eight for an extended one, with ',' between several");
            ids.Add(id);
        }
        return ids.Count <= MaxIds ? ids : throw OperationArguments.Wrong("ids", $"at most {MaxIds} are possible");
    }
}
