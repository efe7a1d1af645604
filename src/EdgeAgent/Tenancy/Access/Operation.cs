namespace EdgeAgent.Tenancy.Access;

/// <summary>Something that one can ask of a device. Only those named here exist.</summary>
internal readonly record struct Operation
{
    private readonly string? _name;

    private Operation(string name) => _name = name;

    /// <summary>Answers; changes nothing.</summary>
    public static Operation Ping { get; } = new("ping");

    /// <summary>How the agent is.</summary>
    public static Operation Status { get; } = new("status");

    /// <summary>Shows the last values of signals.</summary>
    public static Operation ReadSignals { get; } = new("signals.read");

    /// <summary>Shows what became of the tenant's records.</summary>
    public static Operation ReadLedger { get; } = new("ledger.read");

    /// <summary>Shows the configuration in force.</summary>
    public static Operation ReadConfiguration { get; } = new("config.read");

    /// <summary>Reads trouble codes.</summary>
    public static Operation ReadTroubleCodes { get; } = new("dtc.read");

    /// <summary>Clears trouble codes: it writes to the vehicle.</summary>
    public static Operation ClearTroubleCodes { get; } = new("dtc.clear");

    /// <summary>Reads freeze frames.</summary>
    public static Operation ReadFreezeFrames { get; } = new("dtc.freeze");

    /// <summary>Asks which ECUs there are and what they offer.</summary>
    public static Operation DiscoverObd { get; } = new("obd.discover");

    /// <summary>Asks an OBD service.</summary>
    public static Operation QueryObd { get; } = new("obd.query");

    /// <summary>Records raw frames for a while.</summary>
    public static Operation RecordCan { get; } = new("can.record");

    /// <summary>Changes what is logged, for a while.</summary>
    public static Operation SetLogLevel { get; } = new("log.level");

    /// <summary>Publishes what waits.</summary>
    public static Operation FlushOutbox { get; } = new("outbox.flush");

    /// <summary>Ends the agent; the service manager starts it anew.</summary>
    public static Operation RestartAgent { get; } = new("agent.restart");

    /// <summary>Installs another release of the agent.</summary>
    public static Operation UpdateAgent { get; } = new("agent.update");

    /// <summary>Everything that helps to find out what is wrong, without secrets.</summary>
    public static Operation CollectSupportBundle { get; } = new("support-bundle");

    public static IReadOnlyList<Operation> All { get; } =
        [Ping, Status, ReadSignals, ReadLedger, ReadConfiguration, ReadTroubleCodes, ClearTroubleCodes, ReadFreezeFrames, QueryObd, DiscoverObd, RecordCan, SetLogLevel, FlushOutbox, RestartAgent, UpdateAgent, CollectSupportBundle];

    /// <summary>The name in documents and configurations.</summary>
    public string Name => _name ?? throw new InvalidOperationException("An operation that was never set.");

    public static bool TryParse(string name, out Operation operation)
    {
        operation = All.FirstOrDefault(known => known.Name == name);
        return operation != default;
    }

    public override string ToString() => Name;
}
