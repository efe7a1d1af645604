using EdgeAgent.Demo.Broker;

namespace EdgeAgent.Demo.Checking;

/// <summary>What arrived at one topic.</summary>
internal sealed record TopicCounts(string Topic, long Messages, long Samples, long Bytes, ReceivedSample? Last);

/// <summary>What arrived in one drive.</summary>
internal sealed record Arrivals
{
    /// <summary>The tenant's samples by sequence number, each once.</summary>
    public Dictionary<long, ReceivedSample> Samples { get; } = [];

    /// <summary>The tenant's samples, those that came twice included.</summary>
    public long Received { get; set; }

    /// <summary>Samples that came again with other content: one of the two must be wrong.</summary>
    public long Contradictions { get; set; }

    /// <summary>Samples at another tenant's topic, or stamped with another tenant.</summary>
    public long UnderAnotherTenant { get; set; }

    /// <summary>Messages that are no SenML packs.</summary>
    public long Unreadable { get; set; }
}

/// <summary>The subscriber's book: by sequence number for the drive, by topic for all. Safe from any thread.</summary>
internal sealed class Ledger
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, TopicCounts> _topics = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ReceivedSample> _latest = [];
    private Arrivals _arrivals = new();

    /// <summary>True if the subscriber lost its own connection, so that what is missing need not be the agent's fault.</summary>
    public bool ReaderWasCut { get; set; }

    public long Received
    {
        get
        {
            lock (_gate) return _arrivals.Received;
        }
    }

    /// <summary>Different samples of the tenant.</summary>
    public int Distinct
    {
        get
        {
            lock (_gate) return _arrivals.Samples.Count;
        }
    }

    public IReadOnlyList<TopicCounts> Topics
    {
        get
        {
            lock (_gate) return [.. _topics.Values];
        }
    }

    /// <summary>The last value of a signal, <c>bus/message/signal</c>, that the tenant has.</summary>
    public ReceivedSample? Latest(string name)
    {
        lock (_gate) return _latest.TryGetValue(name, out var sample) ? sample : null;
    }

    /// <summary>Ends the page: what comes later belongs to the next drive.</summary>
    public Arrivals TakePage()
    {
        lock (_gate)
        {
            var page = _arrivals;
            _arrivals = new Arrivals();
            return page;
        }
    }

    /// <param name="topic">Where it arrived.</param>
    /// <param name="bytes">The message's length.</param>
    /// <param name="pack">Null if it is no SenML pack.</param>
    public void Enter(string topic, int bytes, SenMlPack? pack)
    {
        lock (_gate)
        {
            int samples = pack?.Samples.Count ?? 0;
            var before = _topics.GetValueOrDefault(topic) ?? new TopicCounts(topic, 0, 0, 0, null);
            _topics[topic] = new TopicCounts(topic, before.Messages + 1, before.Samples + samples, before.Bytes + bytes, samples > 0 ? pack!.Samples[^1] : before.Last);
            if (pack is null) _arrivals.Unreadable++;
            else if (topic != Identity.Topic || pack.Tenant != Identity.Tenant || pack.Epoch != Identity.Epoch) _arrivals.UnderAnotherTenant += samples;
            else Enter(pack);
        }
    }

    private void Enter(SenMlPack pack)
    {
        for (int i = 0; i < pack.Samples.Count; i++)
        {
            var sample = pack.Samples[i];
            _arrivals.Received++;
            if (_arrivals.Samples.TryAdd(pack.FirstSequence + i, sample)) _latest[sample.Name] = sample;
            // The time may differ by what the clock was corrected in between.
            else if (_arrivals.Samples[pack.FirstSequence + i] is var first && (first.Name != sample.Name || first.Value != sample.Value)) _arrivals.Contradictions++;
        }
    }
}
