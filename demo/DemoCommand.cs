using System.CommandLine;
using System.Globalization;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using EdgeAgent.Can.Dbc;
using EdgeAgent.Demo.Broker;
using EdgeAgent.Demo.Vehicle;

namespace EdgeAgent.Demo;

/// <summary>The command line of the demo.</summary>
internal static class DemoCommand
{
    private const double FastestReplay = 100;

    public static async Task<int> InvokeAsync(string[] arguments)
    {
        var parsed = Create().Parse(arguments);
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors) Console.Error.WriteLine($"demo: {error.Message}");
            Console.Error.WriteLine("demo: try: ./build.sh demo --help");
            return ExitCode.WrongUsage;
        }

        // The first Ctrl+C (or SIGTERM, or the terminal's end) ends everything in order; nothing may be left behind.
        using var stop = new CancellationTokenSource();
        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true;
            stop.Cancel();
        }
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Stop);
        try
        {
            return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null }, stop.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            Console.Error.WriteLine("demo: interrupted; agent and broker are stopped, and nothing is left behind");
            return ExitCode.Interrupted;
        }
        catch (DemoException e)
        {
            Console.Error.WriteLine($"demo: {e.Message}");
            return e.ExitCode;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException or SocketException or DbcException)
        {
            Console.Error.WriteLine($"demo: {e.Message}");
            return ExitCode.Failed;
        }
    }

    private static RootCommand Create()
    {
        var agent = new Option<string>("--agent") { Description = "The agent's executable.", HelpName = "PATH", Required = true, Hidden = true };
        var broker = new Option<string?>("--broker") { Description = "A broker to use, instead of one inside the demo.", HelpName = "mqtt://HOST:PORT" };
        var keep = new Option<bool>("--keep") { Description = "Afterwards drives again and again, to be watched with mosquitto_sub, until Ctrl+C." };
        var speed = new Option<double>("--speed") { Description = "How fast to drive: 2 is twice as fast as recorded.", HelpName = "X", DefaultValueFactory = _ => 1 };
        speed.Validators.Add(result =>
        {
            // A text that is no number has its error already, and no value to look at.
            if (result.Errors.Any()) return;
            string given = result.Tokens is [var token] ? token.Value : "1";
            if (!double.TryParse(given, NumberStyles.Float, CultureInfo.InvariantCulture, out double factor) || factor is not (> 0 and <= FastestReplay))
                result.AddError($"--speed: '{given}': expected a factor above 0 and at most {FastestReplay}");
        });
        var root = new RootCommand("""
            Drives an invented vehicle through the agent: a recorded CAN bus in, the tenant's MQTT topic out,
            with the broker away for a while. Then compares sample by sample what was sent with what arrived.

            Exit codes: 0 all is there, 1 something is not, 2 wrong usage, 5 input refused.
            """) { agent, broker, keep, speed, CreateGenerate() };
        root.SetAction((result, stop) => new DemoRun(
            new DemoOptions(
                AgentPath: result.GetValue(agent)!,
                Broker: result.GetValue(broker) is { } url ? BrokerAddress.Parse(url) : null,
                Keep: result.GetValue(keep),
                Speed: result.GetValue(speed)),
            TimeProvider.System).RunAsync(stop));
        return root;
    }

    private static Command CreateGenerate()
    {
        var directory = new Argument<string>("DIR") { Description = "Where to write; made if missing." };
        var command = new Command("generate", "Writes vehicle.dbc and drive.log, always the same, and so shows how they were made.") { directory };
        command.Hidden = true;
        command.SetAction(result =>
        {
            var target = Directory.CreateDirectory(result.GetValue(directory)!);
            string dbc = Path.Combine(target.FullName, Path.GetFileName(Recording.DbcPath)), log = Path.Combine(target.FullName, Path.GetFileName(Recording.LogPath));
            if (Path.GetFullPath(dbc) != Path.GetFullPath(Recording.DbcPath)) File.Copy(Recording.DbcPath, dbc, overwrite: true);
            using var stream = File.Create(log);
            int frames = DriveGenerator.Write(DbcFile.Load(dbc), stream);
            Console.WriteLine($"{log}: {frames} frames, {stream.Length} bytes");
            return ExitCode.Done;
        });
        return command;
    }
}

/// <summary>What the demo was asked to do.</summary>
/// <param name="AgentPath">The agent's executable.</param>
/// <param name="Broker">Null for a broker of the demo's own.</param>
/// <param name="Keep">Whether to go on driving after the first drive.</param>
/// <param name="Speed">How fast to replay the log; 1 as it was recorded.</param>
internal sealed record DemoOptions(string AgentPath, BrokerAddress? Broker, bool Keep, double Speed);
