namespace EdgeAgent.Tenancy.Access;

/// <summary>What somebody is to a tenant's devices, from least to most.</summary>
internal enum Role
{
    /// <summary>Looks.</summary>
    Viewer,

    /// <summary>Looks into vehicles.</summary>
    Technician,

    /// <summary>Sets devices up.</summary>
    Installer,

    /// <summary>May do everything.</summary>
    Admin,
}

/// <summary>The roles' names, and what each may do where the tenant's configuration says nothing else.</summary>
internal static class Roles
{
    private static readonly Operation[] Viewer = [Operation.Ping, Operation.Status, Operation.ReadSignals, Operation.ReadLedger];

    private static readonly Operation[] Technician =
        [.. Viewer, Operation.ReadConfiguration, Operation.ReadTroubleCodes, Operation.ReadFreezeFrames, Operation.QueryObd, Operation.DiscoverObd, Operation.RecordCan, Operation.CollectSupportBundle, Operation.FlushOutbox];

    private static readonly Operation[] Installer = [.. Technician, Operation.SetLogLevel, Operation.RestartAgent];

    public static IReadOnlyList<Role> All { get; } = Enum.GetValues<Role>();

    public static IEnumerable<string> Names => All.Select(Name);

    public static string Name(Role role) => role switch
    {
        Role.Viewer => "viewer",
        Role.Technician => "technician",
        Role.Installer => "installer",
        _ => "admin",
    };

    public static Role? TryParse(string name) => All.Any(role => Name(role) == name) ? All.First(role => Name(role) == name) : null;

    public static IReadOnlyCollection<Operation> Default(Role role) => role switch
    {
        Role.Viewer => Viewer,
        Role.Technician => Technician,
        Role.Installer => Installer,
        _ => Operation.All,
    };
}
