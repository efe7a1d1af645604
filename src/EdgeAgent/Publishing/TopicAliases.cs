namespace EdgeAgent.Publishing;

/// <summary>
/// Numbers that stand for topics within one connection (MQTT 5 §3.3.2.3.4), as many as the broker allows: a topic that was said once with its
/// number need not be said again. The one that was not used for the longest time gives its number to the next. Thread-safe.
/// </summary>
internal sealed class TopicAliases(int maximum)
{
    /// <summary>A device publishes to a handful of topics again and again.</summary>
    private const int Enough = 8;

    private readonly Lock _gate = new();
    private readonly LinkedList<(string Topic, ushort Alias)> _known = new();
    private readonly int _maximum = Math.Min(maximum, Enough);
    private ushort _used;

    /// <summary>What to send; the packets have to leave in the order of the calls.</summary>
    /// <returns>The topic, empty if the alias is known to the broker; the alias, 0 for none.</returns>
    public (string Topic, ushort Alias) For(string topic)
    {
        if (_maximum == 0) return (topic, 0);
        lock (_gate)
        {
            for (var node = _known.First; node is not null; node = node.Next)
            {
                if (node.Value.Topic != topic) continue;
                _known.Remove(node);
                _known.AddFirst(node);
                return ("", node.Value.Alias);
            }
            ushort alias;
            if (_used < _maximum)
            {
                alias = ++_used;
            }
            else
            {
                alias = _known.Last!.Value.Alias;
                _known.RemoveLast();
            }
            _known.AddFirst((topic, alias));
            return (topic, alias);
        }
    }
}
