namespace EdgeAgent.Management.Updates;

/// <summary>
/// Where the agent and whoever installs for it meet. The agent, which can write nothing but its own state, leaves a request and a package there; root
/// copies both, and leaves what came of it in a directory of its own.
/// </summary>
internal static class UpdatePlaces
{
    /// <summary>In the agent's state directory. <c>edge-agent-update.path</c> waits for the request.</summary>
    public const string Request = "update/request.json", Package = "update/package.deb";

    /// <summary>Root's own; it exists where the package has been installed.</summary>
    public const string Directory = "/var/lib/edge-agent-update";

    /// <summary>In <see cref="Directory"/>; the agent reads it.</summary>
    public const string Result = "result.json";

    /// <summary>Whose <c>platformKeys</c> sign releases.</summary>
    public const string Provisioning = "/etc/edge-agent/provision.json";
}
