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

    /// <summary>Different records received.</summary>
    public long Records => _streams.Values.Sum(stream => stream.Received);

    public long Gaps => _streams.Values.Sum(stream => stream.Gaps);

    public long Duplicates => _streams.Values.Sum(stream => stream.Duplicates);

    /// <summary>Records under a wrong tenant or device, with a number that no ledger knows, or with another record's number.</summary>
    public long Strangers => Misplaced + _streams.Values.Sum(stream => stream.Strangers);

    public bool IsSound => Gaps == 0 && Strangers == 0;

    /// <summary>Takes a line of what was received.</summary>
    /// <returns>False if it is of no interest: other topics than a device's records and its ledger.</returns>
    /// <exception cref="InvalidDataException">It is a record or ledger and cannot be read.</exception>
    public bool Add(string line)
    {
        if (!ReceivedLine.TryParse(line, out var received)) return false;
        if (received.IsLedger)
        {
            if (!_ledgerIsApart) AddLedger(received);
            return true;
        }
        if (!received.IsRecord) return false;
        var records = ReceivedRecords.Decode(received.Payload);
        if (records.Assignment.Tenant != received.Tenant || records.Assignment.Device != received.Device || Channel.TryParse(received.Path, out var channel) && channel.Stream != records.Stream)
            Misplaced += records.Contents.Count;
        else StreamOf(records.Assignment, records.Stream).Add(records);
        return true;
    }

    /// <summary>Takes a line of a file that holds the ledgers apart from the records; then those among the records do not count.</summary>
    /// <exception cref="InvalidDataException">It cannot be read.</exception>
    public bool AddLedger(string line)
    {
        _ledgerIsApart = true;
        if (!ReceivedLine.TryParse(line, out var received) || !received.IsLedger) return false;
        AddLedger(received);
        return true;
    }

    /// <summary>To be called once, when all was taken.</summary>
    public void Conclude()
    {
        foreach (var stream in _streams.Values) stream.Conclude(_ledgerIsApart);
    }

    private void AddLedger(ReceivedLine received)
    {
        try
        {
            using var json = JsonDocument.Parse(received.Payload);
            var root = json.RootElement;
            if (root.GetProperty("tenant").GetString() != received.Tenant.ToString() || root.GetProperty("device").GetString() != received.Device.ToString())
                throw new InvalidDataException("the ledger is another's than its topic says");
            foreach (var stream in root.GetProperty("streams").EnumerateArray())
            {
                var assignment = new Assignment(received.Device, received.Tenant, new Epoch(stream.GetProperty("epoch").GetInt64()));
                string? name = stream.GetProperty("stream").GetString();
                var kind = Enum.GetValues<RecordStream>().Where(kind => LedgerJson.NameOf(kind) == name).Select(kind => (RecordStream?)kind).SingleOrDefault()
                    ?? throw new FormatException($"'{name}' is no stream");
                StreamOf(assignment, kind).SetLedger(stream.GetProperty("next").GetInt64(), [.. LedgerJson.ReadRanges(stream.GetProperty("ranges"))]);
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException or ArgumentOutOfRangeException)
        {
            throw new InvalidDataException($"no ledger: {e.Message}", e);
        }
    }

    private StreamAudit StreamOf(Assignment assignment, RecordStream stream)
    {
        if (!_streams.TryGetValue((assignment, stream), out var audit)) _streams[(assignment, stream)] = audit = new StreamAudit(assignment, stream);
        return audit;
    }
}
