using System.Buffers;
using CsCheck;
using EdgeAgent.Capture;
using EdgeAgent.Outbox;
using EdgeAgent.Publishing;
using EdgeAgent.Tenancy;

namespace EdgeAgent.Tests.Publishing;

public sealed class PayloadRoundTripTests
{
    public static TheoryData<string> Encodings => [.. PayloadEncoding.All.Select(encoding => encoding.Name)];

    [Theory]
    [MemberData(nameof(Encodings))]
    public void What_is_published_decodes_to_the_same_numbers_names_values_and_order(string name)
    {
        Assert.True(PayloadEncoding.TryParse(name, out var encoding));
        // Microseconds twice, since a record's time is a sum of two; and half a millisecond.
        long tolerance = encoding == PayloadEncoding.Columnar ? ColumnarEncoder.TimeUnitNs / 2 : 1000;
        TestBatches.Any.Sample(sample =>
        {
            var (batch, clock, nowNs) = sample;
            var decoded = PayloadDecoder.Decode(encoding.Encode(batch, clock, nowNs));
            AssertSame(batch, clock, nowNs, decoded, tolerance, isExact: encoding != PayloadEncoding.Json);
        }, iter: 3000);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1000)]
    [InlineData(1_000_000_000)]
    public void Columnar_times_are_rounded_to_their_unit_and_do_not_drift(long unitNs) => TestBatches.Any.Sample(sample =>
    {
        var (batch, clock, nowNs) = sample;
        var output = new ArrayBufferWriter<byte>();
        ColumnarEncoder.Encode(batch, clock, nowNs, output, unitNs);
        AssertSame(batch, clock, nowNs, PayloadDecoder.Decode(output.WrittenMemory), unitNs / 2, isExact: true);
    });

    [Fact]
    public void A_message_decodes_to_its_stamp_and_number()
    {
        var batch = new Batch(TestStamps.Acme, Channel.Health, 12, 1, 0, default, "\"a\":1"u8.ToArray());
        var decoded = PayloadDecoder.Decode(PayloadEncoding.Json.For(batch).Encode(batch, new WallClockReading(1_789_000_000_000_000_000, true), 0));
        Assert.Equal((TestStamps.Acme, RecordStream.Messages, 12L, 1, true, TimeReference.Unix), (decoded.Stamp, decoded.Stream, decoded.FirstSequence, decoded.Count, decoded.ClockSynchronized, decoded.TimeReference));
    }

    [Fact]
    public void A_batch_too_large_for_readable_text_stays_columnar()
    {
        var batch = new Batch(TestStamps.Acme, Channel.Telemetry, 1, PayloadEncoding.Json.MaxSamples, 0, default, []);
        Assert.Same(PayloadEncoding.Json, PayloadEncoding.Json.For(batch));
        Assert.Same(PayloadEncoding.Columnar, PayloadEncoding.Json.For(batch with { Count = batch.Count + 1 }));
    }

    [Fact]
    public void Each_encoding_has_a_name_and_is_recognized_by_its_first_bytes()
    {
        var builder = new BatchBuilder(TestStamps.Acme, TestBatches.Catalog);
        builder.Add(new Sample(1, 0, 0, 1));
        var batch = builder.Seal(default);
        foreach (var encoding in PayloadEncoding.All)
        {
            Assert.True(PayloadEncoding.TryParse(encoding.Name, out var parsed));
            Assert.Same(encoding, parsed);
            Assert.Equal(encoding.ContentType, PayloadDecoder.Recognize(encoding.Encode(batch, default, 0)));
        }
        Assert.False(PayloadEncoding.TryParse("json", out _));
        Assert.Null(PayloadDecoder.Recognize("hello"u8));
    }

    private static void AssertSame(Batch batch, WallClockReading clock, long? nowNs, DecodedPayload decoded, long toleranceNs, bool isExact)
    {
        var expected = batch.Samples();
        Assert.Equal((batch.Stamp, RecordStream.Telemetry, batch.FirstSequence, batch.Count), (decoded.Stamp, decoded.Stream, decoded.FirstSequence, decoded.Count));
        Assert.Equal(clock.Synchronized, decoded.ClockSynchronized);
        bool isSet = batch.FirstTimeNs + clock.OffsetNs >= 1L << 50;
        Assert.Equal(isSet ? TimeReference.Unix : nowNs is null ? TimeReference.Unknown : TimeReference.Publishing, decoded.TimeReference);
        long offset = isSet ? clock.OffsetNs : nowNs is null ? -batch.FirstTimeNs : -nowNs.Value;
        Assert.Equal(expected.Count, decoded.Samples.Count);
        Dictionary<string, string?> units = [];
        for (int i = 0; i < expected.Count; i++)
        {
            var (signal, timeNs, value) = expected[i];
            var sample = decoded.Samples[i];
            Assert.Equal((batch.FirstSequence + i, signal.Name), (sample.Sequence, sample.Name));
            Assert.InRange(sample.TimeNs - (timeNs + offset), -toleranceNs, toleranceNs);
            Assert.True(units.TryAdd(sample.Name, sample.Unit) || units[sample.Name] == sample.Unit);
            Assert.True(sample.Unit == signal.Unit || sample.Unit == SenMlUnit.Of(signal.Unit), $"{sample.Unit} for {signal.Unit}");
            if (isExact || signal.Scaling is null) Assert.True(IsSame(value, sample.Value), $"{sample.Name}: {sample.Value} for {value}");
            else AssertSameRaw(signal.Scaling.Value, value, sample.Value);
        }
    }

    /// <summary>What JSON's decimal says is the value or as near to it as makes no raw integer of difference.</summary>
    private static void AssertSameRaw(SignalScaling scaling, double value, double read)
    {
        if (IsSame(value, read)) return;
        Assert.True(scaling.TryGetRaw(value, out long raw));
        Assert.Equal(raw, Math.Round((read - scaling.Offset) / scaling.Factor));
        Assert.InRange(read - value, -1e-12 * (Math.Abs(value) + Math.Abs(scaling.Offset)), 1e-12 * (Math.Abs(value) + Math.Abs(scaling.Offset)));
    }

    /// <summary>To the last bit; which of the many NaNs it is does not matter.</summary>
    private static bool IsSame(double one, double other) => BitConverter.DoubleToInt64Bits(one) == BitConverter.DoubleToInt64Bits(other) || double.IsNaN(one) && double.IsNaN(other);
}
