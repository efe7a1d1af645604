using EdgeAgent.Can.Dbc;

namespace EdgeAgent.Can.Tests.Dbc;

public sealed class DecodePlanTests
{
    private const string TwoMessages = """
        BO_ 256 Engine: 8 Vector__XXX
         SG_ Speed : 0|16@1+ (0.25,0) [0|0] "rpm" Vector__XXX
         SG_ Torque : 23|16@0- (1,-100) [0|0] "Nm" Vector__XXX
         SG_ Status : 32|32@1+ (1,0) [0|0] "" Vector__XXX
        BO_ 2147483904 Empty: 8 Vector__XXX
        """;

    private const string NestedMultiplexers = """
        BO_ 1 M: 8 Vector__XXX
         SG_ Outer M : 0|4@1+ (1,0) [0|0] "" Vector__XXX
         SG_ Inner m1M : 4|4@1- (1,0) [0|0] "" Vector__XXX
         SG_ UnderOuter m0 : 8|8@1+ (1,0) [0|0] "" Vector__XXX
         SG_ UnderInner m0 : 8|8@1+ (2,0) [0|0] "" Vector__XXX
         SG_ Always : 16|8@1+ (1,0) [0|0] "" Vector__XXX
        SG_MUL_VAL_ 1 Inner Outer 1-2, 4-4;
        SG_MUL_VAL_ 1 UnderOuter Outer 0-0;
        SG_MUL_VAL_ 1 UnderInner Inner 3-3, 15-15;
        """;

    [Fact]
    public void A_frame_is_decoded_into_slots()
    {
        var plan = DecodePlan.Compile(DbcFile.Parse(TwoMessages));
        Assert.Equal(3, plan.SlotCount);
        Assert.Equal(3, plan.MaxSignalsPerFrame);
        Assert.Equal([CanId.Standard(256)], plan.Ids);
        Assert.Equal(DecodeStatus.Decoded, Decode(plan, Frame(256, 0x10, 0x27, 0xFF, 0x9C, 1, 0, 0, 0x80), out var values));
        Assert.Equal(
            [new SignalValue(0, 10000, 2500), new SignalValue(1, unchecked((ulong)-100), -200), new SignalValue(2, 0x8000_0001, 0x8000_0001)],
            values);
        Assert.Equal("Torque", plan.Signals[1].Signal.Name);
        Assert.Equal("Engine", plan.Signals[1].Message.Name);
    }

    [Fact]
    public void A_frame_too_short_lists_only_the_signals_it_holds()
    {
        var plan = DecodePlan.Compile(DbcFile.Parse(TwoMessages));
        Assert.Equal(DecodeStatus.Truncated, Decode(plan, Frame(256, 1, 0, 0, 1, 0xFF, 0xFF, 0xFF), out var values));
        Assert.Equal([0, 1], values.Select(value => value.Slot));
        Assert.Equal(DecodeStatus.Truncated, Decode(plan, Frame(256), out values));
        Assert.Empty(values);
    }

    [Fact]
    public void A_message_without_selected_signals_is_known_but_not_filtered_for()
    {
        var plan = DecodePlan.Compile(DbcFile.Parse(TwoMessages), (_, signal) => signal.Name == "Status");
        Assert.Equal("Status", Assert.Single(plan.Signals).Signal.Name);
        Assert.Equal([CanId.Standard(256)], plan.Ids);
        Assert.True(plan.TryGetMessage(CanId.Extended(256), out var message));
        Assert.Equal("Empty", message.Name);
        Assert.Equal(DecodeStatus.Decoded, plan.Decode(CanFrame.Data(CanId.Extended(256), new byte[8]), [], out var count));
        Assert.Equal(0, count);
    }

    [Fact]
    public void Unknown_identifiers_remote_and_error_frames_decode_to_nothing()
    {
        var plan = DecodePlan.Compile(DbcFile.Parse(TwoMessages));
        Assert.Equal(DecodeStatus.UnknownId, Decode(plan, Frame(257, 1, 2, 3), out _));
        Assert.Equal(DecodeStatus.UnknownId, Decode(plan, CanFrame.Data(CanId.Extended(257), [1]), out _));
        Assert.Equal(DecodeStatus.NoData, Decode(plan, CanFrame.Remote(CanId.Standard(256), 8), out var values));
        Assert.Empty(values);
        Assert.Equal(DecodeStatus.NoData, Decode(plan, CanFrame.Error(256, new byte[8]), out values));
        Assert.Empty(values);
        Assert.False(plan.TryGetMessage(CanId.Standard(257), out _));
    }

