using EdgeAgent.Management.Control;
using EdgeAgent.Publishing;

namespace EdgeAgent.Tests.Management.Control;

public sealed class EarlyDocumentsTests
{
    private readonly EarlyDocuments _early = new();

    [Fact]
    public void Of_each_topic_the_newest_is_kept_until_it_is_looked_at()
    {
        Remember("a", 1);
        Remember("b", 2);
        Remember("a", 3);
        Assert.Equal([("b", 2), ("a", 3)], TakeAll());
        Assert.Empty(TakeAll());
    }

    [Fact]
    public void The_oldest_go_when_there_are_too_many()
    {
        for (int i = 0; i <= EarlyDocuments.Most; i++) Remember($"t{i}", 1);
        Assert.Equal("t1", TakeAll()[0].Topic);
    }

    [Fact]
    public void The_oldest_go_when_they_are_too_large()
    {
        Remember("a", EarlyDocuments.MostBytes);
        Remember("b", 1);
        Assert.Equal([("b", 1)], TakeAll());
        Remember("c", EarlyDocuments.MostBytes + 1);
        Assert.Empty(TakeAll());
    }

    private void Remember(string topic, int bytes) => _early.Remember(new IncomingMessage(topic, new byte[bytes]));

    private (string Topic, int Bytes)[] TakeAll() => [.. _early.TakeAll().Select(message => (message.Topic, message.Payload.Length))];
}
