using EdgeAgent.Outbox;
using EdgeAgent.Tenancy;

namespace EdgeAgent.Publishing;

/// <summary>
/// Latest values that the broker retains. Each is published once a connection and when it has changed, at most once a second; only the newest
/// counts. One that the broker refuses waits, longer each time. Their bytes are their tenants', as those of records are. Thread-safe.
/// </summary>
internal sealed class Reports(TimeProvider time, Wakeup wakeup, Allowances allowances)
{
    /// <summary>The least time between two publications to the same topic.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>The same for one that may wait.</summary>
    public static readonly TimeSpan LazyInterval = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Report> _reports = [];

    /// <param name="topic">Where.</param>
    /// <param name="contentType">A media type.</param>
    /// <param name="payload">What.</param>
    /// <param name="owner">Whose bytes it takes; null for nobody's.</param>
    /// <param name="mayWait">True for what is published once in <see cref="LazyInterval"/> at most, in a new connection too, and waits as records of
    /// low priority do: for bytes, and for a network where it may go.</param>
    public void Set(string topic, string contentType, ReadOnlyMemory<byte> payload, TenantId? owner = null, bool mayWait = false)
    {
        lock (_gate)
        {
            if (!_reports.TryGetValue(topic, out var report)) _reports.Add(topic, report = new Report());
            else if (report.Publication.ContentType == contentType && report.Publication.Payload.Span.SequenceEqual(payload.Span)) return;
            report.Publication = new Publication(topic, payload, contentType, Retain: true);
            (report.Owner, report.MayWait, report.IsPublished) = (owner, mayWait, false);
        }
        wakeup.Set();
    }

    /// <summary>Has the broker forget a topic; then it is forgotten here too.</summary>
    public void Clear(string topic) => Set(topic, "", default);

    /// <summary>What the broker has after a new connection is not known: everything is to be published again, at once unless it may wait.</summary>
    public void Renew()
    {
        lock (_gate)
        {
            foreach (var report in _reports.Values) (report.IsPublished, report.TakenAt, report.Pause) = (false, report.MayWait ? report.TakenAt : null, default);
        }
        wakeup.Set();
    }

    /// <summary>One that is due; <see cref="Published"/>, <see cref="Refused"/> or <see cref="Returned"/> has to follow.</summary>
    public Publication? TryTake()
    {
        lock (_gate)
        {
            foreach (var report in _reports.Values)
            {
                if (report.IsPublished || report.InFlight is not null || Wait(report) > TimeSpan.Zero || !MayGo(report)) continue;
                report.TakenAt = time.GetTimestamp();
                if (report.Owner is { } owner) allowances.Spend(owner, report.Publication.WireBytes);
                return report.InFlight = report.Publication;
            }
            return null;
        }
    }

    /// <summary>All that the broker has not got in their newest form, though it may be too soon, but for what must not go now: for the end of the last connection.</summary>
    public IReadOnlyList<Publication> Outstanding()
    {
        lock (_gate) return [.. _reports.Values.Where(report => !report.IsPublished && report.InFlight is null && !report.Pause.IsOn(time) && MayGo(report)).Select(report => report.Publication)];
    }

    /// <summary>How long it takes until one that waits is due; null if none waits, or for its bytes or another network alone.</summary>
    public TimeSpan? UntilDue()
    {
        lock (_gate) return _reports.Values.Where(report => !report.IsPublished && report.InFlight is null && MayGo(report)).Min(report => (TimeSpan?)Wait(report));
    }

    public void Published(Publication publication)
    {
        lock (_gate)
        {
            var report = Land(publication);
            report.IsPublished = ReferenceEquals(report.Publication, publication);
            report.Pause = default;
            if (report.IsPublished && publication.Payload.IsEmpty) _reports.Remove(publication.Topic);
        }
        wakeup.Set();
    }

    /// <param name="publication">What the broker does not take.</param>
    /// <param name="wasSent">False if it cost no bytes.</param>
    /// <returns>True if the one before was not refused.</returns>
    public bool Refused(Publication publication, bool wasSent)
    {
        lock (_gate)
        {
            var report = Land(publication);
            if (!wasSent && report.Owner is { } owner) allowances.Spend(owner, -publication.WireBytes);
            bool isFirst = report.Pause.Length == TimeSpan.Zero;
            report.Pause = report.Pause.Longer(time);
            return isFirst;
        }
    }

    /// <summary>What became of it is not known; the connection is over.</summary>
    public void Returned(Publication publication)
    {
        lock (_gate) Land(publication);
    }

    private Report Land(Publication publication)
    {
        var report = _reports[publication.Topic];
        report.InFlight = null;
        return report;
    }

    private bool MayGo(Report report) => !report.MayWait || report.Owner is not { } owner || allowances.MayGo(owner, Priority.Low, isBacklog: false);

    private TimeSpan Wait(Report report)
    {
        var sinceTaken = report.TakenAt is { } taken ? (report.MayWait ? LazyInterval : Interval) - time.GetElapsedTime(taken) : TimeSpan.Zero;
        var paused = report.Pause.IsOn(time) ? report.Pause.Length - time.GetElapsedTime(report.Pause.Since) : TimeSpan.Zero;
        return sinceTaken > paused ? sinceTaken : paused;
    }

    private sealed class Report
    {
        public Publication Publication { get; set; } = new("", default, "");

        public TenantId? Owner { get; set; }

        public bool MayWait { get; set; }

        public bool IsPublished { get; set; }

        public Publication? InFlight { get; set; }

        public long? TakenAt { get; set; }

        public Pause Pause { get; set; }
    }
}
