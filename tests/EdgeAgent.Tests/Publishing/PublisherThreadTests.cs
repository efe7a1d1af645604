using EdgeAgent.Publishing;

namespace EdgeAgent.Tests.Publishing;

/// <summary>A simulation runs a publisher on one thread and a clock of its own: nothing of it may ever run elsewhere.</summary>
public sealed class PublisherThreadTests
{
    [Fact]
    public void Everything_that_a_publisher_does_happens_on_the_thread_that_started_it()
    {
        // The rig notices both: a call of the link from elsewhere, and a return to the thread that elsewhere has brought about.
        using var rig = new PublisherRig();
        int attempts = 0;
        rig.Broker.OnConnect = () => attempts++ < 3 ? new BrokerException("away") : null;
        rig.Publisher.SetSubscriptions(["a"]);
        rig.Publisher.SetReport("t/state", "application/json", "1"u8.ToArray());
        rig.Start();
        rig.Pass(30);
        List<TaskCompletionSource> underWay = [];
        rig.Broker.OnPublish = _ =>
        {
            underWay.Add(new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
            return underWay[^1].Task;
        };
        for (int i = 0; i < 20; i++) rig.Append("acme", 1 + i);
        rig.Pass(3);
        while (underWay.Find(publication => !publication.Task.IsCompleted) is { } next)
        {
            next.SetResult();
            rig.Run();
        }
        Assert.False(rig.Outbox.HasWork);
        rig.Append("acme", 100);
        rig.Run();
        rig.Broker.Drop();
        underWay[^1].SetException(new BrokerException("the connection was lost"));
        rig.Broker.OnPublish = _ => Task.CompletedTask;
        rig.Publisher.SetSubscriptions(["b"]);
        rig.Pass(30);
        Assert.False(rig.Outbox.HasWork);
        Assert.Equal(5, rig.Broker.Connections);
        Assert.True(rig.Stop());
    }
}
