using System.Text;
using EdgeAgent.Capture;
using EdgeAgent.Diagnostics;

namespace EdgeAgent.Tests.Diagnostics;

public sealed class ObdWatchTests
{
    [Fact]
    public void Each_time_another_tester_is_made_way_for_is_one_event()
    {
        List<string> events = [];
        var watch = new ObdWatch((channel, members) => events.Add($"{channel} {Encoding.UTF8.GetString(members.Span)}"));
        foreach (long seen in (long[])[0, 0, 1, 1, 2, 0, 1]) watch.Step([new ObdLook(BusName.Parse("can0"), seen, TimeSpan.FromSeconds(30)), new ObdLook(BusName.Parse("can1"), 0, default)]);
        Assert.Equal(Enumerable.Repeat("events/obd/can0/tester \"bus\":\"can0\",\"yieldSeconds\":30", 3), events);
        watch.Step([]);
        watch.Step([new ObdLook(BusName.Parse("can0"), 1, TimeSpan.FromSeconds(1))]);
        Assert.Equal(4, events.Count);
    }
}
