using System.Globalization;
using EdgeAgent.Outbox;

namespace EdgeAgent.Cli.Doctor;

/// <summary>The outbox: its disk, what it lost, and how worn the flash is.</summary>
internal static class StoreChecks
{
    /// <summary>Less holds no transaction.</summary>
    private const long NothingLeft = 1024 * 1024;

    private const int WornLifeTime = 10, OverLifeTime = 11, WornPreEol = 2, UrgentPreEol = 3;

    public static IEnumerable<Finding> Store(Facts facts)
    {
        const string check = "store";
        var machine = facts.Machine;
        string directory = machine.StoreDirectory;
        if (machine.DiskIsReadOnly)
        {
            yield return Finding.Failed(Link.Store, check, $"{directory} is on a file system that is mounted read-only: nothing can be stored",
                "see dmesg for errors of the disk; after fsck: mount -o remount,rw; replace the flash if it comes again");
        }
        else if (machine.DiskFreeBytes < NothingLeft)
        {
            yield return Finding.Failed(Link.Store, check, $"the disk of {directory} is full ({Megabytes(machine.DiskFreeBytes)} of {Megabytes(machine.DiskTotalBytes)} free): what the broker does not take at once is lost",
                $"make room there: du -x -h -d1 {Mount(directory)}; journalctl --vacuum-size=16M; lower outbox.maxBytes");
        }
        else if (facts.Status?.StoreTrouble is { } trouble)
        {
            yield return Finding.Failed(Link.Store, check, $"{directory} cannot be written: {trouble}", "make it writable for the agent's user (edge-agent); see dmesg for errors of the disk");
        }
        else if (machine.DiskFreeBytes is not { } free)
        {
            yield return Finding.Skipped(Link.Store, check, $"{directory} cannot be looked at");
        }
        else if (free < ReserveOf(facts))
        {
            yield return Finding.Warning(Link.Store, check, $"{Megabytes(free)} of {Megabytes(machine.DiskTotalBytes)} free, less than the reserve of {Megabytes(ReserveOf(facts))}: what is stored takes the place of something older", "make room, or lower outbox.maxBytes");
        }
        else
        {
            string stored = facts.Status is { } status ? $"{Megabytes(status.Outbox.StoredBytes)} stored, " : "";
            yield return Finding.Ok(Link.Store, check, $"{stored}{Megabytes(free)} of {Megabytes(machine.DiskTotalBytes)} free at {directory}");
        }
        if (machine.SegmentsAside > 0)
        {
            yield return Finding.Warning(Link.Store, "segments", $"{machine.SegmentsAside} damaged segments were set aside (*.broken): the power was cut, or the flash fails",
                "send them to the maker if they grow more; then delete them");
        }
    }

    public static IEnumerable<Finding> Ledger(Facts facts)
    {
        const string check = "ledger";
        if (facts.Status is not { } status)
        {
            yield return Finding.Skipped(Link.Store, check, "the running agent alone tells");
            yield break;
        }
        var outbox = status.Outbox;
        yield return outbox.Evicted + outbox.Corrupt + outbox.Unconfirmed == 0
            ? Finding.Ok(Link.Store, check, $"{outbox.DeliveredSamples} samples delivered, {outbox.BufferedSamples} wait, none is lost")
            : Finding.Warning(Link.Store, check, $"given up for room {outbox.Evicted}, lost to the disk {outbox.Corrupt}, unconfirmed (power cuts) {outbox.Unconfirmed}",
                "which records and why: edge-agent ledger verify; a larger outbox.quotaBytes holds longer absences of the broker");
    }

    public static IEnumerable<Finding> Wear(Facts facts)
    {
        foreach (var flash in facts.Machine.Flash)
        {
            string used = flash.LifeTime >= OverLifeTime ? "more than all of its life" : $"up to {10 * flash.LifeTime} % of its life";
            string evidence = $"{flash.Device} has used {used}{(flash.PreEol >= WornPreEol ? $", spare blocks: {(flash.PreEol >= UrgentPreEol ? "urgent" : "80 % used")}" : "")}";
            yield return flash.LifeTime >= OverLifeTime || flash.PreEol >= UrgentPreEol ? Finding.Failed(Link.Machine, "flash", evidence, "replace the device soon: it may become read-only at any time", breaks: false)
                : flash.LifeTime >= WornLifeTime || flash.PreEol >= WornPreEol ? Finding.Warning(Link.Machine, "flash", evidence, "plan to replace it; a larger outbox.flushAfterSeconds writes less")
                : Finding.Ok(Link.Machine, "flash", evidence);
        }
        if (facts.Machine.Flash.Count == 0) yield return Finding.Skipped(Link.Machine, "flash", "no eMMC tells how worn it is (/sys/block/*/device/life_time)");
    }

    private static long ReserveOf(Facts facts) => facts.Setup.Configuration?.Device.Outbox.ReserveBytes ?? OutboxOptions.DefaultReserveBytes;

    private static string Mount(string directory) => Path.GetPathRoot(directory) is { Length: > 0 } root ? root : "/";

    private static string Megabytes(long? bytes) => bytes is { } known ? string.Create(CultureInfo.InvariantCulture, $"{known / 1e6:0.#} MB") : "?";
}
