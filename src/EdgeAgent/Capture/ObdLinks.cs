using EdgeAgent.Can.IsoTp;
using EdgeAgent.Obd;
using EdgeAgent.Obd.Elm;

namespace EdgeAgent.Capture;

/// <summary>The one link to the ECUs of each interface or serial port: whoever asks there, in whatever configuration, asks through it and waits for the others. Thread-safe.</summary>
/// <param name="time">The system's clock.</param>
/// <param name="timing">How long ECUs on CAN may take; null for what SAE J1979 gives them.</param>
internal sealed class ObdLinks(TimeProvider time, ObdTiming? timing = null) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(string Interface, ObdAddressing Addressing), CanObdLink> _links = [];
    private readonly Dictionary<string, ElmAdapter> _adapters = [];
    private readonly Dictionary<string, ObdOwnRequests> _own = [];

    /// <summary>Who asks decides how often: an ECU on CAN may be asked again as soon as it has answered.</summary>
    private readonly ObdTiming _canTiming = (timing ?? new ObdTiming()) with { Gap = TimeSpan.Zero };

    /// <summary>The interface is opened when the first request is sent.</summary>
    public IObdLink For(string interfaceName, ObdAddressing addressing)
    {
        lock (_gate)
        {
            if (!_links.TryGetValue((interfaceName, addressing), out var link))
                _links.Add((interfaceName, addressing), link = new CanObdLink(interfaceName, addressing, _canTiming, time) { Sending = OwnOn(interfaceName).Add });
            return link;
        }
    }

    /// <summary>The same, which reaches more ECUs than its addressing from now on.</summary>
    public IObdLink For(string interfaceName, ObdAddressing addressing, IReadOnlyList<IsoTpAddress> ecus)
    {
        var link = (CanObdLink)For(interfaceName, addressing);
        link.Reach(ecus);
        return link;
    }

    /// <summary>What is sent over all links of an interface.</summary>
    public ObdOwnRequests OwnOn(string interfaceName)
    {
        lock (_gate)
        {
            if (!_own.TryGetValue(interfaceName, out var own)) _own.Add(interfaceName, own = new ObdOwnRequests(time));
            return own;
        }
    }

    /// <summary>The port is opened when the first request is sent.</summary>
    public ElmObdLink For(string serialPort, ElmOptions options)
    {
        lock (_gate)
        {
            if (!_adapters.TryGetValue(serialPort, out var adapter)) _adapters.Add(serialPort, adapter = new ElmAdapter(serialPort, new ObdTiming(), time));
            return new ElmObdLink(adapter, options);
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            foreach (var adapter in _adapters.Values) adapter.Dispose();
            foreach (var link in _links.Values) link.Dispose();
        }
    }
}
