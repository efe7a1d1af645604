using System.Net.Sockets;
using System.Text;
using EdgeAgent.Publishing;
using Spectre.Console;

namespace EdgeAgent.Cli.Fleet;

/// <summary>One run of the command: once, live, as an exporter, or the last two together.</summary>
internal sealed class FleetWatch(FleetOptions options, TimeProvider time)
{
    /// <summary>Of a table that goes into a file or a pipe: all columns.</summary>
    private const int PipeWidth = 240;

    private readonly FleetRoster _roster = new(options.Tenant, time);
    private string? _said;

    /// <exception cref="BrokerException">The broker cannot be reached or refuses; an exporter tries again instead.</exception>
    public async Task RunAsync(CancellationToken stop)
    {
        await using var link = new MqttBrokerLink(options.Broker, time);
        var subscription = new FleetSubscription(link, _roster, time, Random.Shared);
        bool isTerminal = !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb");
        if (options.Metrics is null)
        {
            await subscription.ConnectAsync(stop);
            if (options.Once || options.Json || !isTerminal) await PrintAsync(link, subscription, stop);
            else await Together([token => subscription.RunAsync(_ => { }, token), View(subscription).RunAsync], stop);
            return;
        }
        using var server = Serve(subscription);
        if (isTerminal) await Together([server.RunAsync, token => subscription.RunAsync(_ => { }, token), View(subscription).RunAsync], stop);
        else await Together([server.RunAsync, token => subscription.RunAsync(Say, token)], stop);
    }

    private FleetLiveView View(FleetSubscription subscription) => new(AnsiConsole.Console, _roster, subscription, options.SilentAfter, time);

    private async Task PrintAsync(MqttBrokerLink link, FleetSubscription subscription, CancellationToken stop)
    {
        var collected = Task.Delay(options.Collect, time, stop);
        if (await Task.WhenAny(collected, link.Lost) == link.Lost) throw new BrokerException(await link.Lost);
        await collected;
        if (subscription.StatusIsRefused) Console.Error.WriteLine("edge-agent: the broker does not tell who is connected: online is who was heard a moment ago");
        using var output = new StandardOutput();
        var rows = FleetRow.Of(_roster.Snapshot(), time.GetUtcNow(), options.SilentAfter);
        if (options.Json)
        {
            foreach (var row in rows) FleetJson.Write(row, output);
            return;
        }
        using var text = new StreamWriter(output, new UTF8Encoding(false), 64 * 1024);
        FleetPlainView.Write(text, _roster, rows, Console.IsOutputRedirected ? PipeWidth : Math.Max(80, Console.WindowWidth));
    }

    private MetricsServer Serve(FleetSubscription subscription)
    {
        try
        {
            var server = new MetricsServer(options.Metrics!, () => FleetMetrics.Write(_roster, subscription.IsConnected, time.GetUtcNow(), options.SilentAfter), time);
            Console.Error.WriteLine($"edge-agent: serving http://{server.Address}{MetricsServer.Path}");
            return server;
        }
        catch (SocketException e)
        {
            throw new CommandException(ExitCode.Failed, $"--metrics: cannot listen on {options.Metrics}: {e.Message}", e);
        }
    }

    /// <summary>The same trouble again and again is one line.</summary>
    private void Say(string? trouble)
    {
        string text = trouble is null ? $"connected to {options.Broker.Name}" : FleetOptions.InWordsOfTheCommandLine(trouble);
        if (text != _said) Console.Error.WriteLine($"edge-agent: {text}");
        _said = text;
    }

    /// <summary>The first that ends, or fails, ends the others.</summary>
    private static async Task Together(Func<CancellationToken, Task>[] loops, CancellationToken stop)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop);
        Task[] running = [.. loops.Select(loop => loop(end.Token))];
        await Task.WhenAny(running);
        await end.CancelAsync();
        await Task.WhenAll(running);
    }
}
