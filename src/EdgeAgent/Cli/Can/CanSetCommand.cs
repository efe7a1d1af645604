using System.CommandLine;
using System.Globalization;
using EdgeAgent.Can;
using EdgeAgent.Can.SocketCan;

namespace EdgeAgent.Cli.Can;

/// <summary><c>edge-agent can set</c>, <c>up</c>, <c>down</c>, <c>restart</c>: setting interfaces up, as <c>ip link set</c> does.</summary>
internal static class CanSetCommand
{
    private static readonly string[] OnOff = ["on", "off"];

    public static Command CreateSet() => Create("set", """
        Changes bit rate and modes of an interface that is down; what is not named
        stays. Needs root or CAP_NET_ADMIN.

        Exit codes: 0 done, 1 failed, 2 wrong usage, 4 not permitted,
        5 no such interface.

        Examples:
          edge-agent can set can0 --bitrate 500000 --restart-ms 100
          edge-agent can set can0 --bitrate 500000 --data-bitrate 2000000
        """, bringsUp: false);

    public static Command CreateUp() => Create("up", """
        Brings an interface up, with the same settings as set. Needs root or
        CAP_NET_ADMIN.

        Exit codes: 0 done, 1 failed, 2 wrong usage, 4 not permitted,
        5 no such interface.

        Examples:
          edge-agent can up can0 --bitrate 500000 --listen-only on
          edge-agent can up vcan0
        """, bringsUp: true);

    public static Command CreateDown() => OfOne("down", """
        Brings an interface down. Needs root or CAP_NET_ADMIN.

        Exit codes: 0 done, 1 failed, 2 wrong usage, 4 not permitted,
        5 no such interface.

        Example:
          edge-agent can down can0
        """, name => CanLinkControl.SetUp(name, false));

    public static Command CreateRestart() => OfOne("restart", """
        Lets a controller that is bus-off take part again. Needs root or CAP_NET_ADMIN.

        One that was set up with --restart-ms returns by itself.

        Exit codes: 0 done, 1 failed, 2 wrong usage, 4 not permitted,
        5 no such interface.

        Example:
          edge-agent can restart can0
        """, CanLinkControl.Restart);

    private static Command Create(string verb, string description, bool bringsUp)
    {
        var name = Interface();
        var bitRate = new Option<int?>("--bitrate") { Description = $"Nominal bit rate in bit/s, {CanLinkSettings.LowestBitRate} to {CanLinkSettings.HighestBitRate}.", HelpName = "N" };
        var samplePoint = new Option<double?>("--sample-point") { Description = "Where in a bit it is sampled, 0.5 to 0.95; default: what suits the bit rate.", HelpName = "P" };
        var dataBitRate = new Option<int?>("--data-bitrate") { Description = $"Bit rate of the data of CAN FD, up to {CanLinkSettings.HighestDataBitRate}; turns CAN FD on.", HelpName = "N" };
        var dataSamplePoint = new Option<double?>("--data-sample-point") { Description = "Its sample point.", HelpName = "P" };
        var restart = new Option<int?>("--restart-ms") { Description = "How long after bus-off the controller returns by itself, 0 (never) to 600000.", HelpName = "N" };
        var listenOnly = Switch("--listen-only", "Never sends, not even an acknowledgement.");
        var fd = Switch("--fd", "CAN FD; off with the bit rate alone.");
        var errors = Switch("--bus-errors", "Reports each error on the bus; they may come in floods.");
        var command = new Command(verb, description) { name, bitRate, samplePoint, dataBitRate, dataSamplePoint, restart, listenOnly, fd, errors };
        command.SetAction(result =>
        {
            string link = result.GetValue(name)!;
            var settings = new CanLinkSettings
            {
                BitTiming = Timing(result.GetValue(bitRate), result.GetValue(samplePoint), "--sample-point", "--bitrate"),
                DataBitTiming = Timing(result.GetValue(dataBitRate), result.GetValue(dataSamplePoint), "--data-sample-point", "--data-bitrate"),
                RestartAfter = result.GetValue(restart) is { } ms ? TimeSpan.FromMilliseconds(ms) : null,
            };
            settings = With(settings, CanControllerModes.ListenOnly, listenOnly, result.GetValue(listenOnly));
            settings = With(settings, CanControllerModes.Fd, fd, result.GetValue(fd));
            settings = With(settings, CanControllerModes.ErrorReporting, errors, result.GetValue(errors));
            bool isNothing = settings == new CanLinkSettings();
            if (isNothing && !bringsUp) throw new CommandException(ExitCode.WrongUsage, "nothing to set; see: edge-agent can set --help");
            Do(link, () =>
            {
                if (!isNothing) CanLinkControl.Configure(link, settings);
                if (bringsUp) CanLinkControl.SetUp(link, true);
            });
            return SigningArguments.Print(string.Join('\n', CanShowCommand.Lines(link, CanShowCommand.Read(link))));
        });
        return command;
    }

    private static Command OfOne(string verb, string description, Action<string> act)
    {
        var name = Interface();
        var command = new Command(verb, description) { name };
        command.SetAction(result =>
        {
            string link = result.GetValue(name)!;
            Do(link, () => act(link));
            return SigningArguments.Print(string.Join('\n', CanShowCommand.Lines(link, CanShowCommand.Read(link))));
        });
        return command;
    }

    private static void Do(string link, Action act)
    {
        try
        {
            _ = CanShowCommand.Read(link);
            act();
        }
        catch (CanSourceException e)
        {
            throw CanListening.Refusal(e);
        }
        catch (ArgumentOutOfRangeException e)
        {
            throw new CommandException(ExitCode.WrongUsage, e.Message.Split('\n')[0], e);
        }
    }

    private static CanBitTiming? Timing(int? bitRate, double? samplePoint, string pointName, string rateName)
    {
        if (bitRate is null) return samplePoint is null ? null : throw new CommandException(ExitCode.WrongUsage, $"{pointName} goes with {rateName}");
        if (samplePoint is not null and (< 0.5 or > 0.95)) throw new CommandException(ExitCode.WrongUsage, string.Create(CultureInfo.InvariantCulture, $"{pointName}: {samplePoint} is not from 0.5 to 0.95"));
        return new CanBitTiming(bitRate.Value, (int)Math.Round((samplePoint ?? 0) * 1000));
    }

    private static CanLinkSettings With(CanLinkSettings settings, CanControllerModes mode, Option<string?> option, string? value) => value switch
    {
        null => settings,
        "on" or "off" => settings.With(mode, value == "on"),
        _ => throw new CommandException(ExitCode.WrongUsage, $"{option.Name}: '{value}' is none of {string.Join(", ", OnOff)}"),
    };

    private static Option<string?> Switch(string name, string description) => new(name) { Description = description, HelpName = "on|off" };

    private static Argument<string> Interface() => new("INTERFACE") { Description = "A CAN interface, such as can0." };
}
