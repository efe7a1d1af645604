using EdgeAgent.Management.Commands;
using Microsoft.Extensions.Time.Testing;

namespace EdgeAgent.Tests.Management.Commands;

public sealed class RefusalLimiterTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void A_few_are_said_at_once_then_one_a_minute_with_the_number_of_the_others()
    {
        var limiter = new RefusalLimiter(_time);
        Assert.Equal([0, 0, 0, 0, null, null], Enumerable.Range(0, 6).Select(_ => Say(limiter)));
        _time.Advance(RefusalLimiter.Interval - TimeSpan.FromTicks(1));
        Assert.Null(Say(limiter));
        _time.Advance(TimeSpan.FromTicks(1));
        Assert.Equal([3, null], [Say(limiter), Say(limiter)]);
        _time.Advance(TimeSpan.FromDays(1));
        Assert.Equal([1, 0, 0, 0, null], Enumerable.Range(0, 5).Select(_ => Say(limiter)));
    }

    private static long? Say(RefusalLimiter limiter) => limiter.ShouldSay(out long suppressed) ? suppressed : null;
}
