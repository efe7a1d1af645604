using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using EdgeAgent.Can;
using EdgeAgent.Can.Errors;
using EdgeAgent.Can.SocketCan;
using EdgeAgent.Management;

namespace EdgeAgent.Cli.Can;

/// <summary><c>edge-agent can show</c>: how interfaces and their controllers are, and what to do.</summary>
internal static class CanShowCommand
{
    public static Command Create()
    {
        var names = new Argument<string[]>("INTERFACE") { Description = "CAN interfaces; without one all that there are.", Arity = ArgumentArity.ZeroOrMore };
        var json = new Option<bool>("--json") { Description = "One JSON object an interface." };
        var command = new Command("show", """
            Shows how CAN interfaces are: up or down, the controller's state, bit rate,
            modes and counters, and what to do about one that is not well.

            Exit codes: 0 done, 1 failed, 2 wrong usage, 4 not permitted,
            5 no such interface.

            Examples:
              edge-agent can show
              edge-agent can show can0 --json
            """) { names, json };
        command.SetAction(result =>
        {
            string[] asked = result.GetValue(names) ?? [];
            if (asked.Length == 0) asked = [.. CanInterfaces()];
            if (asked.Length == 0) throw new CommandException(ExitCode.Failed, "there is no CAN interface; a controller needs its driver, a virtual one: ip link add vcan0 type vcan");
            foreach (string name in asked)
            {
                var link = Read(name);
                SigningArguments.Print(result.GetValue(json) ? Json(name, link) : string.Join('\n', Lines(name, link)));
            }
            return ExitCode.Done;
        });
        return command;
    }

