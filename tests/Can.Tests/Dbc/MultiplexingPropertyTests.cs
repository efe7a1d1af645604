using CsCheck;
using EdgeAgent.Can.Dbc;

namespace EdgeAgent.Can.Tests.Dbc;

/// <summary>Whatever values select a signal, of one multiplexer or of one under another, the plan finds it as a look at each range does.</summary>
public sealed class MultiplexingPropertyTests
{
    private static readonly Gen<DbcMultiplexerRange> Range =
        Gen.Select(Gen.UInt[0, 255], Gen.UInt[0, 40], (first, more) => new DbcMultiplexerRange(first, Math.Min(first + more, 255)));

    private static readonly Gen<(bool IsNested, DbcMultiplexerRange[] Ranges)> Signal = Gen.Select(Gen.Bool, Range.Array[1, 3]);

    [Fact]
    public void The_signals_of_a_frame_are_those_whose_ranges_hold_the_selectors() =>
        Gen.Select(Signal.Array[1, 40], Range.Array[1, 2], Gen.Byte, Gen.Byte).Sample((signals, innerRanges, outer, inner) =>
        {
            var text = new StringWriter();
            text.WriteLine("BO_ 1 M: 8 A\n SG_ Outer M : 0|8@1+ (1,0) [0|0] \"\" A\n SG_ Inner m0M : 8|8@1+ (1,0) [0|0] \"\" A");
            for (var index = 0; index < signals.Length; index++) text.WriteLine($" SG_ S{index} m0 : {16 + index}|{1 + index % 8}@1+ (1,0) [0|0] \"\" A");
            text.WriteLine($"SG_MUL_VAL_ 1 Inner Outer {Write(innerRanges)};");
            for (var index = 0; index < signals.Length; index++) text.WriteLine($"SG_MUL_VAL_ 1 S{index} {(signals[index].IsNested ? "Inner" : "Outer")} {Write(signals[index].Ranges)};");

            var plan = DecodePlan.Compile(DbcFile.Parse(text.ToString()));
            var values = new SignalValue[plan.MaxSignalsPerFrame];
            _ = plan.Decode(CanFrame.Data(CanId.Standard(1), [outer, inner, 1, 2, 3, 4, 5, 6]), values, out var count);

            var hasInner = Holds(innerRanges, outer);
            string[] expected =
            [
                "Outer", .. hasInner ? ["Inner"] : Array.Empty<string>(),
                .. signals.Index().Where(each => each.Item.IsNested ? hasInner && Holds(each.Item.Ranges, inner) : Holds(each.Item.Ranges, outer)).Select(each => $"S{each.Index}"),
            ];
            return expected.Order().SequenceEqual(values[..count].Select(value => plan.Signals[value.Slot].Signal.Name).Order());
        });

    private static bool Holds(DbcMultiplexerRange[] ranges, ulong selector) => ranges.Any(range => range.First <= selector && selector <= range.Last);

    private static string Write(DbcMultiplexerRange[] ranges) => string.Join(", ", ranges.Select(range => $"{range.First}-{range.Last}"));
}
