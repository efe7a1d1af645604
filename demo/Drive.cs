using EdgeAgent.Demo.Agent;
using EdgeAgent.Demo.Broker;
using EdgeAgent.Demo.Checking;

namespace EdgeAgent.Demo;

/// <summary>What happened in a drive, for the viewer.</summary>
internal sealed record DriveEvent(TimeSpan At, string Text);

/// <summary>One run of the agent from its start to its stop: it reads the log, is cut off from the broker if that is wanted, and has to deliver all.</summary>
internal sealed class Drive(Workspace workspace, DemoOptions options, Recording recording, Relay relay, Ledger ledger, TimeProvider time)
{
    private const double CutBeginsAfterShare = 0.25, CutLastsAtMostShare = 0.3;

    /// <summary>A link dies in one direction first: what the broker has but could not acknowledge has to come again.</summary>
    private const double AnswersLostShare = 0.1;

    private static readonly TimeSpan LongestCut = TimeSpan.FromSeconds(8);

    private static readonly TimeSpan ReadyWithin = TimeSpan.FromSeconds(15);

    /// <summary>The agent waits up to twice the cut's length before it tries the broker again.</summary>
    private static readonly TimeSpan DeliveredWithin = TimeSpan.FromSeconds(22);

    private static readonly TimeSpan ReceivedWithin = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);

    private readonly Lock _gate = new();
    private readonly List<DriveEvent> _events = [];
    private Func<AgentStatus> _status = () => AgentStatus.None;
    private long? _begun;
    private bool _wasConnected;
    private long _backAt;

    /// <summary>How long the replay takes.</summary>
    public TimeSpan Length { get; } = recording.Length / options.Speed;

    /// <summary>Since the agent was ready.</summary>
    public TimeSpan Elapsed => _begun is { } begun ? time.GetElapsedTime(begun) : TimeSpan.Zero;

    /// <summary>The agent's own account.</summary>
    public AgentStatus Status => _status();

    /// <summary>Null while the relay is open, else how long it stays closed.</summary>
    public TimeSpan? BackIn { get; private set; }

    public Ledger Ledger => ledger;

    /// <summary>The numbers that the reconciliation of the agent's run rests on: taken before it is told to stop.</summary>
    public AgentStatus FinalStatus { get; private set; } = AgentStatus.None;

    public IReadOnlyList<DriveEvent> Events
    {
        get
        {
            lock (_gate) return [.. _events];
        }
    }

    /// <returns>What went wrong, if anything did, apart from the numbers.</returns>
    /// <exception cref="DemoException">The agent did not start, or ended early.</exception>
    public async Task<IReadOnlyList<string>> RunAsync(bool withCut, CancellationToken stop)
    {
        List<string> problems = [];
        await using var notify = new NotifySocket(workspace.NotifySocketPath);
        _status = () => notify.Status;
        await using var agent = AgentProcess.Start(options.AgentPath, workspace);
        await UntilReadyAsync(agent, notify, stop);
        _begun = time.GetTimestamp();
        Note("the agent is ready");

        using (var stopCutting = CancellationTokenSource.CreateLinkedTokenSource(stop))
        {
            var cut = withCut ? CutAsync(stopCutting.Token) : Task.CompletedTask;
            try
            {
                if (!await UntilDeliveredAsync(agent, stop)) problems.Add($"not all was delivered within {DeliveredWithin.TotalSeconds} s after the log's end");
            }
            finally
            {
                await stopCutting.CancelAsync();
                await cut;
            }
        }
        FinalStatus = Status;
        Note("the agent is told to stop");
        if (await agent.StopAsync() is { } trouble) problems.Add(trouble);

        // The broker may acknowledge to the agent before it has passed on to the subscriber.
        await UntilAsync(() => ledger.Distinct >= recording.Samples.Count, ReceivedWithin, stop);
        if (ledger.ReaderWasCut) problems.Add("the demo's own connection to the broker was lost: what is missing may be its fault");
        return problems;
    }

    private async Task UntilReadyAsync(AgentProcess agent, NotifySocket notify, CancellationToken stop)
    {
        var first = await Task.WhenAny(notify.Ready, agent.Exited, Task.Delay(ReadyWithin, time, stop));
        stop.ThrowIfCancellationRequested();
        if (first == notify.Ready) return;
        await FailAsync(agent, first == agent.Exited ? "the agent ended at once" : $"the agent was not ready within {ReadyWithin.TotalSeconds} s");
    }

    private async Task<bool> UntilDeliveredAsync(AgentProcess agent, CancellationToken stop)
    {
        long? ended = null;
        while (true)
        {
            var status = Status;
            Watch(status);
            if (status.HasReadAll && ended is null)
            {
                ended = time.GetTimestamp();
                Note($"the log has ended, {status.Buffered} samples are still buffered");
            }
            if (status.HasReadAll && BackIn is null && status.Delivered == status.Samples)
            {
                Note("everything is delivered");
                return true;
            }
            if (ended is { } since ? time.GetElapsedTime(since) > DeliveredWithin : Elapsed > Length + DeliveredWithin) return false;
            bool hasExited = agent.Exited.IsCompleted;
            // Ctrl+C on a terminal ends both: then this wait is given up.
            await Task.Delay(Interval, time, stop);
            if (hasExited) await FailAsync(agent, "the agent ended in the middle of the drive");
        }
    }

    private async Task CutAsync(CancellationToken stop)
    {
        var lasts = Length * CutLastsAtMostShare < LongestCut ? Length * CutLastsAtMostShare : LongestCut;
        try
        {
            await Task.Delay(Length * CutBeginsAfterShare, time, stop);
            long cutAt = time.GetTimestamp();
            relay.LoseAnswers();
            await Task.Delay(lasts * AnswersLostShare, time, stop);
            BackIn = lasts;
            await relay.CloseAsync();
            Note($"the broker is cut off for {lasts.TotalSeconds:0.#} s");
            while (time.GetElapsedTime(cutAt) < lasts)
            {
                BackIn = lasts - time.GetElapsedTime(cutAt);
                await Task.Delay(Interval, time, stop);
            }
            Note("the broker is back; the agent tries again when its wait is over");
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The drive is over.
        }
        relay.Open();
        _backAt = time.GetTimestamp();
        BackIn = null;
    }

    private void Watch(AgentStatus status)
    {
        if (status.BrokerIsConnected == _wasConnected) return;
        _wasConnected = status.BrokerIsConnected;
        if (!_wasConnected) Note("the agent has noticed and buffers");
        else Note(_backAt == 0 ? "the agent is connected" : $"the agent is connected again, {time.GetElapsedTime(_backAt).TotalSeconds:0} s after the broker");
    }

    private async Task UntilAsync(Func<bool> condition, TimeSpan limit, CancellationToken stop)
    {
        long since = time.GetTimestamp();
        while (!condition() && time.GetElapsedTime(since) < limit) await Task.Delay(Interval, time, stop);
    }

    private void Note(string text)
    {
        lock (_gate) _events.Add(new DriveEvent(Elapsed, text));
    }

    private static async Task FailAsync(AgentProcess agent, string what)
    {
        string? ending = await agent.StopAsync();
        var tail = await agent.TailAsync();
        throw new DemoException(ExitCode.Failed, string.Join(Environment.NewLine,
            [$"{what}{(ending is null ? "" : $"; {ending}")}{(tail.Count > 0 ? "; it said:" : "")}", .. tail.Select(line => "  " + line)]));
    }
}
