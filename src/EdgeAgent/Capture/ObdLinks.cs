using EdgeAgent.Obd;

namespace EdgeAgent.Capture;

/// <summary>The one link to the ECUs of each interface: whoever asks there, in whatever configuration, asks through it and waits for the others. Thread-safe.</summary>
internal sealed class ObdLinks(TimeProvider time) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(string Interface, ObdAddressing Addressing), CanObdLink> _links = [];

    /// <summary>The interface is opened when the first request is sent.</summary>
    public IObdLink For(string interfaceName, ObdAddressing addressing)
    {
        lock (_gate)
        {
            if (!_links.TryGetValue((interfaceName, addressing), out var link))
                _links.Add((interfaceName, addressing), link = new CanObdLink(interfaceName, addressing, new ObdTiming(), time));
            return link;
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            foreach (var link in _links.Values) link.Dispose();
        }
    }
}
