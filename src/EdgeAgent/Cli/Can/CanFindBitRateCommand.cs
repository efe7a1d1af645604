using System.CommandLine;
using System.Globalization;
using System.Runtime.InteropServices;
using EdgeAgent.Can;
using EdgeAgent.Can.Errors;
using EdgeAgent.Can.SocketCan;
using EdgeAgent.Cli.Doctor;
using EdgeAgent.Management;
using EdgeAgent.Tenancy.Access;

namespace EdgeAgent.Cli.Can;

/// <summary><c>edge-agent can find-bitrate</c>: listens at one bit rate after another until frames come.</summary>
internal static class CanFindBitRateCommand
{
    private const int MaxRates = 32;

    private const double DefaultSeconds = 2, LeastSeconds = 0.1, MostSeconds = 60;

    public static Command Create()
    {
        var name = new Argument<string>("INTERFACE") { Description = "A CAN interface with a controller, such as can0." };
        var rates = new Option<string?>("--rates") { Description = $"Bit rates to try, in bit/s and with commas; default {string.Join(", ", BitRateSearch.CommonRates)}.", HelpName = "N,N" };
        var seconds = new Option<double>("--seconds") { Description = "How long to listen at each, at most.", HelpName = "S", DefaultValueFactory = _ => DefaultSeconds };
        var yes = new Option<bool>("--yes") { Description = "Even if the running agent uses the interface, which is without it meanwhile." };
        var socket = LocalClient.Socket();
        var json = new Option<bool>("--json") { Description = "One JSON object." };
        var command = new Command("find-bitrate", """
            Finds the bit rate of a bus: listens at one after another, without sending
            anything, until whole frames come instead of errors. Then the interface is set
            up as before. The bus has to be in use by two nodes at least: what nobody
            acknowledges is no whole frame. Needs root or CAP_NET_ADMIN.

            Exit codes: 0 found, 1 not found, 2 wrong usage, 4 not permitted,
            5 no such interface.

            Examples:
              edge-agent can find-bitrate can0
              edge-agent can find-bitrate can0 --rates 250000,500000 --seconds 5 --json
            """) { name, rates, seconds, yes, socket, json };
        command.SetAction(async (result, stop) =>
        {
            string link = result.GetValue(name)!;
            var window = CanListening.Seconds("--seconds", result.GetValue(seconds), LeastSeconds, MostSeconds);
            var tried = Parse(result.GetValue(rates));
            if (!result.GetValue(yes)) await RefuseIfUsedAsync(link, result.GetValue(socket), stop);
            return Run(link, tried, window, result.GetValue(json));
        });
        return command;
    }

