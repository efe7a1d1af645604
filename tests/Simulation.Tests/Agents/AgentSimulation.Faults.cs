namespace EdgeAgent.Simulation.Tests.Agents;

/// <summary>What happens to the device.</summary>
internal sealed partial class AgentSimulation
{
    /// <summary>A proper stop has this long.</summary>
    private static readonly TimeSpan StopWithin = TimeSpan.FromSeconds(60);

    /// <summary>The service manager stops it and starts it again.</summary>
    private void Stop()
    {
        Trace.Add($"{_agenda.Now} stop");
        var life = _life;
        Task stopping = Task.CompletedTask;
        _thread.Run(() => stopping = life.Agent.StopAsync(CancellationToken.None));
        var began = _agenda.Now;
        while (!stopping.IsCompleted)
        {
            Pass(TimeSpan.FromMilliseconds(50));
            if (_life != life) return; // the power was cut meanwhile
            Promise.That(_agenda.Now - began < StopWithin, $"the agent has not stopped within {StopWithin.TotalSeconds} s");
        }
        Promise.That(stopping.IsCompletedSuccessfully, $"stopping failed: {stopping.Exception}");
        NoteStopped();
        Task disposing = Task.CompletedTask;
        _thread.Run(() => disposing = life.Agent.DisposeAsync().AsTask());
        _thread.Pump();
        if (Disk.PowerIsCut)
        {
            PowerCut();
            return;
        }
        Promise.That(disposing.IsCompletedSuccessfully, $"disposing failed: {disposing.Exception}");
        Totals.Restarts++;
        EndLife(powerCut: false);
        Restart();
    }

    /// <summary>The process is killed.</summary>
    private void Crash()
    {
        Trace.Add($"{_agenda.Now} crash");
        Totals.Crashes++;
        NoteBroken();
        Abandon();
        EndLife(powerCut: false);
        Restart();
    }

    private void PowerCut()
    {
        Trace.Add($"{_agenda.Now} power cut");
        Totals.PowerCuts++;
        _hadPowerCut = true;
        NoteBroken();
        Abandon();
        EndLife(powerCut: true);
        Restart();
    }

    private void EndLife(bool powerCut)
    {
        _life.IsOver = true;
        _broker.Drop("the device is gone");
        _bus.Abandon();
        Disk.Restart(powerCut);
        _thread.Abandon();
    }

    /// <summary>Lets go of what a life held; none of it reaches the world any more.</summary>
    private void Abandon()
    {
        _life.IsOver = true;
        _thread.Abandon();
        Disk.Abandon();
        _thread.Run(() => _ = _life.Agent.DisposeAsync().AsTask());
        _thread.Abandon();
    }

    /// <summary>Something sets the device's clock, wrongly.</summary>
    private void JumpClock(TimeSpan error)
    {
        Trace.Add($"{_agenda.Now} the device's clock is off by {error}");
        _clockError = error;
        if (error != TimeSpan.Zero) _commands.ClockWasRight = false;
        _life.Time.SetUtcNow(_agenda.UtcNow + error);
        Totals.ClockJumps++;
    }
}
