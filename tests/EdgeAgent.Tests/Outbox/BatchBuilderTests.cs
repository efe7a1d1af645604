using CsCheck;
using EdgeAgent.Capture;
using EdgeAgent.Outbox;
using EdgeAgent.Tenancy;

namespace EdgeAgent.Tests.Outbox;

public sealed class BatchBuilderTests
{
    private static readonly SignalScaling?[] Scalings = [null, SignalScaling.None, new(0.1, -40), new(-0.01, 0), new(0, 0), new(double.NaN, double.PositiveInfinity)];

    private static readonly SignalCatalog Catalog = new([.. Enumerable.Range(0, 300).Select(i => new SignalDescription($"can0/Message{i / 10}/Signal{i}", i % 2 == 0 ? "km/h" : null, Scalings[i % Scalings.Length]))]);

    /// <summary>Any doubles, and those that signals of <see cref="Scalings"/> have.</summary>
    private static Gen<double> Values => Gen.OneOf(
        Gen.Double,
        Gen.OneOf<double>(-0.0, 0, double.NaN, double.NegativeInfinity, double.MaxValue, double.Epsilon, 9007199254740993, long.MaxValue),
        Gen.Select(Gen.Int, Gen.OneOf(Scalings)).Select((raw, scaling) => scaling is { } numbers ? numbers.ToValue(raw) : raw));

    [Fact]
    public void What_is_sealed_reads_back_the_same() =>
        Gen.Select(Gen.Long[1, long.MaxValue / 2], Gen.Select(Gen.Int[0, 299], Gen.Long[0, 1L << 60], Values).Array[1, 200]).Sample((first, samples) =>
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
    public void A_value_with_a_scaling_takes_no_more_room_than_its_raw_integer()
    {
        var scaling = new SignalScaling(0.1, -40);
        Span<byte> bytes = stackalloc byte[SamplePayload.MaxSampleLength];
        Assert.Equal(1 + 1 + 2, SamplePayload.WriteSample(bytes, 5, 0, scaling.ToValue(1000), scaling));
        Assert.Equal(1 + 1 + 8, SamplePayload.WriteSample(bytes, 5, 0, scaling.ToValue(1000), null));
        Assert.Equal(1 + 1 + 8, SamplePayload.WriteSample(bytes, 5, 0, 60.01, scaling)); // not one of its values
    }

    [Fact]
    public void A_batch_that_an_earlier_version_stored_can_still_be_read()
    {
        byte[] payload = [1, 2, 1, (byte)'a', 1, (byte)'V', 1, (byte)'b', 0, /* samples */ 1, 0, .. BitConverter.GetBytes(12.5), 0, 3, .. BitConverter.GetBytes(-1.0)];
        var reader = SamplePayload.Read(new Batch(TestStamps.Acme, Channel.Telemetry, 1, 2, 0, default, payload));
        Assert.Equal([new SignalDescription("a", "V"), new SignalDescription("b", null)], reader.Signals);
        Assert.True(reader.TryRead(out int signal, out long delta, out double value));
        Assert.Equal((1, 0L, 12.5), (signal, delta, value));
        Assert.True(reader.TryRead(out signal, out delta, out value));
        Assert.Equal((0, -2L, -1.0), (signal, delta, value));
        Assert.False(reader.TryRead(out _, out _, out _));
    }

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
        Assert.InRange(builder.Count, 1, BatchBuilder.MaxReadableSamples);
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
        Assert.Equal(0, Allocations.Least(Round));
    }

    [Fact]
    public void No_payload_does_more_than_be_refused() =>
        Gen.Byte.Array[0, 100].Sample(payload =>
        {
            if (payload.Length > 0) payload[0] = (byte)(1 + payload[0] % SamplePayload.Version);
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
}