    private static int Run(string name, IReadOnlyList<int> rates, TimeSpan window, bool json)
    {
        using var stop = new StopSignal();
        // The other end of a terminal may go away, too.
        using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal => signal.Cancel = true);
        List<BitRateTrial> trials = [];
        BitRateTrial? found;
        try
        {
            _ = CanShowCommand.Read(name);
            found = BitRateSearch.Run(name, rates, window, trial =>
            {
                trials.Add(trial);
                Console.Error.WriteLine($"edge-agent: {name} at {Words(trial)}");
            }, TimeProvider.System, stop.Token);
        }
        catch (CanSourceException e)
        {
            throw CanListening.Refusal(e);
        }
        catch (OperationCanceledException e)
        {
            throw new CommandException(ExitCode.Failed, $"stopped; {name} is set up as before", e);
        }
        SigningArguments.Print(json ? Json(name, found, trials) : string.Join('\n', Lines(name, found, trials)));
        return found is null ? ExitCode.Failed : ExitCode.Done;
    }

    /// <summary>The agent would lose the bus for a while, and a search among its requests finds what it sends itself.</summary>
    private static async Task RefuseIfUsedAsync(string name, string? socket, CancellationToken stop)
    {
        const string remedy = "stop it first (systemctl stop edge-agent), or add --yes";
        try
        {
            var (answer, exitCode) = await LocalClient.AskAsync(socket, Operation.Status, [], stop);
            if (exitCode != ExitCode.Done || answer["result"] is not System.Text.Json.Nodes.JsonObject status)
                throw new CommandException(ExitCode.Failed, $"an agent runs and does not tell whether it uses {name}; {remedy}");
            if (AgentReading.Parse(status).Sources.Any(source => source.Interface == name)) throw new CommandException(ExitCode.Failed, $"the running agent uses {name}; {remedy}");
        }
        catch (CommandException e) when (e.ExitCode == ExitCode.NotRunning)
        {
            // Nobody uses it.
        }
    }

    /// <exception cref="CommandException">One of them is none.</exception>
    private static IReadOnlyList<int> Parse(string? rates)
    {
        if (rates is null) return BitRateSearch.CommonRates;
        string[] words = rates.Split(',', StringSplitOptions.TrimEntries);
        if (words.Length > MaxRates) throw new CommandException(ExitCode.WrongUsage, $"--rates: at most {MaxRates}");
        return [.. words.Select(word => int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out int rate) && rate is >= CanLinkSettings.LowestBitRate and <= CanLinkSettings.HighestBitRate ? rate
            : throw new CommandException(ExitCode.WrongUsage, $"--rates: '{word}' is no bit rate from {CanLinkSettings.LowestBitRate} to {CanLinkSettings.HighestBitRate} bit/s")).Distinct()];
    }

    internal static IEnumerable<string> Lines(string name, BitRateTrial? found, IReadOnlyList<BitRateTrial> trials)
    {
        if (found is not null)
        {
            yield return $"{name}: the bit rate is {(found.IsSure ? "" : "probably ")}{Words(found)}";
            yield return $"now:          edge-agent can down {name}";
            yield return $"              edge-agent can up {name} --bitrate {found.BitRate} --restart-ms 100";
            yield return $"at each boot: BitRate={found.BitRate} below [CAN] in /etc/systemd/network/80-can.network";
            yield return "              (example: /usr/share/edge-agent/examples), then networkctl reload";
            yield break;
        }
        string why = trials.All(trial => trial.Trouble is not null) ? "the controller takes none of these bit rates; its clock may give others (--rates)"
            : trials.All(trial => trial.Errors == 0) ? "nothing is on the bus: switch the ignition on, and check the plug (OBD: pins 6 and 14)"
            : "errors at all of them: check CAN_H, CAN_L and the termination (120 ohm at both ends), that two nodes are awake, and other bit rates (--rates)";
        foreach (string line in WordWrap.Lines($"{name}: not found: {why}")) yield return line;
    }

    private static string Words(BitRateTrial trial) => CanRemedy.RateText(trial.BitRate) + (trial.Trouble is not null ? ": the controller cannot do that"
        : string.Create(CultureInfo.InvariantCulture, $": {trial.Frames} frames, {trial.Errors} errors in {trial.Time.TotalSeconds:0.0} s"));

    private static string Json(string name, BitRateTrial? found, IReadOnlyList<BitRateTrial> trials) => JsonMembers.Text(json =>
    {
        json.WriteString("interface"u8, name);
        if (found is not null)
        {
            json.WriteNumber("bitrate"u8, found.BitRate);
            json.WriteBoolean("sure"u8, found.IsSure);
        }
        json.WriteStartArray("tried"u8);
        foreach (var trial in trials)
        {
            json.WriteStartObject();
            json.WriteNumber("bitrate"u8, trial.BitRate);
            json.WriteBoolean("possible"u8, trial.Trouble is null);
            json.WriteNumber("frames"u8, trial.Frames);
            json.WriteNumber("errors"u8, trial.Errors);
            json.WriteNumber("seconds"u8, Math.Round(trial.Time.TotalSeconds, 1));
            json.WriteEndObject();
        }
        json.WriteEndArray();
    });
}
