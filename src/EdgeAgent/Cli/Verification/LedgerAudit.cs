using System.Text;
using System.Text.Json;
using EdgeAgent.Outbox;
using EdgeAgent.Tenancy;

namespace EdgeAgent.Cli.Verification;

/// <summary>Checks what a subscriber received against the ledgers of the devices.</summary>
internal sealed class LedgerAudit
{
    private readonly Dictionary<(Assignment, RecordStream), StreamAudit> _streams = [];
    private bool _ledgerIsApart;

    public IReadOnlyList<StreamAudit> Streams =>
    [
        .. _streams.Values.OrderBy(stream => stream.Assignment.Tenant.ToString(), StringComparer.Ordinal).ThenBy(stream => stream.Assignment.Device.ToString(), StringComparer.Ordinal)
            .ThenBy(stream => stream.Assignment.Epoch.Value).ThenBy(stream => stream.Stream),
    ];

    /// <summary>Records whose stamp is not that of the topic under which they came.</summary>
    public long Misplaced { get; private set; }

    /// <summary>The first of them, with the topic that they should not have come under.</summary>
    public List<Stranger> FirstMisplaced { get; } = [];

    /// <summary>Different records received.</summary>
    public long Records => _streams.Values.Sum(stream => stream.Received);

    public long Gaps => _streams.Values.Sum(stream => stream.Gaps);

    public long Duplicates => _streams.Values.Sum(stream => stream.Duplicates);

    /// <summary>Records under a wrong tenant or device, with a number that no ledger knows, or with another record's number.</summary>
    public long Strangers => Misplaced + _streams.Values.Sum(stream => stream.Strangers);

    /// <summary>Records that came after the last ledger of their stream and are not yet in it.</summary>
    public long Ahead => _streams.Values.Sum(stream => stream.Ahead);

    public bool IsSound => Gaps == 0 && Strangers == 0;

    /// <summary>Takes a line of what was received.</summary>
    /// <exception cref="InvalidDataException">It is a record or ledger and cannot be read.</exception>
    public LineUse Add(string line)
    {
        if (!ReceivedLine.TryParse(line, out var received)) return line.Length == 0 || ReceivedLine.HasTopic(line) ? LineUse.None : LineUse.NoTopic;
        if (received.IsLedger) return AddLedger(received, (stream, next, ranges) =>
        {
            if (_ledgerIsApart) stream.NoteLedger(next, ranges);
            else stream.SetLedger(next, ranges);
        });
        if (!received.IsRecord) return LineUse.None;
        var records = ReceivedRecords.Decode(received.ReadPayload());
        if (records.Assignment.Tenant != received.Tenant || records.Assignment.Device != received.Device || Channel.TryParse(received.Path, out var channel) && channel.Stream != records.Stream)
            AddMisplaced(records, received);
        else StreamOf(records.Assignment, records.Stream).Add(records);
        return LineUse.Record;
    }

    /// <summary>
    /// Takes a line of a file that holds the ledgers apart from the records, with its topic or the payload alone; then those among the records do
    /// not count.
    /// </summary>
    /// <exception cref="InvalidDataException">It cannot be read.</exception>
    public LineUse AddLedger(string line)
    {
        _ledgerIsApart = true;
        if (line is ['{', ..])
        {
            ReadLedger(Encoding.UTF8.GetBytes(line), of: null, (stream, next, ranges) => stream.SetLedgerApart(next, ranges));
            return LineUse.Ledger;
        }
        return ReceivedLine.TryParse(line, out var received) && received.IsLedger ? AddLedger(received, (stream, next, ranges) => stream.SetLedgerApart(next, ranges)) : LineUse.None;
    }

    /// <summary>To be called once, when all was taken.</summary>
    public void Conclude()
    {
        foreach (var stream in _streams.Values) stream.Conclude();
    }

    private LineUse AddLedger(ReceivedLine received, Action<StreamAudit, long, IReadOnlyList<LedgerRange>> take)
    {
        // An empty message clears the retained one.
        if (received.Text.Length == 0) return LineUse.None;
        ReadLedger(received.ReadPayload(), (received.Tenant, received.Device), take);
        return LineUse.Ledger;
    }

    private void ReadLedger(ReadOnlyMemory<byte> payload, (TenantId Tenant, DeviceId Device)? of, Action<StreamAudit, long, IReadOnlyList<LedgerRange>> take)
    {
        try
        {
            using var json = JsonDocument.Parse(payload);
            var root = json.RootElement;
            var (tenant, device) = (TenantId.Parse(root.GetProperty("tenant").GetString() ?? ""), DeviceId.Parse(root.GetProperty("device").GetString() ?? ""));
            if (of is { } expected && (tenant, device) != expected) throw new InvalidDataException("the ledger is another's than its topic says");
            foreach (var stream in root.GetProperty("streams").EnumerateArray())
            {
                var assignment = new Assignment(device, tenant, new Epoch(stream.GetProperty("epoch").GetInt64()));
                string? name = stream.GetProperty("stream").GetString();
                var kind = Enum.GetValues<RecordStream>().Where(kind => LedgerJson.NameOf(kind) == name).Select(kind => (RecordStream?)kind).SingleOrDefault()
                    ?? throw new FormatException($"'{name}' is no stream");
                take(StreamOf(assignment, kind), stream.GetProperty("next").GetInt64(), [.. LedgerJson.ReadRanges(stream.GetProperty("ranges"))]);
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException or ArgumentException)
        {
            throw new InvalidDataException($"no ledger: {e.Message}", e);
        }
    }

    private void AddMisplaced(ReceivedRecords records, ReceivedLine received)
    {
        Misplaced += records.Contents.Count;
        if (FirstMisplaced.Count >= Stranger.MaxNamed) return;
        FirstMisplaced.Add(new Stranger(records.Assignment, records.Stream, records.FirstSequence, records.FirstSequence + records.Contents.Count - 1,
            $"under tenants/{received.Tenant}/devices/{received.Device}/{received.Path}"));
    }

    private StreamAudit StreamOf(Assignment assignment, RecordStream stream)
    {
        if (!_streams.TryGetValue((assignment, stream), out var audit)) _streams[(assignment, stream)] = audit = new StreamAudit(assignment, stream);
        return audit;
    }
}
