using System.Globalization;

namespace EdgeAgent.Cli.Doctor;

/// <summary>Clock and memory.</summary>
internal static class MachineChecks
{
    /// <summary>This version did not exist before: a clock that says so is wrong.</summary>
    private static readonly DateTimeOffset Earliest = new(2025, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private const double LowMemory = 0.10, NoMemory = 0.03;

    public static IEnumerable<Finding> Clock(Facts facts)
    {
        const string check = "clock";
        string now = facts.Machine.Now.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);
        if (facts.Machine.Now < Earliest)
        {
            // Certificates are not valid yet to a clock that is behind.
            bool breaks = facts.Network?.IsTls == true && facts.Status?.Broker.IsConnected != true;
            yield return Finding.Failed(Link.Clock, check, $"the clock says {now}, which cannot be{(breaks ? ": no certificate is valid then" : "")}",
                "set it: timedatectl set-ntp true, and let it reach a time server; check the battery of the real-time clock", breaks);
        }
        else if (!facts.Machine.ClockIsSynchronized)
        {
            yield return Finding.Warning(Link.Clock, check, $"{now}, and nothing has synchronised it: records are marked so", "timedatectl timesync-status; start systemd-timesyncd or chrony");
        }
        else
        {
            yield return Finding.Ok(Link.Clock, check, $"{now}, synchronised");
        }
    }

    public static IEnumerable<Finding> Memory(Facts facts)
    {
        const string check = "memory";
        if (facts.Machine is not { MemoryAvailableBytes: { } free, MemoryTotalBytes: { } total and > 0 })
        {
            yield return Finding.Skipped(Link.Machine, check, "/proc/meminfo does not tell");
            yield break;
        }
        string evidence = string.Create(CultureInfo.InvariantCulture, $"{free / 1e6:0} MB of {total / 1e6:0} MB available");
        const string remedy = "see what takes it: ps aux --sort -rss; the kernel may end the agent";
        yield return free < NoMemory * total ? Finding.Failed(Link.Machine, check, evidence, remedy, breaks: false)
            : free < LowMemory * total ? Finding.Warning(Link.Machine, check, evidence, remedy) : Finding.Ok(Link.Machine, check, evidence);
    }
}
