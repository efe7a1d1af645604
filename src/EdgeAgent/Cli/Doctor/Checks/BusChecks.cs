using System.Globalization;
using EdgeAgent.Can;
using EdgeAgent.Can.Errors;

namespace EdgeAgent.Cli.Doctor;

/// <summary>Interfaces, what is on the buses, and what is taken from them.</summary>
internal static class BusChecks
{
    /// <summary>Below this a frame now and then is no bus that works.</summary>
    private const int ManyErrors = 10;

    /// <summary>Where a controller becomes error-warning (ISO 11898-1:2015 §12.1.4.4).</summary>
    private const int WarningLevel = 96;

    public static IEnumerable<Finding> Interface(Facts facts) => facts.Buses.Select(Interface);

    public static IEnumerable<Finding> Vehicle(Facts facts) => facts.Buses.Where(bus => !Interface(bus).Breaks).Select(bus => Vehicle(bus, IsHeldUp(facts)));

    public static IEnumerable<Finding> Decoding(Facts facts) => facts.Buses.Where(bus => bus.Source is not null && !Interface(bus).Breaks && !Vehicle(bus, IsHeldUp(facts)).Breaks).Select(Decoding);

    /// <summary>True if samples were captured that did not arrive: then it is not the end of a log that holds them up.</summary>
    private static bool IsHeldUp(Facts facts) =>
        facts.Status is { } status && (status.Outbox.BufferedSamples > 0 || status.Outbox.DeliveredSamples < status.Sources.Sum(source => source.Samples));

    private static Finding Interface(BusFacts bus)
    {
        if (bus.Interface is not { } name)
        {
            return bus.Source is { State: "retrying", Trouble: var why } ? Finding.Failed(Link.Interface, bus.Bus, why ?? "cannot be opened", "check the file or the adapter that sources[] names")
                : Finding.Ok(Link.Interface, bus.Bus, bus.Source?.State ?? "unknown");
        }
        if (bus.Link is not { } link)
            return Finding.Failed(Link.Interface, bus.Bus, $"the interface {name} does not exist", "edge-agent can show lists those that do; load its driver, plug the adapter in, or correct sources[].interface");
        string rate = link.BitTiming is { } timing ? CanRemedy.RateText(timing.BitRate) : "unknown bit rate";
        if (!link.IsUp) return Finding.Failed(Link.Interface, bus.Bus, $"the interface {name} is down", $"edge-agent can up {name}{(link.Kind == "can" ? " --bitrate 500000" : "")}");
        if (LooksLikeWrongBitRate(bus, out string errors))
        {
            return Finding.Failed(Link.Interface, bus.Bus, $"not one frame at {rate} but errors ({errors}): the bit rate is wrong, or the wires are",
                $"edge-agent can find-bitrate {name} tells the right one{(bus.Source is null ? "" : " (--yes, since the agent uses it)")}; if none brings frames check CAN_H, CAN_L and the termination (120 ohm at both ends)");
        }
        if (link.State is CanControllerState.BusOff)
            return Finding.Failed(Link.Interface, bus.Bus, $"{name} is bus-off at {rate}", CanRemedy.Of(name, CanControllerState.BusOff, link, Classes(bus))!);
        if (bus.Source is { State: "retrying", Trouble: { } trouble }) return Finding.Failed(Link.Interface, bus.Bus, trouble, $"edge-agent can show {name} tells how it is");
        string evidence = string.Join(", ", Words(bus, rate));
        return link.State is { } state && CanRemedy.Of(name, state, link, Classes(bus)) is { } remedy ? Finding.Warning(Link.Interface, bus.Bus, evidence, remedy) : Finding.Ok(Link.Interface, bus.Bus, evidence);
    }

    private static IEnumerable<string> Words(BusFacts bus, string rate)
    {
        var link = bus.Link!;
        yield return $"{bus.Interface} up";
        if (link.State is { } state) yield return $"{CanErrorText.NameOf(state)}, {rate}{(link.DataBitTiming is { } data ? $"/{CanRemedy.RateText(data.BitRate)}" : "")}";
        if (link.IsListenOnly || bus.Source?.IsListenOnly == true) yield return "only listens";
        if (link.SendErrorCounter is { } sending) yield return $"error counters {sending} sending, {link.ReceiveErrorCounter} receiving";
        if (bus.Source?.Errors is { Count: > 0 } errors) yield return "errors: " + string.Join(", ", errors.Select(error => $"{error.Name} {error.Count}"));
    }

