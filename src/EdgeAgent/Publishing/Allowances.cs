using EdgeAgent.Tenancy;

namespace EdgeAgent.Publishing;

/// <summary>What each tenant's options let go now: over this network, with the bytes that are left. Thread-safe.</summary>
internal sealed class Allowances(TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<TenantId, Entry> _entries = [];
    private string? _networkInterface;

    public void Configure(TenantId tenant, PublishingOptions options)
    {
        lock (_gate)
        {
            if (!_entries.TryGetValue(tenant, out var entry)) _entries.Add(tenant, entry = new Entry());
            entry.Options = options;
            Update(entry);
        }
    }

    public PublishingOptions OptionsOf(TenantId tenant)
    {
        lock (_gate) return _entries.GetValueOrDefault(tenant)?.Options ?? PublishingOptions.Default;
    }

    /// <summary>What the connection goes over; null if it is not known.</summary>
    public void SetNetworkInterface(string? name)
    {
        lock (_gate)
        {
            _networkInterface = name;
            foreach (var entry in _entries.Values) Update(entry);
        }
    }

    /// <summary>Whether a record may go. What has high priority waits for no bytes, but its own are paid for by what follows.</summary>
    public bool MayGo(TenantId tenant, Priority priority, bool isBacklog)
    {
        lock (_gate)
        {
            if (!_entries.TryGetValue(tenant, out var entry)) return true;
            if (entry.IsMetered && priority < entry.Options.Metered!.MinimumPriority) return false;
            if (priority == Priority.High || entry.Bucket is not { } bucket) return true;
            bool mayGo = isBacklog ? bucket.IsAmple : bucket.HasAny;
            entry.HadToWait |= !mayGo;
            return mayGo;
        }
    }

    public void Spend(TenantId tenant, int bytes)
    {
        lock (_gate) _entries.GetValueOrDefault(tenant)?.Bucket?.Spend(bytes);
    }

    /// <summary>When more may go than now; null if that is not a question of time.</summary>
    public TimeSpan? UntilMore()
    {
        lock (_gate) return _entries.Values.Min(entry => entry.Bucket?.UntilMore());
    }

    /// <summary>True once after bytes had run out and there are enough again: what had to wait is then worth another look.</summary>
    public bool HasRecovered()
    {
        lock (_gate)
        {
            bool any = false;
            foreach (var entry in _entries.Values)
            {
                if (!entry.HadToWait || entry.Bucket is { IsAmple: false }) continue;
                entry.HadToWait = false;
                any = true;
            }
            return any;
        }
    }

    private void Update(Entry entry)
    {
        entry.IsMetered = entry.Options.Metered?.Concern(_networkInterface) == true;
        long? rate = entry.Options.BytesPerSecond;
        if (entry.IsMetered && entry.Options.Metered!.BytesPerSecond is { } metered) rate = Math.Min(rate ?? long.MaxValue, metered);
        if (rate != entry.Bucket?.BytesPerSecond) entry.Bucket = rate is { } bytesPerSecond ? new TokenBucket(bytesPerSecond, time) : null;
    }

    private sealed class Entry
    {
        public PublishingOptions Options { get; set; } = PublishingOptions.Default;

        public bool IsMetered { get; set; }

        public bool HadToWait { get; set; }

        /// <summary>Null for no limit.</summary>
        public TokenBucket? Bucket { get; set; }
    }
}
