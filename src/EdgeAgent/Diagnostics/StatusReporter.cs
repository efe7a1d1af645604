using EdgeAgent.Capture;
using EdgeAgent.Management;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Systemd;
using Microsoft.Extensions.Logging;

namespace EdgeAgent.Diagnostics;

/// <summary>Tells the service manager once a second how things are (sd_notify(3), STATUS=), and once more when the agent has stopped.</summary>
internal sealed class StatusReporter(Agent agent, ISystemdNotifier notifier, TimeProvider time, ILoggerFactory loggers) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private string? _last;

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        Report();
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        notifier.IsEnabled
            ? HostedLoop.RunAsync("status", () => Periodic.RunAsync(Interval, time, Report, stoppingToken), loggers.CreateLogger("edge-agent"))
            : Task.CompletedTask;

    private void Report()
    {
        string text = StatusText.Of(agent.Status);
        if (text == _last) return;
        _last = text;
        notifier.Notify(new ServiceState("STATUS=" + text));
    }
}
