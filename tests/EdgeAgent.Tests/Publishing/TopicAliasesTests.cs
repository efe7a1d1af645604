using CsCheck;
using EdgeAgent.Publishing;

namespace EdgeAgent.Tests.Publishing;

public sealed class TopicAliasesTests
{
    [Fact]
    public void A_broker_that_follows_always_knows_what_is_meant() =>
        Gen.Select(Gen.Int[0, 20], Gen.Int[0, 12].Array[0, 200]).Sample((maximum, numbers) =>
        {
            var aliases = new TopicAliases(maximum);
            Dictionary<ushort, string> broker = [];
            foreach (string topic in numbers.Select(number => $"topic/{number}"))
            {
                var (said, alias) = aliases.For(topic);
                Assert.InRange(alias, 0, maximum);
                if (alias != 0 && said.Length > 0) broker[alias] = said;
                Assert.Equal(topic, said.Length > 0 ? said : broker[alias]);
            }
        });

    [Fact]
    public void A_topic_that_is_used_again_and_again_keeps_its_alias_whatever_comes_in_between()
    {
        var aliases = new TopicAliases(3);
        Assert.Equal(("telemetry", 1), aliases.For("telemetry"));
        for (int i = 0; i < 50; i++)
        {
            Assert.Equal($"responses/{i}", aliases.For($"responses/{i}").Topic);
            Assert.Equal(("", 1), aliases.For("telemetry"));
        }
    }
}
