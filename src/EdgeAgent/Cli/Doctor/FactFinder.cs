using System.Text.Json.Nodes;
using EdgeAgent.Can;
using EdgeAgent.Can.SocketCan;
using EdgeAgent.Cli.Can;
using EdgeAgent.Publishing;
using EdgeAgent.Tenancy.Access;

namespace EdgeAgent.Cli.Doctor;

/// <summary>What to look at.</summary>
/// <param name="Socket">Where the agent serves; null for the default.</param>
/// <param name="Config">The device's file that says everything; null if not named.</param>
/// <param name="Provision">Its provisioning; null if not named.</param>
/// <param name="State">Where a provisioned device keeps its state.</param>
/// <param name="Connect">Whether to connect to the broker by MQTT.</param>
internal sealed record Scope(string? Socket, string? Config, string? Provision, string State, bool Connect);

/// <summary>Sees how the agent, its files, the machine and the network are.</summary>
internal static class FactFinder
{
    /// <summary>An agent that takes longer for its status hangs.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Between the two looks at what counts.</summary>
    private static readonly TimeSpan Between = TimeSpan.FromSeconds(1);

    /// <param name="scope">What to look at.</param>
    /// <param name="always">True to go the way to the broker though the agent is connected.</param>
    /// <param name="time">The clock.</param>
    /// <param name="stop">The user has had enough.</param>
    public static async Task<Facts> FindAsync(Scope scope, bool always, TimeProvider time, CancellationToken stop)
    {
        var setup = SetupReading.Read(scope.Config, scope.Provision, scope.State);
        var first = await AskAsync(scope.Socket, time, stop);
        var (names, before) = (Interfaces(first.Status, setup), new Dictionary<string, CanLinkInfo?>());
        foreach (string name in names) before[name] = Look(name);
        long begun = time.GetTimestamp();
        await Task.Delay(Between, time, stop);
        var agent = first.Status is null ? first : await AskAsync(scope.Socket, time, stop) with { Earlier = first.Status, Between = time.GetElapsedTime(begun) };
        return new Facts
        {
            Agent = agent,
            Setup = setup,
            Buses = Buses(agent.Status, names, before),
            Machine = MachineReading.Read(agent.Status?.StoreDirectory ?? setup.Configuration?.Device.StateDirectory ?? scope.State, time),
            Neighbours = NeighbourReading.Read(),
            Network = await ProbeAsync(agent, setup, scope.Connect, always, time, stop),
        };
    }

    private static async Task<AgentAnswer> AskAsync(string? socket, TimeProvider time, CancellationToken stop)
    {
        using var limit = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, limit.Token);
        try
        {
            var (answer, exitCode) = await LocalClient.AskAsync(socket, Operation.Status, [], either.Token);
            if (exitCode == ExitCode.Done && answer["result"] is JsonObject status) return new AgentAnswer(true, AgentReading.Parse(status));
            return new AgentAnswer(true, null, LocalClient.Refusal(Operation.Status, answer, exitCode).Message) { IsNotPermitted = exitCode == ExitCode.NotPermitted };
        }
        catch (CommandException e) when (e.ExitCode != ExitCode.WrongUsage)
        {
            return new AgentAnswer(e.ExitCode != ExitCode.NotRunning, null, e.Message.Split("; ")[0]) { IsNotPermitted = e.ExitCode == ExitCode.NotPermitted };
        }
        catch (FormatException e)
        {
            return new AgentAnswer(true, null, $"its status cannot be understood: {e.Message}; it may be of another version");
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return new AgentAnswer(true, null, $"it does not answer within {Patience.TotalSeconds:0} s: it hangs");
        }
    }

    /// <summary>Those of the agent; without one those that its file names, or all of the machine.</summary>
    private static string[] Interfaces(AgentReading? status, SetupReading setup)
    {
        if (status is not null) return [.. status.Sources.Select(source => source.Interface).OfType<string>().Distinct()];
        string[] named = [.. (setup.Configuration?.Tenant?.Sources ?? []).Select(source => source.Interface).OfType<string>().Distinct()];
        return named.Length > 0 ? named : [.. CanShowCommand.CanInterfaces()];
    }

    private static BusFacts[] Buses(AgentReading? status, string[] names, Dictionary<string, CanLinkInfo?> before) => status is not null
        ? [.. status.Sources.Select(source => new BusFacts(
            source.Bus, source.Interface, source, source.Interface is null ? null : before.GetValueOrDefault(source.Interface), source.Interface is null ? null : Look(source.Interface)))]
        : [.. names.Select(name => new BusFacts(name, name, null, before[name], Look(name)))];

    private static CanLinkInfo? Look(string name)
    {
        try
        {
            return CanLinkInfo.Read(name);
        }
        catch (CanSourceException)
        {
            return null; // which the check of interfaces reports
        }
    }

    private static async Task<NetworkReading?> ProbeAsync(AgentAnswer agent, SetupReading setup, bool connect, bool always, TimeProvider time, CancellationToken stop)
    {
        if (!always && agent.Status?.Broker.IsConnected == true) return null;
        var options = setup.Configuration?.Device.Broker;
        bool knowsTls = options is not null;
        // The agent knows best which broker it is; what its file says of files counts only for that one.
        if (agent.Status?.Broker.Url is { } url && options?.Name != url && Uri.TryCreate(url, UriKind.Absolute, out var uri))
            (options, knowsTls) = (new BrokerOptions(uri, agent.Status.Device ?? "edge-agent"), false);
        return options is null ? null : await new NetworkProbe(options, time).RunAsync(knowsTls, connect && knowsTls, stop);
    }
}
