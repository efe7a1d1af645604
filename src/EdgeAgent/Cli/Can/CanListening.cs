using System.CommandLine;
using System.Globalization;
using EdgeAgent.Can;
using EdgeAgent.Can.SocketCan;

namespace EdgeAgent.Cli.Can;

/// <summary>What the commands that listen have in common: which interfaces and frames, and how long.</summary>
internal static class CanListening
{
    /// <summary>The longest time between two looks at the clock and at signals.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(100);

    public static Argument<string[]> Interfaces() => new("INTERFACE") { Description = "A CAN interface, such as can0; several are read together.", Arity = ArgumentArity.OneOrMore };

    public static Option<string[]> Filter() => new("--filter")
    {
        Description = "Frames of this identifier alone: three hexadecimal digits for 11 bits, eight for 29; with :MASK those that agree in the mask's bits. May be given again.",
        HelpName = "ID[:MASK]",
    };

    /// <summary>Opens all, or says what is wrong with the first that cannot be opened.</summary>
    /// <exception cref="CommandException">One of them cannot be opened.</exception>
    public static CanSocketSet Open(IReadOnlyList<string> names, IReadOnlyList<CanIdMask>? matching = null)
    {
        if (names.Count > CanSocketSet.MaxSockets) throw new CommandException(ExitCode.WrongUsage, $"at most {CanSocketSet.MaxSockets} interfaces can be read together");
        if (names.Distinct().Count() < names.Count) throw new CommandException(ExitCode.WrongUsage, "an interface is named twice");
        List<CanSocket> opened = [];
        try
        {
            foreach (string name in names) opened.Add(CanSocket.Open(name, new CanSocketOptions { Matching = matching, ListenOnly = true }));
            return new CanSocketSet(opened);
        }
        catch (CanSourceException e)
        {
            foreach (var socket in opened) socket.Dispose();
            throw Refusal(e);
        }
    }

    public static CommandException Refusal(CanSourceException e) => new(ExitCode.Of(e.Fault), e.Message, e);

    /// <summary>Says that an interface was lost.</summary>
    /// <param name="set">With the interface.</param>
    /// <param name="lost">Its place, as <see cref="CanSocketSet.Read"/> returned it; -1 for none.</param>
    /// <exception cref="CommandException">None is left.</exception>
    public static void Report(CanSocketSet set, int lost)
    {
        if (lost < 0) return;
        var fault = set.Sockets[lost].Fault!;
        // It was there when it was opened, so whoever named it made no mistake.
        if (set.Alive == 0) throw new CommandException(ExitCode.Failed, fault.Message, fault);
        Console.Error.WriteLine($"edge-agent: {fault.Message}; the others go on");
    }

    /// <summary>Says how many frames were lost, if any were.</summary>
    public static void ReportDrops(CanSocketSet set)
    {
        foreach (var socket in set.Sockets.Where(socket => socket.Dropped > 0))
            Console.Error.WriteLine($"edge-agent: {socket.InterfaceName}: the kernel dropped {socket.Dropped} frames, which came faster than they were read");
    }

    /// <exception cref="CommandException">One of them is no filter.</exception>
    public static IReadOnlyList<CanIdMask>? Parse(IReadOnlyList<string>? filters)
    {
        if (filters is null or { Count: 0 }) return null;
        if (filters.Count > 512) throw new CommandException(ExitCode.WrongUsage, "--filter: the kernel takes at most 512");
        return [.. filters.Select(Parse)];
    }

    private static CanIdMask Parse(string filter)
    {
        string[] parts = filter.Split(':');
        if (parts.Length <= 2 && CanId.TryParse(parts[0], out var id))
        {
            uint most = id.IsExtended ? CanId.MaxExtended : CanId.MaxStandard;
            if (parts.Length == 1) return new CanIdMask(id, most);
            if (Hex(parts[1]) is { } mask && mask <= most) return new CanIdMask(id, mask);
        }
        throw new CommandException(ExitCode.WrongUsage, $"--filter: '{filter}' is no filter: expected such as 123, 18FEF100 or 7E8:7F8");
    }

    private static uint? Hex(string text) =>
        text.Length is > 0 and <= 8 && uint.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint value) ? value : null;

    /// <summary>A number of an option within its limits.</summary>
    /// <exception cref="CommandException">It is outside.</exception>
    public static TimeSpan Seconds(string name, double seconds, double least, double most) => seconds >= least && seconds <= most ? TimeSpan.FromSeconds(seconds)
        : throw new CommandException(ExitCode.WrongUsage, string.Create(CultureInfo.InvariantCulture, $"{name}: {seconds} is not from {least} to {most}"));
}
