using CsCheck;
using EdgeAgent.Capture;
using EdgeAgent.Outbox;
using EdgeAgent.Tenancy;

namespace EdgeAgent.Tests.Outbox;

public sealed class BatchBuilderTests
{
    private static readonly SignalCatalog Catalog = new([.. Enumerable.Range(0, 300).Select(i => new SignalDescription($"can0/Message{i / 10}/Signal{i}", i % 2 == 0 ? "km/h" : null))]);

    [Fact]
    public void What_is_sealed_reads_back_the_same() =>
        Gen.Select(Gen.Long[1, long.MaxValue / 2], Gen.Select(Gen.Int[0, 299], Gen.Long[0, 1L << 60], Gen.Double).Array[1, 200]).Sample((first, samples) =>
        {
            var builder = new BatchBuilder(TestStamps.Acme, Catalog);
            for (int i = 0; i < samples.Length; i++) builder.Add(new Sample(first + i, samples[i].Item2, samples[i].Item1, samples[i].Item3));
            var batch = builder.Seal(new WallClockReading(7, true));

            Assert.Equal((first, samples.Length, first + samples.Length - 1), (batch.FirstSequence, batch.Count, batch.LastSequence));
            var reader = SamplePayload.Read(batch);
            long time = batch.FirstTimeNs;
            foreach (var (signal, timeNs, value) in samples)
            {
                Assert.True(reader.TryRead(out int index, out long delta, out double read));
                time += delta;
                Assert.Equal(Catalog[signal], reader.Signals[index]);
                Assert.Equal(timeNs, time);
                Assert.Equal(BitConverter.DoubleToInt64Bits(value), BitConverter.DoubleToInt64Bits(read));
            }
            Assert.False(reader.TryRead(out _, out _, out _));
        });

    [Fact]
    public void A_builder_starts_over_after_each_batch()
    {
        var builder = new BatchBuilder(TestStamps.Acme, Catalog);
        builder.Add(new Sample(1, 0, 5, 1));
        builder.Seal(default);
        builder.Add(new Sample(2, 0, 6, 2));
        var reader = SamplePayload.Read(builder.Seal(default));
        Assert.Equal(Catalog[6], Assert.Single(reader.Signals));
    }

    [Fact]
    public void A_batch_has_a_limit_in_samples_and_in_bytes()
    {
        var builder = new BatchBuilder(TestStamps.Acme, Catalog);
        long sequence = 1;
        while (!builder.IsFull) builder.Add(new Sample(sequence, sequence * (1L << 50), (int)(sequence++ % 300), 1));
        Assert.InRange(builder.Count, 1, BatchBuilder.MaxSamples);
        Assert.InRange(builder.Seal(default).Payload.Length, 1, BatchBuilder.MaxBytes + 300 * 40);
    }

    [Fact]
    public void Adding_allocates_nothing()
    {
        var builder = new BatchBuilder(TestStamps.Acme, Catalog);
        void Round()
        {
            for (int i = 0; i < 500; i++) builder.Add(new Sample(i + 1, i, i % 300, i));
        }
        Round();
        builder.Seal(default);
        Round();
        builder.Seal(default);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Round();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void No_payload_does_more_than_be_refused() =>
        Gen.Byte.Array[0, 100].Sample(payload =>
        {
            if (payload.Length > 0) payload[0] = SamplePayload.Version;
            var batch = new Batch(TestStamps.Acme, Channel.Telemetry, 1, 1, 0, default, payload);
            try
            {
                var reader = SamplePayload.Read(batch);
                while (reader.TryRead(out int signal, out _, out _)) Assert.InRange(signal, 0, reader.Signals.Length - 1);
            }
            catch (InvalidDataException)
            {
            }
        });

    [Fact]
    public void The_checksum_covers_whose_the_batch_is_and_all_else()
    {
        var batch = new Batch(TestStamps.Acme, Channel.Telemetry, 1, 2, 3, new WallClockReading(4, true), [5, 6]);
        ulong sum = batch.Checksum();
        Assert.Equal(sum, (batch with { Payload = [5, 6] }).Checksum());
        Batch[] others =
        [
            batch with { Stamp = TestStamps.Of("other", 1) }, batch with { Stamp = TestStamps.Of("acme", 2) },
            batch with { FirstSequence = 2 }, batch with { Count = 3 }, batch with { FirstTimeNs = 4 },
            batch with { ClockAtSeal = new WallClockReading(5, true) }, batch with { ClockAtSeal = new WallClockReading(4, false) },
            batch with { Payload = [5, 7] }, batch with { Payload = [5] },
        ];
        Assert.All(others, other => Assert.NotEqual(sum, other.Checksum()));
    }
}
