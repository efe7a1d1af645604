namespace EdgeAgent.Cli.Doctor;

/// <summary>Whoever else wants the buses, the serial ports and the modem. Nothing of it stops data by itself.</summary>
internal static class NeighbourChecks
{
    private const string Check = "neighbours";

    /// <summary>AutoPi's own software is one service: its parts for CAN, OBD, modem, GNSS and power are threads and children of it.</summary>
    private const string AutoPi = "salt-minion.service";

    private const string ModemManager = "ModemManager.service";

    public static IEnumerable<Finding> Neighbours(Facts facts)
    {
        var neighbours = facts.Neighbours;
        Finding?[] troubles = [AutoPiOf(facts), SerialOf(facts)];
        if (troubles.All(trouble => trouble is null))
        {
            string[] who = [.. neighbours.Processes.Where(process => process.Uses.Contains(Neighbour.Can)).Select(Describe)];
            yield return Finding.Ok(Link.Machine, Check, who.Length > 0 ? $"the buses are also used by {string.Join(", ", who)}"
                : neighbours.IsPartial ? "no service is known that wants the buses; root sees more" : "nobody else uses CAN");
        }
        foreach (var trouble in troubles.OfType<Finding>()) yield return trouble;
    }

    private static Finding? AutoPiOf(Facts facts)
    {
        if (!facts.Neighbours.Units.Contains(AutoPi)) return null;
        string[] uses = [.. facts.Neighbours.Processes.Where(process => process.Unit == AutoPi).SelectMany(process => process.Uses).Distinct().Order(StringComparer.Ordinal)];
        string evidence = $"AutoPi's own software runs ({AutoPi}{(uses.Length > 0 ? $": {string.Join(", ", uses.Select(Words))}" : "")})";
        bool wantsCan = facts.Buses.Any(bus => bus.Interface is not null);
        // Without the right to look it may well have the bus open.
        if (!wantsCan || !uses.Contains(Neighbour.Can) && !facts.Neighbours.IsPartial) return Finding.Ok(Link.Machine, Check, $"{evidence}; it leaves the buses alone");
        return Finding.Warning(Link.Machine, Check, $"{evidence}: it sets CAN interfaces up with a bit rate of its own and down again, and asks the same ECUs",
            "let one of both have the bus: /usr/share/edge-agent/coexistence.md; do not merely stop it: its heartbeat keeps the power on");
    }

    private static Finding? SerialOf(Facts facts)
    {
        // An adapter that is opened well has no rival.
        if (!facts.Buses.Any(bus => bus is { Interface: null, Source: { State: "retrying" } })) return null;
        var holders = facts.Neighbours.Processes.Where(process => process.Unit != AutoPi && process.Uses.Any(use => use.StartsWith("/dev/tty", StringComparison.Ordinal))).ToArray();
        if (holders.Length > 0)
            return Finding.Warning(Link.Machine, Check, $"a serial adapter cannot be opened, and serial ports are held by {string.Join(", ", holders.Select(Describe))}", "stop who holds the adapter's port, or give the agent another");
        return facts.Neighbours.Units.Contains(ModemManager)
            ? Finding.Warning(Link.Machine, Check, $"a serial adapter cannot be opened, and {ModemManager} tries every serial port for a modem", "/usr/share/edge-agent/coexistence.md says how to keep it off the adapter")
            : null;
    }

    private static string Describe(Neighbour neighbour) => $"{neighbour.Name} ({neighbour.Unit ?? $"process {neighbour.Process}"}: {string.Join(", ", neighbour.Uses.Select(Words))})";

    private static string Words(string use) => use == Neighbour.Can ? "CAN sockets" : use;
}
