using System.CommandLine;
using System.Text.Json.Nodes;
using EdgeAgent.Can;
using EdgeAgent.Management.Commands;
using EdgeAgent.Obd;
using EdgeAgent.Tenancy.Access;

namespace EdgeAgent.Cli.Vehicle;

/// <summary>
/// Has an operation on a vehicle's ECUs done: by the agent that runs on this device, so that there are never two testers on a bus, or, when none
/// runs, by this process itself on the interface.
/// </summary>
internal sealed class VehicleConnection
{
    /// <summary>For somebody who asks once: what an ECU behind slow gateways says is worth half a second.</summary>
    private static readonly ObdTiming Patient = new() { Answer = TimeSpan.FromMilliseconds(500) };

    private readonly Option<string> _bus = new("--bus") { Description = "The source's bus; when no agent runs, the interface.", HelpName = "NAME", Required = true };
    private readonly Option<string?> _socket = LocalClient.Socket();
    private readonly Option<string> _addressing = new Option<string>("--addressing") { Description = "Which identifiers the ECUs use, when no agent runs.", DefaultValueFactory = _ => ObdAddressing.Standard.Name }
        .AcceptOnlyFromAmong(ObdAddressing.Standard.Name, ObdAddressing.Extended.Name);

    private readonly Option<bool> _json = LocalClient.Json();

    /// <summary>A command with the options of this connection, and what it does.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="description">For people.</param>
    /// <param name="more">Its other arguments and options.</param>
    /// <param name="run">Asks, and returns the result with the lines for people.</param>
    public static Command Create(string name, string description, IEnumerable<Symbol> more, Func<Asking, Task<(JsonObject Result, IEnumerable<string> Lines)>> run)
    {
        var connection = new VehicleConnection();
        var command = new Command(name, description) { connection._bus, connection._addressing, connection._socket, connection._json };
        foreach (var symbol in more)
        {
            if (symbol is Argument argument) command.Add(argument);
            else if (symbol is Option option) command.Add(option);
        }
        command.SetAction(async (parsed, stop) =>
        {
            var (result, lines) = await run(new Asking(connection, parsed, stop));
            return SigningArguments.Print(parsed.GetValue(connection._json) ? result.ToJsonString(VehicleTables.Json) : string.Join('\n', lines));
        });
        return command;
    }

    private async Task<JsonObject> AskAsync(ParseResult parsed, Operation operation, JsonObject arguments, CancellationToken stop)
    {
        string bus = parsed.GetValue(_bus)!;
        string? socket = parsed.GetValue(_socket);
        arguments["bus"] = bus;
        try
        {
            var (answer, exitCode) = await LocalClient.AskAsync(socket, operation, arguments, stop);
            return exitCode == ExitCode.Done && answer["result"] is JsonObject result ? result : throw LocalClient.Refusal(operation, answer, exitCode);
        }
        // Who names a socket wants that agent.
        catch (CommandException e) when (e.ExitCode == ExitCode.NotRunning && socket is null)
        {
            var addressing = parsed.GetValue(_addressing) == ObdAddressing.Extended.Name ? ObdAddressing.Extended : ObdAddressing.Standard;
            using var link = new CanObdLink(bus, addressing, Patient, TimeProvider.System);
            return await AskAloneAsync(new ObdOperations(name => name == bus ? link : null), operation, arguments, stop);
        }
    }

    /// <summary>Does the operation in this process.</summary>
    /// <exception cref="CommandException">It cannot be done.</exception>
    public static async Task<JsonObject> AskAloneAsync(ObdOperations operations, Operation operation, JsonObject arguments, CancellationToken stop)
    {
        try
        {
            var done = ObdOperation.All(operations).Single(one => one.Name == operation);
            using var parsed = System.Text.Json.JsonDocument.Parse(arguments.ToJsonString());
            return await done.RunAsync(new OperationArguments(parsed.RootElement), stop);
        }
        catch (OperationException e)
        {
            throw new CommandException(ExitCodeOf(e), e.Message, e);
        }
    }

    private static int ExitCodeOf(OperationException e) => e switch
    {
        { Code: OperationException.WrongArguments } => ExitCode.InputRefused,
        { InnerException: CanSourceException unusable } => ExitCode.Of(unusable.Fault),
        _ => ExitCode.Failed,
    };

    /// <summary>One run of a command.</summary>
    internal sealed class Asking(VehicleConnection connection, ParseResult parsed, CancellationToken stop)
    {
        public ParseResult Parsed => parsed;

        public Task<JsonObject> AskAsync(Operation operation, params ReadOnlySpan<(string Name, string? Value)> arguments)
        {
            var given = new JsonObject();
            foreach (var (name, value) in arguments)
            {
                if (value is not null) given[name] = value;
            }
            return connection.AskAsync(parsed, operation, given, stop);
        }
    }
}
