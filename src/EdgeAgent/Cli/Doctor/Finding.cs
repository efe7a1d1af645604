namespace EdgeAgent.Cli.Doctor;

/// <summary>What a check comes to.</summary>
internal enum Outcome
{
    /// <summary>As it should be.</summary>
    Ok,

    /// <summary>To be looked at.</summary>
    Warning,

    /// <summary>Something does not work.</summary>
    Failed,

    /// <summary>It cannot be told here.</summary>
    Skipped,
}

/// <summary>The links of the chain that a record goes along, and of what holds them; in the order in which they are looked at for the first that is broken.</summary>
internal enum Link
{
    /// <summary>The device's own file.</summary>
    Setup,

    /// <summary>The agent's process.</summary>
    Service,

    /// <summary>The CAN interface or adapter.</summary>
    Interface,

    /// <summary>What is on the bus.</summary>
    Vehicle,

    /// <summary>From frames to selected signals.</summary>
    Decoding,

    /// <summary>Whose the device is.</summary>
    Assignment,

    /// <summary>What the tenant wants captured.</summary>
    Configuration,

    /// <summary>The outbox on the disk.</summary>
    Store,

    /// <summary>The machine's time.</summary>
    Clock,

    /// <summary>The broker's host by DNS.</summary>
    Name,

    /// <summary>The way to its address.</summary>
    Route,

    /// <summary>Its port.</summary>
    Tcp,

    /// <summary>Its certificate and this device's.</summary>
    Tls,

    /// <summary>User and password.</summary>
    Credentials,

    /// <summary>What the broker lets this device publish and subscribe.</summary>
    Access,

    /// <summary>From the outbox to the broker's acknowledgement.</summary>
    Delivery,

    /// <summary>The rest of the machine, on which no record waits.</summary>
    Machine,
}

/// <summary>What one check found.</summary>
/// <param name="Link">Where on the way of the data.</param>
/// <param name="Check">What was looked at, in a word or two: <c>can0</c>, <c>clock</c>.</param>
/// <param name="Outcome">How it is.</param>
/// <param name="Evidence">What was seen, for people.</param>
/// <param name="Remedy">What to do; null for nothing.</param>
internal sealed record Finding(Link Link, string Check, Outcome Outcome, string Evidence, string? Remedy = null)
{
    /// <summary>True if no record gets past it.</summary>
    public bool Breaks { get; init; }

    public static Finding Ok(Link link, string check, string evidence) => new(link, check, Outcome.Ok, evidence);

    public static Finding Skipped(Link link, string check, string why) => new(link, check, Outcome.Skipped, why);

    public static Finding Warning(Link link, string check, string evidence, string remedy, bool breaks = false) => new(link, check, Outcome.Warning, evidence, remedy) { Breaks = breaks };

    public static Finding Failed(Link link, string check, string evidence, string remedy, bool breaks = true) => new(link, check, Outcome.Failed, evidence, remedy) { Breaks = breaks };
}
