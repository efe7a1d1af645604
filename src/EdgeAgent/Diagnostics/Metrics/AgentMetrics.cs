using EdgeAgent.Management;

namespace EdgeAgent.Diagnostics.Metrics;

/// <summary>This device for Prometheus, under the names and labels that the device has among its fleet's.</summary>
internal static class AgentMetrics
{
    private static readonly MetricFamily<AgentStatus>[] OfStatus =
    [
        One("edge_agent_online", "Whether the device is connected to the broker.", status => Flag(status.BrokerIsConnected)),
        new("edge_agent_info", "The version that the device runs.", _ => [new(1, ("version", Tenancy.AgentVersion.Text))]),
        One("edge_agent_epoch", "By which assignment the device belongs to its tenant.", status => status.Assignment?.Epoch.Value),
        new("edge_agent_configuration_version", "The versions of the configuration in force.", status =>
            new[] { ("tenant", status.Configuration.TenantVersion), ("device", status.Configuration.DeviceVersion) }
                .Where(scope => scope.Item2 is not null).Select(scope => new MetricSample(scope.Item2!.Value, ("scope", scope.Item1)))),
        One("edge_agent_configuration_refused", "Whether the device refuses or has rolled back its newest configuration.", status => Flag(status.Configuration.Status is "refused" or "rolled-back")),
        One("edge_agent_clock_synchronized", "Whether anything has set the device's clock.", status => Flag(status.Clock.Synchronized)),
    ];

    /// <param name="status">How the agent is.</param>
    /// <param name="report">Its health; null before the first look at it.</param>
    public static string Write(AgentStatus status, HealthReport? report)
    {
        (string, string)[] labels = [.. status.Assignment is { } assignment ? [("tenant", assignment.Tenant.ToString())] : ((string, string)[])[], ("device", status.Device.ToString())];
        var text = new MetricText();
        foreach (var family in OfStatus) text.Write(family, [status], _ => labels);
        foreach (var family in HealthMetrics.All) text.Write(family, report is null ? [] : [report], _ => labels);
        return text.ToString();
    }

    private static MetricFamily<AgentStatus> One(string name, string help, Func<AgentStatus, double?> value) => MetricFamily<AgentStatus>.One(name, help, value);

    private static double Flag(bool value) => value ? 1 : 0;
}
