using System.Runtime.InteropServices;
using System.Text;
using EdgeAgent.Diagnostics;

namespace EdgeAgent.Cli.Doctor;

/// <summary>A process that has open what the agent may want for itself.</summary>
/// <param name="Process">Its number.</param>
/// <param name="Name">Its command's, at most 15 characters.</param>
/// <param name="Unit">The service that it belongs to; null for none.</param>
/// <param name="Uses">What it has open: <c>CAN</c> for sockets of SocketCAN, else a device.</param>
internal sealed record Neighbour(int Process, string Name, string? Unit, IReadOnlyList<string> Uses)
{
    /// <summary>Stands for sockets of SocketCAN; on which interface they are the kernel does not say.</summary>
    public const string Can = "CAN";
}

/// <summary>Who else is on the machine.</summary>
/// <param name="Units">The services that run.</param>
/// <param name="Processes">Those with CAN sockets, serial ports, a modem's or an I2C device open.</param>
/// <param name="IsPartial">True if this user may not see what all of them have open.</param>
internal sealed partial record NeighbourReading(IReadOnlySet<string> Units, IReadOnlyList<Neighbour> Processes, bool IsPartial)
{
    private static readonly string[] Devices = ["/dev/ttyS", "/dev/ttyAMA", "/dev/ttyUSB", "/dev/ttyACM", "/dev/cdc-wdm", "/dev/i2c-"];

    /// <param name="root">The directory that holds <c>proc</c>.</param>
    /// <param name="protocolOf">The protocol of a socket that a process has open, as the kernel names it; null for what is none.</param>
    public static NeighbourReading Read(string root = "/", Func<string, string?>? protocolOf = null)
    {
        var files = new SystemFiles(root);
        HashSet<string> units = [];
        List<Neighbour> processes = [];
        bool isPartial = false;
        foreach (string directory in files.Directories("proc", ""))
        {
            if (!int.TryParse(Path.GetFileName(directory), out int process) || process == Environment.ProcessId) continue;
            string name = (files.Text(Path.Combine(directory, "comm")) ?? "").TrimEnd('\n');
            string? unit = UnitOf(files.Text(Path.Combine(directory, "cgroup")) ?? "");
            if (unit is not null) units.Add(unit);
            if (name == "edge-agent") continue;
            var uses = Uses(Path.Combine(root, directory, "fd"), protocolOf ?? ProtocolOf);
            isPartial |= uses is null;
            if (uses?.Count > 0) processes.Add(new Neighbour(process, name, unit, uses));
        }
        return new NeighbourReading(units, processes, isPartial);
    }

    /// <summary>The service of a process (proc_pid_cgroup(5)): in the one hierarchy of version 2, or systemd's own of version 1.</summary>
    internal static string? UnitOf(string cgroups) =>
        (from line in cgroups.Split('\n')
         let parts = line.Split(':', 3)
         where parts.Length == 3 && parts[1] is "" or "name=systemd"
         from step in parts[2].Split('/')
         where step.EndsWith(".service", StringComparison.Ordinal)
         select step).FirstOrDefault();

    /// <summary>Null if this user may not see it. A process that has ended meanwhile uses nothing.</summary>
    private static List<string>? Uses(string directory, Func<string, string?> protocolOf)
    {
        SortedSet<string> uses = new(StringComparer.Ordinal);
        try
        {
            foreach (string file in Directory.EnumerateFileSystemEntries(directory))
            {
                string? target = new FileInfo(file).LinkTarget;
                if (target?.StartsWith("socket:", StringComparison.Ordinal) == true && protocolOf(file)?.StartsWith("CAN_", StringComparison.Ordinal) == true) uses.Add(Neighbour.Can);
                else if (target is not null && Devices.Any(device => target.StartsWith(device, StringComparison.Ordinal))) uses.Add(target);
            }
        }
        catch (UnauthorizedAccessException)
        {
            return null;
        }
        catch (IOException)
        {
            // It has ended meanwhile.
        }
        return [.. uses];
    }

    /// <summary>What lsof(8) goes by, too: an attribute of every socket.</summary>
    private static string? ProtocolOf(string file)
    {
        Span<byte> name = stackalloc byte[64];
        long length = GetAttribute(file, "system.sockprotoname", name, name.Length);
        return length <= 0 ? null : Encoding.ASCII.GetString(name[..(int)length]).TrimEnd('\0');
    }

    [LibraryImport("libc", EntryPoint = "getxattr", StringMarshalling = StringMarshalling.Utf8)]
    private static partial long GetAttribute(string path, string name, Span<byte> value, nint size);
}
