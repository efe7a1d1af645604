using EdgeAgent.Publishing;

namespace EdgeAgent.Management.Control;

/// <summary>
/// Documents that were refused because their key is not known. The broker keeps no order between topics: the rotation that introduces the key
/// may be on its way, and then they are looked at again. The newest of each topic, within limits.
/// </summary>
internal sealed class EarlyDocuments
{
    public const int Most = 16;

    /// <summary>Of all together.</summary>
    public const int MostBytes = 1024 * 1024;

    private readonly List<IncomingMessage> _messages = [];

    public void Remember(IncomingMessage message)
    {
        _messages.RemoveAll(known => known.Topic == message.Topic);
        _messages.Add(message);
        while (_messages.Count > Most || _messages.Sum(known => (long)known.Payload.Length) > MostBytes) _messages.RemoveAt(0);
    }

    /// <summary>All, in the order in which they came; then they are forgotten here.</summary>
    public IReadOnlyList<IncomingMessage> TakeAll()
    {
        IncomingMessage[] all = [.. _messages];
        _messages.Clear();
        return all;
    }
}
