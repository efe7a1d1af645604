using EdgeAgent.Tenancy;
using Microsoft.Extensions.Logging;

namespace EdgeAgent.Outbox;

/// <summary>The ledgers of all assignments, in <c>tenants/{tenant}/ledger/{device}-{epoch}.a</c> and <c>.b</c>. Thread-safe.</summary>
internal sealed class Ledgers
{
    /// <summary>So many epochs of a tenant are kept; of older ones only those of which something waits.</summary>
    public const int MaxEpochs = 8;

    private readonly Lock _gate = new();
    private readonly IDisk _disk;
    private readonly ILogger _logger;
    private readonly Dictionary<Assignment, Ledger> _ledgers = [];
    private long _version;

    public Ledgers(IDisk disk, ILogger logger)
    {
        _disk = disk;
        _logger = logger;
        foreach (string path in disk.List())
        {
            if (TryParse(path, out var assignment)) Find(assignment, mustExist: true);
        }
    }

    /// <summary>Grows with each change.</summary>
    public long Version => Volatile.Read(ref _version);

    public IReadOnlyList<Ledger> All
    {
        get
        {
            lock (_gate) return [.. _ledgers.Values];
        }
    }

    public IReadOnlyList<Ledger> Of(TenantId tenant) => [.. All.Where(ledger => ledger.Assignment.Tenant == tenant)];

    /// <summary>The ledger of an assignment of which there are records.</summary>
    public Ledger Of(Assignment assignment) => Find(assignment, mustExist: true);

    /// <summary>The ledger of an assignment that is about to record.</summary>
    /// <exception cref="NumbersUnknownException">It cannot.</exception>
    public Ledger Open(Assignment assignment)
    {
        var ledger = Find(assignment, mustExist: false);
        if (!ledger.NumbersAreKnown) throw new NumbersUnknownException(assignment);
        ForgetOldEpochs(assignment.Tenant);
        return ledger;
    }

    /// <summary>What is known of a tenant's records, by epoch.</summary>
    public IReadOnlyList<LedgerEntry> Report(TenantId tenant) =>
    [
        .. Of(tenant).OrderBy(ledger => ledger.Assignment.Epoch.Value)
            .SelectMany(ledger => new[] { ledger.Entry(RecordStream.Telemetry), ledger.Entry(RecordStream.Messages) })
            .OfType<LedgerEntry>(),
    ];

    private Ledger Find(Assignment assignment, bool mustExist)
    {
        lock (_gate)
        {
            if (_ledgers.TryGetValue(assignment, out var known)) return known;
            var file = new LedgerFile(_disk, $"tenants/{assignment.Tenant}/ledger/{assignment.Device}-{assignment.Epoch}");
            var state = file.Load() is { } content ? LedgerJson.Read(assignment, content) : null;
            bool isKnown = state is not null || !file.Exists && !mustExist;
            if (!isKnown) OutboxLog.LedgerDamaged(_logger, assignment.Tenant, assignment.Epoch);
            return _ledgers[assignment] = new Ledger(assignment, file, state ?? new LedgerState(), isKnown, () => Interlocked.Increment(ref _version));
        }
    }

    private void ForgetOldEpochs(TenantId tenant)
    {
        foreach (var old in Of(tenant).OrderByDescending(ledger => ledger.Assignment.Epoch.Value).Skip(MaxEpochs))
        {
            if (Report(tenant).Any(entry => entry.Assignment == old.Assignment && entry.Ranges.Any(range => range.Outcome == LedgerOutcome.Buffered))) continue;
            try
            {
                old.Delete();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                OutboxLog.CannotStore(_logger, e.Message);
                continue;
            }
            lock (_gate) _ledgers.Remove(old.Assignment);
        }
    }

    private static bool TryParse(string path, out Assignment assignment)
    {
        assignment = null!;
        if (path.Split('/') is not ["tenants", var owner, "ledger", var file] || !TenantId.TryParse(owner, out var tenant)) return false;
        if (!file.EndsWith(".a", StringComparison.Ordinal) && !file.EndsWith(".b", StringComparison.Ordinal)) return false;
        int dash = file.LastIndexOf('-');
        if (dash < 0 || !DeviceId.TryParse(file[..dash], out var device)) return false;
        if (!long.TryParse(file.AsSpan(dash + 1, file.Length - dash - 3), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out long epoch) || epoch < 1) return false;
        assignment = new Assignment(device, tenant, new Epoch(epoch));
        return true;
    }
}
