using EdgeAgent.Diagnostics.Metrics;
using EdgeAgent.Management;
using EdgeAgent.Management.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EdgeAgent.Diagnostics.Local;

/// <summary>The local API as a part of the service. A device whose API cannot be served captures nevertheless.</summary>
/// <param name="agent">Does what is asked.</param>
/// <param name="health">Knows how the device is.</param>
/// <param name="watchdog">Knows whether the agent hangs.</param>
/// <param name="path">Where to serve.</param>
/// <param name="options">Where else; null for nowhere.</param>
/// <param name="time">The clock.</param>
/// <param name="loggers">The journal.</param>
internal sealed class LocalService(Agent agent, HealthService health, Watchdog watchdog, string path, LocalApiOptions? options, TimeProvider time, ILoggerFactory loggers) : IHostedService
{
    /// <summary>Where systemd makes a directory for the service (RuntimeDirectory=edge-agent).</summary>
    public const string DefaultPath = "/run/edge-agent/" + FileName;

    private const string FileName = "agent.sock";

    private readonly ILogger _logger = loggers.CreateLogger("edge-agent");
    private LocalApi? _api;

    /// <summary>Where to serve if nobody has said: in the directory that systemd has made for it, or else with the state.</summary>
    /// <param name="runtimeDirectory">What systemd has set RUNTIME_DIRECTORY to; null if it has not.</param>
    /// <param name="stateDirectory">Where the agent keeps its state.</param>
    public static string PathFor(string? runtimeDirectory, string stateDirectory)
    {
        if (!string.IsNullOrEmpty(runtimeDirectory)) return Path.Combine(runtimeDirectory.Split(':')[0], FileName);
        return Directory.Exists(Path.GetDirectoryName(DefaultPath)) ? DefaultPath : Path.Combine(stateDirectory, FileName);
    }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var local = new LocalAgent(
            agent.ExecuteLocalAsync, agent.WatchLocalAsync, () => StatusJson.Of(agent.Status), agent.View, () => AgentMetrics.Write(agent.Status, health.Report()), () => watchdog.Trouble);
        var port = options is null ? null : OrNothing(() => LocalPort.Open(options, time, _logger));
        if (OrNothing(() => LocalSocket.Open(path)) is not { } socket)
        {
            port?.Dispose();
            return;
        }
        _api = await LocalApi.StartAsync(socket, port, new LocalRequests(local, time), LocalLimits.Default);
        DiagnosticsLog.LocalApiServes(_logger, port is null ? path : $"{path}, http://{port.Address}");
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_api is not null) await _api.DisposeAsync();
    }

    private T? OrNothing<T>(Func<T> open)
        where T : class
    {
        try
        {
            return open();
        }
        catch (IOException e)
        {
            DiagnosticsLog.NoLocalApi(_logger, e.Message);
            return null;
        }
    }
}