    /// <summary>The interfaces of the kernel that carry CAN (ARPHRD_CAN), by name.</summary>
    internal static IEnumerable<string> CanInterfaces(string root = "/sys/class/net")
    {
        const string can = "280";
        return !Directory.Exists(root) ? []
            : Directory.EnumerateDirectories(root).Where(path => File.Exists(Path.Combine(path, "type")) && File.ReadAllText(Path.Combine(path, "type")).Trim() == can)
                .Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal);
    }

    internal static CanLinkInfo Read(string name)
    {
        try
        {
            var link = CanLinkInfo.Read(name);
            return link.Kind is "can" or "vcan" or "vxcan" || CanInterfaces().Contains(name) ? link
                : throw new CanSourceException(CanSourceFault.NotCan, $"{name} is no CAN interface; `edge-agent can show` shows which are");
        }
        catch (CanSourceException e)
        {
            throw CanListening.Refusal(e);
        }
    }

    internal static IEnumerable<string> Lines(string name, CanLinkInfo link)
    {
        List<string> head = [link.IsUp ? "up" : "down"];
        if (link.State is { } state) head.Add(CanErrorText.NameOf(state));
        else head.Add(link.Kind.Length > 0 ? $"{link.Kind}, no controller" : "no controller");
        if (link.BitTiming is { } nominal) head.Add(Timing(nominal));
        if (link.DataBitTiming is { } data) head.Add($"data {Timing(data)}");
        if (link.Modes != CanControllerModes.None) head.Add(Modes(link.Modes));
        if (link.RestartAfter is { } restart) head.Add(restart == TimeSpan.Zero ? "no restart after bus-off" : string.Create(CultureInfo.InvariantCulture, $"restart {restart.TotalMilliseconds:0} ms after bus-off"));
        foreach (string line in CanStatsCommand.Wrapped($"{name}: {string.Join(", ", head)}")) yield return line;
        var counted = link.Statistics;
        foreach (string line in CanStatsCommand.Wrapped(
            $"  received {counted.ReceivedFrames} frames, {counted.ReceiveErrors} errors, {counted.ReceiveDropped} dropped; sent {counted.SentFrames} frames, {counted.SendErrors} errors, {counted.SendDropped} dropped")) yield return line;
        if (link.SendErrorCounter is { } sending) yield return $"  error counters: {sending} sending, {link.ReceiveErrorCounter} receiving";
        if (link.DeviceStatistics is { } device)
        {
            foreach (string line in CanStatsCommand.Wrapped(
                $"  since it was made: error-warning {device.Warnings}, error-passive {device.Passives}, bus-off {device.BusOffs}, restarts {device.Restarts}, bus errors {device.BusErrors}, arbitration lost {device.ArbitrationLost}")) yield return line;
        }
        if (Remedy(name, link) is not { } remedy) yield break;
        foreach (string line in CanStatsCommand.Wrapped("  " + remedy)) yield return line;
    }

    private static string? Remedy(string name, CanLinkInfo link)
    {
        if (link is { State: null, IsUp: false }) return $"bring it up with: edge-agent can up {name}";
        return link.State is { } state ? CanRemedy.Of(name, state, link, CanErrorClasses.None) : null;
    }

    private static string Timing(CanBitTiming timing) => CanRemedy.RateText(timing.BitRate)
        + (timing.SamplePoint > 0 ? string.Create(CultureInfo.InvariantCulture, $" sampled at {timing.SamplePoint / 10.0:0.#} %") : "");

    private static string Modes(CanControllerModes modes)
    {
        (CanControllerModes Mode, string Text)[] known =
        [
            (CanControllerModes.ListenOnly, "listen-only"), (CanControllerModes.Fd, "CAN FD"), (CanControllerModes.FdNonIso, "non-ISO FD"), (CanControllerModes.Loopback, "loopback"),
            (CanControllerModes.OneShot, "one-shot"), (CanControllerModes.TripleSampling, "triple sampling"), (CanControllerModes.ErrorReporting, "reports bus errors"), (CanControllerModes.PresumeAcknowledge, "presumes acknowledgement"),
        ];
        return string.Join(", ", known.Where(one => modes.HasFlag(one.Mode)).Select(one => one.Text));
    }

    internal static string Json(string name, CanLinkInfo link) => JsonMembers.Text(json =>
    {
        json.WriteString("interface"u8, name);
        json.WriteString("kind"u8, link.Kind);
        json.WriteBoolean("up"u8, link.IsUp);
        if (link.State is { } state) json.WriteString("controller"u8, CanErrorText.NameOf(state));
        Write(json, "", link.BitTiming);
        Write(json, "data", link.DataBitTiming);
        json.WriteBoolean("fd"u8, link.Mtu == CanFrame.SizeOf);
        json.WriteBoolean("listenOnly"u8, link.IsListenOnly);
        if (link.ClockHz is { } clock) json.WriteNumber("clockHz"u8, clock);
        if (link.RestartAfter is { } restart) json.WriteNumber("restartMs"u8, restart.TotalMilliseconds);
        if (link.SendErrorCounter is { } sending) json.WriteNumber("sendErrorCounter"u8, sending);
        if (link.ReceiveErrorCounter is { } receiving) json.WriteNumber("receiveErrorCounter"u8, receiving);
        if (link.DeviceStatistics is { } device)
        {
            json.WriteStartObject("since"u8);
            json.WriteNumber("error-warning"u8, device.Warnings);
            json.WriteNumber("error-passive"u8, device.Passives);
            json.WriteNumber("bus-off"u8, device.BusOffs);
            json.WriteNumber("restarted"u8, device.Restarts);
            json.WriteNumber("bus-error"u8, device.BusErrors);
            json.WriteNumber("arbitration-lost"u8, device.ArbitrationLost);
            json.WriteEndObject();
        }
        json.WriteNumber("receivedFrames"u8, link.Statistics.ReceivedFrames);
        json.WriteNumber("sentFrames"u8, link.Statistics.SentFrames);
        json.WriteNumber("receiveErrors"u8, link.Statistics.ReceiveErrors);
        json.WriteNumber("sendErrors"u8, link.Statistics.SendErrors);
        if (Remedy(name, link) is { } remedy) json.WriteString("remedy"u8, remedy);
    });

    private static void Write(Utf8JsonWriter json, string of, CanBitTiming? timing)
    {
        if (timing is not { } known) return;
        json.WriteNumber(of.Length == 0 ? "bitrate" : "dataBitrate", known.BitRate);
        if (known.SamplePoint > 0) json.WriteNumber(of.Length == 0 ? "samplePoint" : "dataSamplePoint", known.SamplePoint / 1000.0);
    }
}
