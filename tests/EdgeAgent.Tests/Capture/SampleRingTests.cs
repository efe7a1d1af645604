using EdgeAgent.Can.Dbc;
using EdgeAgent.Capture;

namespace EdgeAgent.Tests.Capture;

public sealed class SampleRingTests
{
    private static readonly int[] Signals = [0, 1, 2, 3, 4];

    [Fact]
    public void Samples_are_numbered_without_a_gap_from_the_first_number_on()
    {
        var ring = new SampleRing(TestStamps.Acme, firstSequence: 100, capacity: 8);
        Assert.False(ring.TryTake(out _));
        Assert.True(ring.TryAccept(5, [10, 11, 12], [new SignalValue(0, 0, 1.5), new SignalValue(2, 0, 2.5)]));
        Assert.True(ring.TryTake(out var first));
        Assert.Equal(new Sample(100, 5, 10, 1.5), first);
        Assert.True(ring.TryTake(out var second));
        Assert.Equal(new Sample(101, 5, 12, 2.5), second);
        Assert.False(ring.TryTake(out _));
    }

    [Fact]
    public void A_full_ring_refuses_a_frame_as_a_whole_and_numbers_on_without_a_gap()
    {
        var ring = new SampleRing(TestStamps.Acme, firstSequence: 1, capacity: 4);
        var three = Values(3);
        Assert.True(ring.TryAccept(0, Signals, three));
        Assert.False(ring.TryAccept(0, Signals, three));
        Assert.True(ring.TryAccept(0, Signals, Values(1)));
        Assert.False(ring.TryAccept(0, Signals, Values(1)));
        for (long expected = 1; expected <= 4; expected++)
        {
            Assert.True(ring.TryTake(out var sample));
            Assert.Equal(expected, sample.Sequence);
        }
        Assert.True(ring.TryAccept(0, Signals, Values(4)));
        Assert.True(ring.TryTake(out var next));
        Assert.Equal(5, next.Sequence);
    }

    [Fact]
    public void Readers_at_the_same_time_lose_and_double_nothing()
    {
        const int readers = 4, frames = 20_000;
        var ring = new SampleRing(TestStamps.Acme, firstSequence: 1, capacity: 1024);
        long refused = 0;
        var threads = Enumerable.Range(0, readers).Select(reader => new Thread(() =>
        {
            var values = Values(1 + reader);
            int[] signals = [.. values.Select((_, slot) => reader * 10 + slot)];
            for (int i = 0; i < frames; i++)
            {
                for (int v = 0; v < values.Length; v++) values[v] = new SignalValue(v, 0, i);
                if (!ring.TryAccept(reader, signals, values)) Interlocked.Add(ref refused, values.Length);
            }
        })).ToArray();
        foreach (var thread in threads) thread.Start();

        long[] lastFrame = [-1, -1, -1, -1];
        int[] nextSlot = new int[readers];
        long taken = 0;
        while (true)
        {
            bool done = threads.All(thread => !thread.IsAlive);
            if (ring.TryTake(out var sample))
            {
                taken++;
                Assert.Equal(taken, sample.Sequence);
                int reader = (int)sample.TimeNs;
                Assert.Equal(nextSlot[reader], sample.Signal - reader * 10); // the values of a frame stay together and in order
                nextSlot[reader] = (nextSlot[reader] + 1) % (1 + reader);
                Assert.True(sample.Value >= lastFrame[reader]);
                lastFrame[reader] = (long)sample.Value;
            }
            else if (done)
            {
                break;
            }
        }
        Assert.Equal((long)frames * (1 + 2 + 3 + 4), taken + refused);
        Assert.Equal(taken, ring.Accepted);
    }

    [Fact]
    public void Accepting_and_taking_allocate_nothing()
    {
        var ring = new SampleRing(TestStamps.Acme, firstSequence: 1, capacity: 64);
        var values = Values(5);
        void Round()
        {
            ring.TryAccept(1, Signals, values);
            while (ring.TryTake(out _)) { }
        }
        for (int i = 0; i < 1000; i++) Round();
        Assert.Equal(0, Allocations.Least(() =>
        {
            for (int i = 0; i < 10_000; i++) Round();
        }));
    }

    private static SignalValue[] Values(int count) => [.. Enumerable.Range(0, count).Select(i => new SignalValue(i, 0, i))];
}
