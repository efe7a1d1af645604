using System.Net.Sockets;
using Microsoft.Extensions.Hosting.Systemd;
using Microsoft.Extensions.Logging;

namespace EdgeAgent.Diagnostics;

/// <summary>A service manager that cannot be told how things are is no reason to stop capturing: said once, then passed over.</summary>
internal sealed class TolerantNotifier(ILoggerFactory loggers) : ISystemdNotifier
{
    private readonly SystemdNotifier _notifier = new();
    private bool _said;

    public bool IsEnabled => _notifier.IsEnabled;

    public void Notify(ServiceState state)
    {
        try
        {
            _notifier.Notify(state);
        }
        catch (SocketException e)
        {
            if (!_said) DiagnosticsLog.CannotNotify(loggers.CreateLogger("edge-agent"), e.Message);
            _said = true;
        }
    }
}
