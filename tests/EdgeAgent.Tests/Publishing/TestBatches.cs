using System.Buffers;
using CsCheck;
using EdgeAgent.Capture;
using EdgeAgent.Outbox;
using EdgeAgent.Publishing;

namespace EdgeAgent.Tests.Publishing;

/// <summary>Batches of every kind, and what is in them.</summary>
internal static class TestBatches
{
    private static readonly SignalScaling?[] Scalings = [null, SignalScaling.None, new(0.1, 0), new(0.01, -40), new(-0.25, 0), new(0.0039215686, 1000), new(0, 0), new(double.NaN, 0)];

    private static readonly string?[] Units = [null, "km/h", "bar", "rpm", "°C"];

    /// <summary>Names that share beginnings, also within a character; and one that is nobody's path.</summary>
    private static readonly string[] Names = ["can0/Engine/Speed", "can0/Engine/Spé", "can0/Engine/Spè", "can0/Engine", "x", "can1/Räder/Größe", "日本/信号/速度"];

    public static readonly SignalCatalog Catalog = new([.. Enumerable.Range(0, 70).Select(i => new SignalDescription(Names[i % Names.Length] + i / Names.Length, Units[i % Units.Length], Scalings[i % Scalings.Length]))]);

    /// <summary>Any doubles, and those of raw integers of all sizes.</summary>
    private static readonly Gen<double> Values = Gen.OneOf(
        Gen.Double,
        Gen.OneOf<double>(-0.0, 0, 1, double.NaN, double.NegativeInfinity, double.PositiveInfinity, double.MaxValue, double.Epsilon, 0.1, 12.5f),
        Gen.Long.Select(raw => (double)raw),
        Gen.ULong.Select(raw => (double)raw),
        Gen.Float.Select(value => (double)value),
        Gen.Select(Gen.Int, Gen.OneOf(Scalings)).Select((raw, scaling) => scaling is { } numbers ? numbers.ToValue(raw) : raw),
        Gen.Select(Gen.Int[-300, 300], Gen.OneOf(Scalings)).Select((raw, scaling) => scaling is { } numbers ? numbers.ToValue(raw) : raw));

    /// <summary>A column of its own: constant, a ramp, or values that its scaling gives.</summary>
    private static readonly Gen<(int Signal, double Value)[]> Frame = Gen.Select(Gen.Int[0, 69], Gen.Int[1, 6], Gen.Bool, Values, Gen.Int[-5, 5]).Select((first, length, isOwn, any, raw) =>
        Enumerable.Range(first, length).Select(signal => signal % 70).Select(signal => (signal, isOwn && Catalog[signal].Scaling is { } scaling ? scaling.ToValue(raw) : any)).ToArray());

    private static readonly Gen<long> Deltas = Gen.OneOf(Gen.Long[-1_000_000, 20_000_000], Gen.Long[-1L << 50, 1L << 50], Gen.Const(0L), Gen.Const(10_000_000L));

    /// <summary>A batch, and the wall clock to publish it by: set, or never set in this boot or in an earlier one.</summary>
    public static readonly Gen<(Batch Batch, WallClockReading Clock, long? NowNs)> Any =
        Gen.Select(Gen.Long[1, long.MaxValue / 2], Gen.Long[0, 1L << 55], Gen.Select(Deltas, Frame).Array[1, 40], Gen.Int[0, 2], Gen.Bool).Select((first, begin, frames, clock, synchronized) =>
        {
            var builder = new BatchBuilder(TestStamps.Acme, Catalog);
            long time = begin, sequence = first;
            foreach (var (delta, frame) in frames)
            {
                time += delta;
                foreach (var (signal, value) in frame) builder.Add(new Sample(sequence++, time, signal, value));
            }
            return (builder.Seal(default), new WallClockReading(clock == 0 ? 1_789_000_000_123_456_789 : -begin, synchronized), clock == 2 ? null : (long?)(begin + 5_000_000_000));
        });

    public static byte[] Encode(this PayloadEncoding encoding, Batch batch, WallClockReading clock, long? nowNs)
    {
        var output = new ArrayBufferWriter<byte>();
        encoding.Encode(batch, clock, nowNs, output);
        return output.WrittenMemory.ToArray();
    }

    /// <summary>The samples with times in nanoseconds since boot.</summary>
    public static List<(SignalDescription Signal, long TimeNs, double Value)> Samples(this Batch batch)
    {
        List<(SignalDescription, long, double)> samples = [];
        var reader = SamplePayload.Read(batch);
        long time = batch.FirstTimeNs;
        while (reader.TryRead(out int signal, out long delta, out double value)) samples.Add((reader.Signals[signal], time += delta, value));
        return samples;
    }
}
