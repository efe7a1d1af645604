using EdgeAgent.Management;
using Microsoft.Extensions.Logging;

namespace EdgeAgent.Diagnostics;

/// <summary>What the loops beside the agent have in common: one that dies ends the service with an exit code, as the agent's own do.</summary>
internal static class HostedLoop
{
    /// <summary>Runs it; what it dies of is logged and thrown on, upon which the host stops.</summary>
    /// <param name="name">In the journal.</param>
    /// <param name="loop">Returns when it is told to stop.</param>
    /// <param name="logger">The journal.</param>
    public static async Task RunAsync(string name, Func<Task> loop, ILogger logger)
    {
        try
        {
            await loop();
        }
        catch (Exception e) when (e is not (OutOfMemoryException or OperationCanceledException))
        {
            ManagementLog.LoopDied(logger, name, e);
            // The host stops as if it had been asked to, and a service manager would take that for success.
            Environment.ExitCode = 1;
            throw;
        }
    }
}
