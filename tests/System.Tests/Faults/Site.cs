using System.Globalization;

namespace EdgeAgent.SystemTests.Faults;

/// <summary>A device and its cloud on this machine: a directory, a broker with a subscriber, and one agent after the other on the same outbox.</summary>
internal sealed class Site : IAsyncDisposable
{
    private readonly Workspace _workspace = new();
    private int _run;

    public Site()
    {
        _workspace.Write("counter.dbc", CounterDrive.Dbc);
        Cloud = new Cloud(_workspace);
    }

    public Cloud Cloud { get; }

    /// <summary>The agent of the last run.</summary>
    public RunningAgent? Agent { get; private set; }

    /// <summary>Starts an agent that captures a drive of its own.</summary>
    /// <param name="samples">How many samples it has; 0 for a parked vehicle.</param>
    /// <param name="perSecond">How fast they come.</param>
    /// <param name="flushAfterSeconds">How long a batch may be in memory alone while the broker is there.</param>
    public async Task<RunningAgent> StartAgentAsync(int samples, int perSecond = 1000, double flushAfterSeconds = 0)
    {
        if (Agent is not null) await Agent.DisposeAsync();
        CounterDrive.Write(_workspace["drive.log"], ++_run, samples, perSecond);
        string configuration = _workspace.Write("agent.json", string.Create(CultureInfo.InvariantCulture, $$"""
            {
              "device": "dongle-1",
              "tenant": { "id": "acme", "epoch": 1 },
              "broker": { "url": "mqtt://127.0.0.1:{{Cloud.Port}}" },
              "sources": [{ "bus": "can0", "log": "drive.log", "dbc": ["counter.dbc"] }],
              "outbox": { "directory": "state", "sealAfterSeconds": 0.1, "flushAfterSeconds": {{flushAfterSeconds}} },
              "drainSeconds": 1
            }
            """));
        return Agent = RunningAgent.Start(_workspace, configuration);
    }

    /// <summary>Has everything delivered, stops the agent in order and checks the promise.</summary>
    /// <param name="excuses">See <see cref="Promise.AssertKept"/>.</param>
    public async Task<Promise> SettleAsync(params string[] excuses)
    {
        await Agent!.UntilStatusAsync("buffered=0", "stored-batches=0", "can0=ended");
        await Cloud.SettledAsync();
        Assert.Equal(0, await Agent.TerminateAsync());
        await Cloud.QuietAsync();
        var promise = new Promise(Cloud.Received);
        promise.AssertKept(excuses);
        await Rig.VerifyLedgerAsync(Cloud.Received);
        return promise;
    }

    public async ValueTask DisposeAsync()
    {
        if (Agent is not null) await Agent.DisposeAsync();
        await Cloud.DisposeAsync();
        _workspace.Dispose();
    }
}
