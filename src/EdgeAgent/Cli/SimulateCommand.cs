using System.CommandLine;
using System.Globalization;
using System.Runtime.InteropServices;
using EdgeAgent.Can;
using EdgeAgent.Can.Dbc;
using EdgeAgent.Cli.Can;
using EdgeAgent.Management.Configuration;
using EdgeAgent.Simulation;

namespace EdgeAgent.Cli;

/// <summary><c>edge-agent simulate</c>: a vehicle on a CAN interface, to try an installation on.</summary>
internal static class SimulateCommand
{
    private const double LeastSpeed = 0.01, MostSpeed = 1000, MostSeconds = 1_000_000;

    public static Command Create()
    {
        var bus = new Option<string>("--bus") { Description = "The CAN interface, such as vcan0. Never one that a vehicle is on.", HelpName = "INTERFACE", Required = true };
        var scenario = new Option<string?>("--scenario") { Description = "What is simulated; default: a drive with three ECUs that have trouble codes.", HelpName = "FILE" };
        var dbc = new Option<string?>("--dbc") { Description = "A DBC file whose messages are sent as often as it says.", HelpName = "FILE" };
        var speed = new Option<double>("--speed") { Description = "How many times as fast the drive goes.", HelpName = "X", DefaultValueFactory = _ => 1 };
        var seconds = new Option<double?>("--seconds") { Description = "Ends after so long; default: when it is told to.", HelpName = "N" };
        var command = new Command("simulate", """
            A vehicle on a CAN interface: ECUs that answer SAE J1979 (01 to 0A) and
            ISO 14229 (10, 11, 14, 19, 22, 27, 3E), and the messages of a DBC file.

            Its values follow its drive. A scenario says how it drives, which ECUs it
            has, and which answers are slow, refused, broken or missing. With the
            engine off its bus is silent.

            Exit codes: 0 done, 1 failed, 2 wrong usage, 5 input refused.

            Examples:
              ip link add vcan0 type vcan && ip link set vcan0 up
              edge-agent simulate --bus vcan0
              edge-agent simulate --bus vcan0 --scenario broken.json --dbc car.dbc
            """) { bus, scenario, dbc, speed, seconds };
        command.SetAction(async (result, _) =>
        {
            double factor = Within("--speed", result.GetValue(speed), LeastSpeed, MostSpeed);
            TimeSpan? end = result.GetValue(seconds) is { } given ? TimeSpan.FromSeconds(Within("--seconds", given, 0.1, MostSeconds)) : null;
            var what = Load(result.GetValue(scenario));
            return await RunAsync(result.GetValue(bus)!, what, Messages(result.GetValue(dbc) ?? what.Dbc), factor, end);
        });
        return command;
    }

    private static async Task<int> RunAsync(string bus, Scenario scenario, DbcDatabase? messages, double speed, TimeSpan? end)
    {
        var stopped = new TaskCompletionSource();
        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true;
            stopped.TrySetResult();
        }
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        try
        {
            using var vehicle = new VehicleBus(bus, scenario, messages, speed, TimeProvider.System);
            Console.Error.WriteLine($"edge-agent: simulating on {bus}: {string.Join(", ", scenario.Ecus.Select(ecu => $"{ecu.Name} {ecu.Id}"))}"
                + (vehicle.Broadcast is { } broadcast ? $"; {broadcast.Count} messages" + (broadcast.Skipped > 0 ? $" ({broadcast.Skipped} without signals or too long for a frame are not sent)" : "") : ""));
            var over = end is { } length ? Task.Delay(length, TimeProvider.System) : Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System);
            if (await Task.WhenAny(vehicle.Lost, stopped.Task, over) == vehicle.Lost) throw await vehicle.Lost;
            return ExitCode.Done;
        }
        catch (CanSourceException e)
        {
            throw CanListening.Refusal(e);
        }
    }

    private static Scenario Load(string? path)
    {
        try
        {
            return path is null ? ScenarioReader.Default : ScenarioReader.Load(path);
        }
        catch (ConfigurationException e)
        {
            throw new CommandException(ExitCode.InputRefused, e.Message, e);
        }
    }

    private static DbcDatabase Messages(string? path) =>
        path is not null ? DbcCommand.Load(path, "automatic", strict: false) : ScenarioReader.DefaultMessages;

    private static double Within(string option, double value, double least, double most) =>
        value >= least && value <= most ? value : throw new CommandException(ExitCode.WrongUsage, string.Create(CultureInfo.InvariantCulture, $"{option}: {value} is not from {least} to {most}"));
}
