using EdgeAgent.Capture;

namespace EdgeAgent.Simulation.Tests.Agents;

/// <summary>Every loop runs on the simulation's thread, and whoever waits for data takes a step when the simulation says so.</summary>
internal sealed class SimulatedWorkers(SingleThread thread) : IWorkers
{
    private readonly List<Func<bool>> _steppers = [];

    public Task StartLoop(Func<Task> loop)
    {
        thread.AssertHere();
        return loop();
    }

    public Task<T> RunAsync<T>(Func<T> work)
    {
        thread.AssertHere();
        try
        {
            return Task.FromResult(work());
        }
        catch (Exception e)
        {
            return Task.FromException<T>(e);
        }
    }

    public Task<T> StepAsync<T>(Func<T?> step) where T : struct
    {
        thread.AssertHere();
        var ended = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        _steppers.Add(() =>
        {
            try
            {
                if (step() is not { } outcome) return false;
                ended.SetResult(outcome);
            }
            catch (Exception e)
            {
                ended.SetException(e);
            }
            return true;
        });
        return ended.Task;
    }

    /// <summary>Lets each source take a step, in an order that the seed decides.</summary>
    public void Step(Random random)
    {
        if (_steppers.Count == 0) return;
        var order = _steppers.ToArray();
        random.Shuffle(order);
        foreach (var stepper in order)
        {
            if (stepper()) _steppers.Remove(stepper);
        }
    }
}
