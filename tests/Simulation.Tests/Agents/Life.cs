using EdgeAgent.Management;
using EdgeAgent.Tenancy;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EdgeAgent.Simulation.Tests.Agents;

/// <summary>One run of the agent, from its start to however it ends.</summary>
internal sealed class Life : IHostApplicationLifetime, ILoggerFactory
{
    private readonly Trace _trace;

    public Life(int number, BootId boot, DateTimeOffset wall, SingleThread thread, Trace trace)
    {
        (Number, Boot, _trace) = (number, boot, trace);
        Time = new SimulatedTime(wall);
        Workers = new SimulatedWorkers(thread);
    }

    public int Number { get; }

    public BootId Boot { get; }

    public SimulatedTime Time { get; }

    public SimulatedWorkers Workers { get; }

    public Agent Agent { get; set; } = null!;

    public Task Starting { get; set; } = Task.CompletedTask;

    /// <summary>True from a crash or power cut on: nothing of it reaches the world any more.</summary>
    public bool IsOver { get; set; }

    /// <summary>True when the agent asked its host to stop it.</summary>
    public bool AsksToStop { get; private set; }

    /// <summary>How long it has lived, by its own clock.</summary>
    public TimeSpan Age { get; set; }

    CancellationToken IHostApplicationLifetime.ApplicationStarted => CancellationToken.None;

    CancellationToken IHostApplicationLifetime.ApplicationStopping => CancellationToken.None;

    CancellationToken IHostApplicationLifetime.ApplicationStopped => CancellationToken.None;

    public void StopApplication() => AsksToStop = true;

    public ILogger CreateLogger(string categoryName) => _trace;

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public void Dispose()
    {
    }
}