    /// <summary>
    /// A receiver with another bit rate sees only broken frames: errors of stuffing and form, its receive error counter rises, and no frame comes. A
    /// node that is alone on the bus sees no acknowledgement and nothing else.
    /// </summary>
    private static bool LooksLikeWrongBitRate(BusFacts bus, out string errors)
    {
        var link = bus.Link!;
        long broken = (bus.Source?.Errors ?? []).Where(error => error.Name is "protocol" or "bus-error").Sum(error => error.Count);
        long alone = (bus.Source?.Errors ?? []).Where(error => error.Name is "no-acknowledge").Sum(error => error.Count);
        bool controllerSuffers = link.State is CanControllerState.ErrorWarning or CanControllerState.ErrorPassive or CanControllerState.BusOff && link.ReceiveErrorCounter >= WarningLevel;
        bool hasErrors = broken >= ManyErrors && broken > alone || controllerSuffers || bus.Erred >= ManyErrors;
        List<string> seen = [];
        if (broken > 0) seen.Add($"{broken} error frames");
        if (bus.Erred > 0) seen.Add($"{bus.Erred} in the last second");
        if (link.ReceiveErrorCounter is { } counter) seen.Add($"receive error counter {counter}");
        errors = string.Join(", ", seen);
        // Kernels before 5.17 count error frames as received ones too.
        return hasErrors && bus.Passed <= bus.Erred && bus.Source is null or { Frames: 0 };
    }

    /// <param name="bus">Which.</param>
    /// <param name="isHeldUp">From <see cref="IsHeldUp"/>.</param>
    private static Finding Vehicle(BusFacts bus, bool isHeldUp)
    {
        const string remedy = "switch the ignition on; if it is on, check the plug (OBD: pins 6 and 14) and whether this bus speaks without being asked";
        if (bus.Interface is null)
        {
            return bus.Source?.State == "ended" ? Finding.Warning(Link.Vehicle, bus.Bus, "the log that it replayed has ended", "name another log, or a CAN interface, in sources[]", breaks: !isHeldUp)
                : Finding.Ok(Link.Vehicle, bus.Bus, $"{bus.Source?.Frames ?? 0} frames read");
        }
        if (bus.Passed > 0) return Finding.Ok(Link.Vehicle, bus.Bus, $"{bus.Passed} frames on the bus in the last second");
        if (bus.Source?.SilentSeconds is { } silent)
            return Finding.Warning(Link.Vehicle, bus.Bus, string.Create(CultureInfo.InvariantCulture, $"no frame for {silent:0} s: the vehicle sleeps or is not connected"), remedy, breaks: true);
        return bus.Source is { Frames: > 0 } ? Finding.Ok(Link.Vehicle, bus.Bus, $"{bus.Source.Frames} frames read, none in the last second")
            : Finding.Warning(Link.Vehicle, bus.Bus, "no frame in the last second", remedy, breaks: true);
    }

    private static Finding Decoding(BusFacts bus)
    {
        var source = bus.Source!;
        if (source.Samples == 0 && (bus.Passed > 0 || source.Frames > 0))
        {
            return Finding.Failed(Link.Decoding, bus.Bus, $"the bus carries frames and none becomes a sample: {source.Frames} have an identifier that the DBC files select",
                $"compare: edge-agent can dump {bus.Interface ?? bus.Bus} --dbc FILE; then correct sources[].dbc and sources[].signals");
        }
        if (source.Dropped > 0)
            return Finding.Warning(Link.Decoding, bus.Bus, $"{source.Samples} samples of {source.Frames} frames; {source.Dropped} were dropped", "select fewer signals, or set sources[].receiveBufferBytes");
        return Finding.Ok(Link.Decoding, bus.Bus, $"{source.Samples} samples of {source.Frames} frames");
    }

    private static CanErrorClasses Classes(BusFacts bus)
    {
        var classes = CanErrorClasses.None;
        foreach (var (name, count) in bus.Source?.Errors ?? [])
        {
            int bit = CanErrorText.ClassNames.ToList().IndexOf(name);
            if (bit >= 0 && count > 0) classes |= (CanErrorClasses)(1 << bit);
        }
        return classes;
    }
}