    [Fact]
    public void The_first_database_that_knows_an_identifier_wins()
    {
        var first = DbcFile.Parse("BO_ 1 First: 8 A\n SG_ X : 0|8@1+ (1,0) [0|0] \"\" A\nBO_ 1 Again: 8 A");
        var second = DbcFile.Parse("BO_ 1 Second: 8 A\n SG_ Y : 0|8@1+ (1,0) [0|0] \"\" A\nBO_ 2 Other: 8 A\n SG_ Z : 0|8@1+ (1,0) [0|0] \"\" A");
        var plan = DecodePlan.Compile([first, second]);
        Assert.True(plan.TryGetMessage(CanId.Standard(1), out var message));
        Assert.Equal("First", message.Name);
        Assert.Equal(["X", "Z"], plan.Signals.Select(planned => planned.Signal.Name));
    }

    [Theory]
    [InlineData(0x00, "Outer=0 Always=7 UnderOuter=5")]
    [InlineData(0x31, "Outer=1 Always=7 Inner=3 UnderInner=10")]
    [InlineData(0xF4, "Outer=4 Always=7 Inner=-1 UnderInner=10")]
    [InlineData(0x22, "Outer=2 Always=7 Inner=2")]
    [InlineData(0x33, "Outer=3 Always=7")]
    public void Multiplexers_select_through_all_levels(byte selectors, string expected)
    {
        var plan = DecodePlan.Compile(DbcFile.Parse(NestedMultiplexers));
        Assert.Equal(DecodeStatus.Decoded, Decode(plan, Frame(1, selectors, 5, 7, 0, 0, 0, 0, 0), out var values));
        Assert.Equal(expected, string.Join(' ', values.Select(value => $"{plan.Signals[value.Slot].Signal.Name}={value.Value}")));
    }

    [Fact]
    public void A_multiplexer_that_is_not_selected_still_selects()
    {
        var plan = DecodePlan.Compile(DbcFile.Parse(NestedMultiplexers), (_, signal) => signal.Name == "UnderInner");
        _ = Decode(plan, Frame(1, 0x31, 5, 7, 0, 0, 0, 0, 0), out var values);
        Assert.Equal([new SignalValue(0, 5, 10)], values);
        _ = Decode(plan, Frame(1, 0x33, 5, 7, 0, 0, 0, 0, 0), out values);
        Assert.Empty(values);
    }

    [Fact]
    public void Multiplexers_in_a_circle_are_never_present()
    {
        var plan = DecodePlan.Compile(DbcFile.Parse("""
            BO_ 1 M: 8 Vector__XXX
             SG_ A m0M : 0|8@1+ (1,0) [0|0] "" Vector__XXX
             SG_ B m0M : 8|8@1+ (1,0) [0|0] "" Vector__XXX
            SG_MUL_VAL_ 1 A B 0-9;
            SG_MUL_VAL_ 1 B A 0-9;
            """));
        Assert.Equal(2, plan.SlotCount);
        Assert.Equal(0, plan.MaxSignalsPerFrame);
        _ = Decode(plan, Frame(1, 0, 0, 0, 0, 0, 0, 0, 0), out var values);
        Assert.Empty(values);
    }

    [Fact]
    public void Floats_of_each_size_and_order_are_decoded()
    {
        var plan = DecodePlan.Compile(DbcFile.Parse("""
            BO_ 1 M: 32 Vector__XXX
             SG_ Half : 0|16@1- (1,0) [0|0] "" Vector__XXX
             SG_ Single : 23|32@0- (2,1) [0|0] "" Vector__XXX
             SG_ Double : 48|64@1- (1,0) [0|0] "" Vector__XXX
             SG_ NotANumber : 112|32@1- (1,0) [0|0] "" Vector__XXX
            SIG_VALTYPE_ 1 Half : 1;
            SIG_VALTYPE_ 1 Single : 1;
            SIG_VALTYPE_ 1 Double : 2;
            SIG_VALTYPE_ 1 NotANumber 1;
            """));
        var payload = new byte[32];
        BitConverter.TryWriteBytes(payload, (Half)(-0.5));
        System.Buffers.Binary.BinaryPrimitives.WriteSingleBigEndian(payload.AsSpan(2), 1.25f);
        BitConverter.TryWriteBytes(payload.AsSpan(6), -0.0);
        BitConverter.TryWriteBytes(payload.AsSpan(14), float.NaN);
        Assert.Equal(DecodeStatus.Decoded, Decode(plan, CanFrame.Data(CanId.Standard(1), payload, fd: true), out var values));
        Assert.Equal([-0.5, 3.5, -0.0, double.NaN], values.Select(value => value.Value));
        Assert.True(double.IsNegative(values[2].Value));
    }

