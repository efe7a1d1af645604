using EdgeAgent.Publishing;

namespace EdgeAgent.Tests.Publishing;

/// <summary>What a publisher does with what arrives.</summary>
public sealed class PublisherIncomingTests
{
    [Fact]
    public async Task What_arrives_goes_to_the_receiver_and_is_acknowledged_when_that_has_dealt_with_it()
    {
        var gate = new TaskCompletionSource();
        List<string> received = [];
        using var rig = new PublisherRig(async message =>
        {
            received.Add(message.Topic);
            await gate.Task;
        });
        rig.Start();
        var delivering = rig.Broker.DeliverAsync("tenants/acme/config", "{}");
        Assert.Equal(["tenants/acme/config"], received);
        Assert.False(delivering.IsCompleted);
        gate.SetResult();
        rig.Run();
        await delivering;
    }

    [Fact]
    public async Task Messages_that_cannot_be_dealt_with_are_said_and_when_too_many_wait_the_connection_is_made_anew_to_get_them_again()
    {
        using var rig = new PublisherRig(_ => Task.FromException(new IOException("the disk is full")));
        rig.Append("acme", 1);
        rig.Start();
        for (int i = 0; i < Publisher.MostUndealt - 1; i++) await Assert.ThrowsAsync<IOException>(() => rig.Broker.DeliverAsync("tenants/acme/config", "{}"));
        rig.Pass(5);
        Assert.Equal(1, rig.Broker.Connections);
        await Assert.ThrowsAsync<IOException>(() => rig.Broker.DeliverAsync("tenants/acme/config", "{}"));
        rig.Pass(5);
        Assert.Equal(2, rig.Broker.Connections);
        Assert.Contains(rig.Journal.Lines, line => line == "tenants/acme/config: a message could not be dealt with and comes again in a later connection: the disk is full");
        Assert.Contains("8 messages could not be dealt with", rig.Publisher.History.Read(null).Trouble, StringComparison.Ordinal);
    }

    [Fact]
    public void What_came_while_too_many_waited_is_said_once_and_the_connection_and_subscriptions_are_made_anew_to_get_it_again()
    {
        using var rig = new PublisherRig();
        rig.Broker.SessionIsPresent = true;
        rig.Publisher.SetSubscriptions(["a"]);
        rig.Start();
        for (int i = 0; i < 100; i++) rig.Broker.PassedOver("platform/keys/1");
        rig.Pass(Publisher.AgainAfter.TotalSeconds - 1);
        Assert.Equal(1, rig.Broker.Connections);
        rig.Pass(10);
        Assert.Equal(2, rig.Broker.Connections);
        Assert.Equal(2, rig.Broker.Requests.Count(request => request == "+a"));
        Assert.Single(rig.Journal.Lines, line => line.StartsWith("platform/keys/1: a message came while too many others waited", StringComparison.Ordinal));
        rig.Pass(120);
        Assert.Equal(2, rig.Broker.Connections);
        rig.Broker.PassedOver("platform/keys/2");
        rig.Pass(60);
        Assert.Equal(3, rig.Broker.Connections);
    }

    [Fact]
    public async Task Fewer_of_them_come_again_after_a_while_too()
    {
        using var rig = new PublisherRig(_ => Task.FromException(new IOException("the disk is full")));
        rig.Append("acme", 1);
        rig.Start();
        await Assert.ThrowsAsync<IOException>(() => rig.Broker.DeliverAsync("tenants/acme/config", "{}"));
        rig.Pass(Publisher.AgainAfter.TotalSeconds - 1);
        Assert.Equal(1, rig.Broker.Connections);
        rig.Pass(6);
        Assert.Equal(2, rig.Broker.Connections);
    }
}
