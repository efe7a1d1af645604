using EdgeAgent.Management.Provisioning;

namespace EdgeAgent.Cli.Doctor;

/// <summary>The device's own file and the agent's process.</summary>
internal static class AgentChecks
{
    public static IEnumerable<Finding> Setup(Facts facts)
    {
        const string check = "setup";
        var setup = facts.Setup;
        bool runs = facts.Agent.IsRunning;
        if (!setup.Exists)
        {
            yield return runs ? Finding.Skipped(Link.Setup, check, $"{setup.Path} does not exist; the agent runs with another file: name it with --provision or --config")
                : setup.AwaitsCertificate ? Finding.Failed(Link.Setup, check, "the device has made its key and waits for its certificate",
                    $"have {Provisioner.RequestName} on the boot partition signed, put {Provisioner.CertificateName} beside it and start the device anew, or: edge-agent provision certificate FILE")
                : Finding.Failed(Link.Setup, check, $"{setup.Path} does not exist, so the agent has nothing to start with", "provision the device, or name the file with --provision or --config");
        }
        else if (setup.IsHidden)
        {
            yield return Finding.Skipped(Link.Setup, check, $"{string.Join("; ", setup.Mistakes)}: run this as root or as a member of the group edge-agent");
        }
        else if (setup.Mistakes is [var first, ..])
        {
            string evidence = $"{setup.Path}: {first}{(setup.Mistakes.Count > 1 ? $" (and {setup.Mistakes.Count - 1} more)" : "")}";
            string remedy = $"correct it; all mistakes: edge-agent config validate {setup.Path}";
            yield return runs ? Finding.Warning(Link.Setup, check, $"{evidence}; the next start may fail", remedy) : Finding.Failed(Link.Setup, check, $"{evidence}; the agent does not start with it", remedy);
        }
        else
        {
            yield return Finding.Ok(Link.Setup, check, $"{setup.Path}: no mistakes");
        }
    }

    public static IEnumerable<Finding> Service(Facts facts)
    {
        const string check = "agent";
        var agent = facts.Agent;
        yield return agent switch
        {
            { IsRunning: false } => Finding.Failed(Link.Service, check, agent.Trouble ?? "the agent does not run", "systemctl start edge-agent; why it ended: journalctl -u edge-agent -n 50"),
            { IsNotPermitted: true } => Finding.Warning(Link.Service, check, $"runs, and tells this user nothing: {agent.Trouble}",
                "ask the tenant for the role viewer (access.users in its configuration), or ask as a user who has it"),
            { Status: null } => Finding.Failed(Link.Service, check, agent.Trouble ?? "gives no status", "systemctl restart edge-agent"),
            { Status: var status } => Finding.Ok(Link.Service, check, $"edge-agent {status.Version} answers for device {status.Device}"),
        };
    }
}
