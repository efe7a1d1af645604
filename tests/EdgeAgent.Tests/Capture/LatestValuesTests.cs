using EdgeAgent.Capture;

namespace EdgeAgent.Tests.Capture;

public sealed class LatestValuesTests
{
    private readonly SignalCatalog _catalog = new([new SignalDescription("can0/A/A", null), new SignalDescription("can0/A/B", null)]);

    [Fact]
    public void A_look_has_the_last_value_of_what_has_come_since_the_look_before()
    {
        var latest = new LatestValues(_catalog);
        Assert.Equal([], Look(latest, 0, out long seen));
        latest.Set(new Sample(1, 100, 1, 5));
        latest.Set(new Sample(2, 200, 0, 6));
        latest.Set(new Sample(3, 300, 1, 7));
        Assert.Equal([new LatestValue(0, 200, 6), new LatestValue(1, 300, 7)], Look(latest, seen, out seen));
        Assert.Equal([], Look(latest, seen, out seen));
        latest.Set(new Sample(4, 400, 0, 6)); // the same value, and yet the bus is alive
        Assert.Equal([new LatestValue(0, 400, 6)], Look(latest, seen, out _));
        Assert.Equal(2, Look(latest, 0, out _).Count);
    }

    [Fact]
    public void The_catalog_may_grow()
    {
        var latest = new LatestValues(_catalog);
        latest.Set(new Sample(1, 100, 1, 5));
        int[] added = _catalog.Add([.. Enumerable.Range(0, 200).Select(i => new SignalDescription($"can0/C/{i}", null))]);
        latest.Set(new Sample(2, 200, added[^1], 9));
        Assert.Equal([new LatestValue(1, 100, 5), new LatestValue(added[^1], 200, 9)], Look(latest, 0, out _));
    }

    [Fact]
    public void Setting_allocates_nothing()
    {
        var latest = new LatestValues(_catalog);
        latest.Set(new Sample(1, 0, 1, 0));
        Assert.Equal(0, Allocations.Least(() =>
        {
            for (int i = 0; i < 1000; i++) latest.Set(new Sample(i, i, i & 1, i));
        }));
    }

    private static List<LatestValue> Look(LatestValues latest, long since, out long seen)
    {
        List<LatestValue> found = [];
        seen = latest.Read(since, found);
        return found;
    }
}
