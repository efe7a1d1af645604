using System.Text.Json.Nodes;
using EdgeAgent.Tenancy;

namespace EdgeAgent.Management.Configuration;

/// <summary>How an agent is set up, from one file on the device.</summary>
/// <param name="Device">The device's own part.</param>
/// <param name="Assignment">Whose it is by that file; null for a device that is assigned from outside, or that the file assigns to nobody.</param>
/// <param name="Tenant">What goes with a fixed assignment; null for a device that is configured from outside.</param>
internal sealed record AgentConfiguration(DeviceConfiguration Device, Assignment? Assignment, TenantConfiguration? Tenant)
{
    /// <summary>What a file that says everything says for the tenant, as it was written; null for a device that is configured from outside.</summary>
    public JsonObject? Document { get; init; }

    public const string DefaultPath = "/etc/edge-agent/agent.json";

    public const string DefaultStateDirectory = "/var/lib/edge-agent";
}
