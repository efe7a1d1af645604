using CsCheck;
using EdgeAgent.Capture;

namespace EdgeAgent.Tests.Capture;

public sealed class SignalScalingTests
{
    private static readonly double[] Factors = [1, 0.1, 0.01, 0.25, -0.5, 0.0039215686, 1e-7, 1e6, 1.0 / 3, 0.05625, 32767];

    [Fact]
    public void A_raw_integer_of_up_to_32_bits_comes_back_from_its_value() =>
        Gen.Select(Gen.OneOf(Factors), Gen.OneOf<double>(0, -40, 0.5, -273.15, 1000), Gen.Long[int.MinValue, uint.MaxValue]).Sample((factor, offset, raw) =>
        {
            var scaling = new SignalScaling(factor, offset);
            Assert.True(scaling.TryGetRaw(scaling.ToValue(raw), out long found));
            Assert.Equal(raw, found);
        });

    [Fact]
    public void What_is_found_makes_the_very_same_double() =>
        Gen.Select(Gen.OneOf(Gen.OneOf(Factors), Gen.Double), Gen.OneOf(Gen.OneOf<double>(0.0, -0.0, -40), Gen.Double), Gen.OneOf(Gen.Double, Gen.Long.Select(raw => (double)raw))).Sample((factor, offset, value) =>
        {
            var scaling = new SignalScaling(factor, offset);
            if (scaling.TryGetRaw(value, out long raw)) Assert.Equal(BitConverter.DoubleToInt64Bits(value), BitConverter.DoubleToInt64Bits(scaling.ToValue(raw)));
        });

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(-0.0)]
    [InlineData(0.15)]
    [InlineData(1e300)]
    public void What_no_raw_integer_makes_has_none(double value) => Assert.False(new SignalScaling(0.1, 0).TryGetRaw(value, out _));
}