    [Fact]
    public void Integers_of_64_bits_are_exact()
    {
        var plan = DecodePlan.Compile(DbcFile.Parse("""
            BO_ 1 M: 16 Vector__XXX
             SG_ Unsigned : 0|64@1+ (1,0) [0|0] "" Vector__XXX
             SG_ Scaled : 64|64@1- (3,1) [0|0] "" Vector__XXX
            """));
        _ = Decode(plan, CanFrame.Data(CanId.Standard(1), [255, 255, 255, 255, 255, 255, 255, 255, 1, 0, 0, 0, 0, 0, 0, 128], fd: true), out var values);
        Assert.True(plan.Signals[0].Signal.TryGetExactInteger(values[0], out var exact));
        Assert.Equal("18446744073709551615", exact.ToString(null, null));
        Assert.True(plan.Signals[1].Signal.TryGetExactInteger(values[1], out exact));
        Assert.Equal("-27670116110564327420", exact.ToString(null, null));
        Assert.Equal(-27670116110564327420d, values[1].Value);
    }

    [Fact]
    public void A_payload_longer_than_a_frame_is_decoded()
    {
        var plan = DecodePlan.Compile(DbcFile.Parse("""
            BO_ 2147483649 M: 100 Vector__XXX
             SG_ Last : 784|16@1+ (1,0) [0|0] "" Vector__XXX
            """));
        var payload = new byte[100];
        (payload[98], payload[99]) = (0x34, 0x12);
        Span<SignalValue> values = stackalloc SignalValue[plan.MaxSignalsPerFrame];
        Assert.Equal(DecodeStatus.Decoded, plan.Decode(CanId.Extended(1), payload, values, out var count));
        Assert.Equal((1, 0x1234ul), (count, values[0].Raw));
        Assert.Equal(DecodeStatus.Truncated, plan.Decode(CanId.Extended(1), payload.AsSpan(0, 99), values, out count));
        Assert.Equal(0, count);
    }

    [Fact]
    public void A_buffer_too_short_for_the_message_is_refused()
    {
        var plan = DecodePlan.Compile(DbcFile.Parse(TwoMessages));
        var frame = Frame(256, 1, 2, 3, 4, 5, 6, 7, 8);
        Assert.Throws<ArgumentException>(() => plan.Decode(in frame, new SignalValue[2], out _));
    }

    [Fact]
    public void Thousands_of_identifiers_are_told_apart()
    {
        var ids = Enumerable.Range(0, 2048).Select(id => CanId.Standard((uint)id))
            .Concat(Enumerable.Range(0, 5000).Select(id => CanId.Extended((uint)id << 8))).ToArray();
        var text = string.Concat(ids.Select((id, index) => $"BO_ {id.Raw} M{index}: 8 A\n"));
        var plan = DecodePlan.Compile(DbcFile.Parse(text));
        for (var index = 0; index < ids.Length; index++)
        {
            Assert.True(plan.TryGetMessage(ids[index], out var message));
            Assert.Equal($"M{index}", message.Name);
        }

        Assert.False(plan.TryGetMessage(CanId.Extended(1), out _));
        Assert.False(plan.TryGetMessage(CanId.Extended(5000 << 8), out _));
    }

    [Fact]
    public void Decoding_allocates_nothing()
    {
        var plan = DecodePlan.Compile([DbcFile.Parse(NestedMultiplexers), DbcFile.Parse(TwoMessages)]);
        CanFrame[] frames = [Frame(1, 0x31, 5, 7, 0, 0, 0, 0, 0), Frame(256, 1, 2, 3, 4, 5, 6, 7, 8), Frame(256, 1), Frame(9, 1)];
        var values = new SignalValue[plan.MaxSignalsPerFrame];
        var decoded = 0;
        var rounds = 0;
        void Round()
        {
            for (var repeat = 0; repeat < 100_000; repeat++)
            {
                foreach (ref readonly var frame in frames.AsSpan())
                {
                    _ = plan.Decode(in frame, values, out var count);
                    decoded += count;
                }
            }
            rounds++;
        }

        Round();
        Assert.Equal(0, Allocations.Least(Round));
        Assert.Equal(rounds * 100_000 * (4 + 3), decoded);
    }

    private static CanFrame Frame(uint id, params byte[] payload) => CanFrame.Data(CanId.Standard(id), payload);

    private static DecodeStatus Decode(DecodePlan plan, CanFrame frame, out SignalValue[] values)
    {
        var buffer = new SignalValue[plan.MaxSignalsPerFrame];
        var status = plan.Decode(in frame, buffer, out var count);
        values = buffer[..count];
        return status;
    }
}
