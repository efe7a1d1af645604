using EdgeAgent.Publishing;
using EdgeAgent.Tenancy;

namespace EdgeAgent.Simulation.Tests.Agents;

/// <summary>
/// An MQTT 5 broker as one device sees it: retained messages, a session that outlives connections, messages at QoS 1 that come again until they
/// are acknowledged. What is wrong with it is set from outside and decided by the seed.
/// </summary>
internal sealed class SimulatedBroker(Random random, Trace trace)
{
    /// <summary>What the device announces as its receive maximum.</summary>
    public const int MostInFlight = 16;

    private readonly Dictionary<string, byte[]> _retained = [];
    private readonly List<Outgoing> _queue = [];
    private HashSet<string>? _session;
    private SimulatedLink? _link;
    private Publication? _will;

    /// <summary>Refuses connections.</summary>
    public bool IsAway { get; set; }

    /// <summary>One way, at most.</summary>
    public TimeSpan Latency { get; set; }

    /// <summary>Of a hundred acknowledgements either way so many get lost.</summary>
    public int LosesAcknowledgements { get; set; }

    /// <summary>Of a hundred messages so many come twice.</summary>
    public int Duplicates { get; set; }

    /// <summary>Whose topics the device may not write.</summary>
    public HashSet<TenantId> Refused { get; } = [];

    /// <summary>Of a hundred subscriptions so many are refused.</summary>
    public int RefusesSubscriptions { get; set; }

    /// <summary>Called for each publication when the device hands it over, whether it arrives or not.</summary>
    public required Action<Publication> Leaving { get; init; }

    /// <summary>Called for each publication that the broker takes.</summary>
    public required Action<Publication> Arrived { get; init; }

    /// <summary>Called before the device is given a message.</summary>
    public required Action<IncomingMessage> Offered { get; init; }

    /// <summary>Called when the device has dealt with it.</summary>
    public required Action<IncomingMessage> DealtWith { get; init; }

    public bool IsConnected => _link is not null;

    /// <summary>True while reports may not get through at once.</summary>
    public bool IsSpoiled => LosesAcknowledgements > 0 || Refused.Count > 0 || Latency > TimeSpan.FromMilliseconds(500);

    /// <summary>Messages that wait for the device.</summary>
    public int Waiting => _queue.Count;

    public IReadOnlyDictionary<string, byte[]> Retained => _retained;

    public TimeSpan Delay() => Latency == TimeSpan.Zero ? TimeSpan.Zero : Latency * random.NextDouble();

    public bool Loses() => LosesAcknowledgements > 0 && random.Next(100) < LosesAcknowledgements;

    public bool HappensTwice() => Duplicates > 0 && random.Next(100) < Duplicates;

    public bool HappensHalfTheTime() => random.Next(2) == 0;

    /// <summary>Somebody else publishes.</summary>
    public void Publish(string topic, byte[] payload, bool retain)
    {
        if (retain) _retained[topic] = payload;
        if (_session?.Any(filter => Matches(filter, topic)) != true) return;
        _queue.Add(new Outgoing(topic, payload));
        Forward();
    }

    /// <summary>Cuts the connection, if there is one.</summary>
    public void Drop(string why)
    {
        if (_link is not { } link) return;
        trace.Add($"broker: connection lost: {why}");
        Gone(link, hasSaidGoodBye: false);
        link.Lose(why);
    }

    public void Restart(bool forgetsSession, bool forgetsRetained)
    {
        Drop("the broker restarts");
        if (forgetsSession) EndSession();
        if (forgetsRetained) _retained.Clear();
    }

    /// <returns>True if there was a session.</returns>
    public bool Connect(SimulatedLink link, Publication? will)
    {
        if (_link is { } other)
        {
            Gone(other, hasSaidGoodBye: false);
            other.Lose("session taken over");
        }
        (_link, _will) = (link, will);
        bool wasPresent = _session is not null;
        _session ??= [];
        foreach (var message in _queue) message.IsInFlight = false;
        trace.Add($"broker: connected, session {(wasPresent ? "present" : "new")}, {_queue.Count} messages wait");
        Forward();
        return wasPresent;
    }

    public void Gone(SimulatedLink link, bool hasSaidGoodBye)
    {
        if (_link != link) return;
        _link = null;
        if (!hasSaidGoodBye && _will is { } will) _retained[will.Topic] = will.Payload.ToArray();
    }

    /// <returns>The filters that are refused.</returns>
    public IReadOnlyList<RefusedSubscription> Subscribe(IReadOnlyCollection<string> filters)
    {
        List<RefusedSubscription> refused = [];
        foreach (string filter in filters)
        {
            if (RefusesSubscriptions > 0 && random.Next(100) < RefusesSubscriptions)
            {
                refused.Add(new RefusedSubscription(filter, $"refuses the subscription to {filter}"));
                continue;
            }
            _session!.Add(filter);
            foreach (string topic in _retained.Keys.Where(topic => Matches(filter, topic)).Order(StringComparer.Ordinal)) _queue.Add(new Outgoing(topic, _retained[topic]));
        }
        trace.Add($"broker: {filters.Count - refused.Count} filters subscribed, {refused.Count} refused");
        Forward();
        return refused;
    }

    public void Unsubscribe(IReadOnlyCollection<string> filters) => _session?.ExceptWith(filters);

    /// <returns>False if it is refused.</returns>
    public bool Receive(Publication publication)
    {
        if (Refused.Any(tenant => publication.Topic.StartsWith($"tenants/{tenant}/", StringComparison.Ordinal))) return false;
        if (publication.Retain)
        {
            if (publication.Payload.IsEmpty) _retained.Remove(publication.Topic);
            else _retained[publication.Topic] = publication.Payload.ToArray();
        }
        Arrived(publication);
        return true;
    }

    public void Acknowledge(Outgoing message)
    {
        if (Loses()) return;
        _queue.Remove(message);
        Forward();
    }

    private void EndSession()
    {
        _session = null;
        _queue.Clear();
    }

    private void Forward()
    {
        if (_link is not { } link) return;
        int inFlight = _queue.Count(message => message.IsInFlight);
        foreach (var message in _queue)
        {
            if (message.IsInFlight) continue;
            if (inFlight++ >= MostInFlight) return;
            message.IsInFlight = true;
            link.Deliver(message);
        }
    }

    private static bool Matches(string filter, string topic) =>
        filter.EndsWith('+') ? topic.StartsWith(filter[..^1], StringComparison.Ordinal) && !topic[(filter.Length - 1)..].Contains('/') : filter == topic;

    /// <summary>A message on its way to the device.</summary>
    public sealed class Outgoing(string topic, byte[] payload)
    {
        public string Topic { get; } = topic;

        public byte[] Payload { get; } = payload;

        public bool IsInFlight { get; set; }
    }
}
