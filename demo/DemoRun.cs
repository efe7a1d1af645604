using EdgeAgent.Demo.Agent;
using EdgeAgent.Demo.Broker;
using EdgeAgent.Demo.Checking;
using EdgeAgent.Demo.Views;

namespace EdgeAgent.Demo;

/// <summary>The demo from beginning to end: owns broker, relay, subscriber and directory, so that none of them is left behind.</summary>
internal sealed class DemoRun(DemoOptions options, TimeProvider time)
{
    public async Task<int> RunAsync(CancellationToken stop)
    {
        var recording = Recording.Load();
        var ledger = new Ledger();
        using var workspace = new Workspace();
        await using var embedded = options.Broker is null ? await EmbeddedBroker.StartAsync() : null;
        var broker = options.Broker ?? embedded!.Address;
        await using var subscriber = await Subscriber.StartAsync(broker, ledger, isShared: embedded is null, stop);
        await using var relay = new Relay(broker);
        relay.Open();
        AgentConfigurationFile.Write(workspace, relay.Port, options.Speed);

        Console.WriteLine($"A drive of {recording.Length.TotalSeconds:0} s: {recording.Frames} frames of {Recording.Bus}, {recording.Samples.Count} samples, for tenant {Identity.Tenant}.");
        Console.WriteLine($"Broker: {broker}{(embedded is null ? "" : ", inside this demo")}.");
        Console.WriteLine($"The agent reaches it through 127.0.0.1:{relay.Port}, where the demo will cut it off.");
        Console.WriteLine();

        var drive = new Drive(workspace, options, recording, relay, ledger, time);
        IDriveView view = PlainView.IsNeeded ? new PlainView(Console.Out, time) : new LiveView(time);
        var first = await CheckAsync(recording, drive, view.ShowAsync(drive, token => drive.RunAsync(withCut: true, token), stop), firstSequence: 1);
        PrintTopics(ledger);
        first.Print(Console.Out);
        Console.WriteLine();
        Console.WriteLine(first.Summary);
        return options.Keep
            ? await GoOnAsync(workspace, recording, relay, ledger, broker, first.IsRight, stop)
            : first.IsRight ? ExitCode.Done : ExitCode.Failed;
    }

    /// <summary>Drive after drive with the same state, so that the sequence numbers go on.</summary>
    private async Task<int> GoOnAsync(Workspace workspace, Recording recording, Relay relay, Ledger ledger, BrokerAddress broker, bool isRight, CancellationToken stop)
    {
        // MQTT 5, since the demo's broker would refuse mosquitto_sub's missing client id in MQTT 3.1.1.
        string host = options.Broker is null ? "" : $"-h {broker.Host} ";
        Console.WriteLine();
        Console.WriteLine("The vehicle drives on until Ctrl+C. To watch what the tenant receives:");
        Console.WriteLine();
        Console.WriteLine($"  mosquitto_sub -V 5 {host}-p {broker.Port} -t 'tenants/#' -v");
        Console.WriteLine();
        try
        {
            for (long number = 2; ; number++)
            {
                long firstSequence = 1 + (number - 1) * recording.Samples.Count;
                var drive = new Drive(workspace, options, recording, relay, ledger, time);
                var checkedDrive = await CheckAsync(recording, drive, drive.RunAsync(withCut: false, stop), firstSequence);
                isRight &= checkedDrive.IsRight;
                if (!checkedDrive.IsRight) checkedDrive.Print(Console.Out);
                Console.WriteLine($"drive {number}: sequence numbers {firstSequence} to {firstSequence + recording.Samples.Count - 1}: {checkedDrive.Summary}");
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return isRight ? ExitCode.Done : ExitCode.Failed;
        }
    }

    private static async Task<Reconciliation> CheckAsync(Recording recording, Drive drive, Task<IReadOnlyList<string>> running, long firstSequence)
    {
        var problems = await running;
        var reconciliation = new Reconciliation(recording, drive.FinalStatus, drive.Ledger.TakePage(), firstSequence);
        foreach (string problem in problems) reconciliation.AddProblem(problem);
        return reconciliation;
    }

    private static void PrintTopics(Ledger ledger)
    {
        Console.WriteLine();
        Console.WriteLine($"{"Topic",-44}{"messages",9}{"samples",9}{"bytes",10}");
        foreach (var topic in ledger.Topics) Console.WriteLine($"{topic.Topic,-44}{topic.Messages,9}{topic.Samples,9}{topic.Bytes,10}");
        Console.WriteLine();
    }
}
