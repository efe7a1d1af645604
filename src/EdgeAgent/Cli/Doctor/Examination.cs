namespace EdgeAgent.Cli.Doctor;

/// <summary>All checks, in the order in which they are shown: along the way of the data, then the machine.</summary>
internal static class Examination
{
    private static readonly Func<Facts, IEnumerable<Finding>>[] Checks =
    [
        AgentChecks.Setup, AgentChecks.Service,
        BusChecks.Interface, BusChecks.Vehicle, BusChecks.Decoding,
        TenancyChecks.Assignment, TenancyChecks.Configuration,
        StoreChecks.Store, StoreChecks.Ledger,
        MachineChecks.Clock,
        NetworkChecks.Name, NetworkChecks.Route, NetworkChecks.Tcp, NetworkChecks.Tls, NetworkChecks.Certificates, NetworkChecks.Credentials,
        DeliveryChecks.Access, DeliveryChecks.Delivery,
        NeighbourChecks.Neighbours, MachineChecks.Memory, StoreChecks.Wear,
    ];

    public static IReadOnlyList<Finding> Of(Facts facts) => [.. Checks.SelectMany(check => check(facts))];

    /// <summary>The first link of the chain that no record gets past; null if there is none.</summary>
    public static Finding? FirstBroken(IEnumerable<Finding> findings) => findings.Where(finding => finding.Breaks).OrderBy(finding => finding.Link).FirstOrDefault();

    /// <summary>What it means to the shell: 0 well or with warnings, 1 something failed, 3 the agent does not run.</summary>
    public static int ExitCodeOf(Facts facts, IEnumerable<Finding> findings) =>
        !facts.Agent.IsRunning ? ExitCode.NotRunning : findings.Any(finding => finding.Outcome == Outcome.Failed) ? ExitCode.Failed : ExitCode.Done;
}
