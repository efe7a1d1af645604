using CsCheck;
using EdgeAgent.Capture;
using EdgeAgent.Outbox;
using EdgeAgent.Tenancy;
using EdgeAgent.Tests.Publishing;

namespace EdgeAgent.Tests.Outbox;

public sealed class BatchJoinerTests
{
    private static readonly WallClockReading Before = new(1, true), Later = new(2, true);

    [Fact]
    public void What_is_joined_has_the_samples_of_its_parts_in_their_order() =>
        Gen.Select(TestBatches.Any, TestBatches.Any, TestBatches.Any).Sample((first, second, third) =>
        {
            Batch[] parts = Follow(first.Batch, second.Batch, third.Batch);
            var joined = BatchJoiner.Join(parts);
            return joined.FirstSequence == parts[0].FirstSequence && joined.LastSequence == parts[^1].LastSequence
                && joined.FirstTimeNs == parts[0].FirstTimeNs && joined.Stamp == parts[0].Stamp
                && joined.Samples().SequenceEqual(parts.SelectMany(part => part.Samples()));
        });

    [Fact]
    public void The_clock_is_the_one_that_was_read_last()
    {
        var parts = Follow(Batch(10) with { ClockAtSeal = Before }, Batch(10) with { ClockAtSeal = Later });
        Assert.Equal(Later, BatchJoiner.Join(parts).ClockAtSeal);
    }

    [Fact]
    public void Only_what_goes_on_where_the_other_ends_and_is_not_too_much_fits()
    {
        var batch = Batch(500);
        var next = batch with { FirstSequence = batch.LastSequence + 1 };
        Assert.True(Fit(batch, next));
        Assert.False(Fit(batch, next with { FirstSequence = next.FirstSequence + 1 }));
        Assert.False(Fit(batch, Batch(501) with { FirstSequence = next.FirstSequence }));
        Assert.False(Fit(batch, next with { Stamp = TestStamps.Of("acme", 2) }));
        Assert.False(Fit(batch, next with { Stamp = batch.Stamp with { Boot = new BootId(Guid.NewGuid()) } }));
        Assert.False(Fit(batch, next with { ClockAtSeal = new WallClockReading(0, true) }));
        Assert.False(Fit(batch, next with { Channel = Channel.Health }));
        Assert.False(Fit(batch, next with { Payload = [99, .. next.Payload[1..]] })); // of a version that this one does not know
        Assert.False(Fit(batch, next with { Payload = [.. next.Payload, .. new byte[BatchBuilder.MaxBytes]] }));
    }

    private static bool Fit(Batch batch, Batch next) => BatchJoiner.Fits([new Delivery(batch, 0)], new Delivery(next, 0));

    private static Batch[] Follow(params Batch[] parts)
    {
        for (int i = 1; i < parts.Length; i++) parts[i] = parts[i] with { FirstSequence = parts[i - 1].LastSequence + 1 };
        return parts;
    }

    private static Batch Batch(int count)
    {
        var builder = new BatchBuilder(TestStamps.Acme, TestBatches.Catalog);
        for (int i = 0; i < count; i++) builder.Add(new Sample(1 + i, i, 0, i));
        return builder.Seal(default);
    }
}
