using System.Globalization;
using System.Text;
using CsCheck;
using EdgeAgent.Capture;
using EdgeAgent.Publishing;

namespace EdgeAgent.Tests.Publishing;

public sealed class SenMlNumberTests
{
    [Theory]
    [InlineData(388, 0.1, 0, "38.8")] // as a product of doubles 38.800000000000004
    [InlineData(3, 0.1, 0, "0.3")]
    [InlineData(-7, 0.01, -40, "-40.07")]
    [InlineData(1625, 0.5, 0, "812.5")]
    [InlineData(3251, 0.25, 0, "812.75")] // and not the next decimal that is near enough
    [InlineData(173, 0.0039215686, 0, "0.6784313678")]
    [InlineData(4, 10, 0, "40")]
    [InlineData(9, 0.3333333333333333, 0, "3")] // the double is shorter
    [InlineData(12345678, 1e-7, 0, "1.2345678")]
    public void A_value_is_the_decimal_that_the_DBC_file_means(long raw, double factor, double offset, string expected)
    {
        var scaling = new SignalScaling(factor, offset);
        Assert.Equal(expected, Format(scaling.ToValue(raw), scaling));
    }

    [Theory]
    [InlineData(0.1f, "0.10000000149011612")]
    [InlineData(38.800000000000004, "38.800000000000004")]
    [InlineData(-0.0, "-0")]
    [InlineData(1e300, "1E+300")]
    public void A_value_without_a_scaling_is_the_double(double value, string expected) => Assert.Equal(expected, Format(value, null));

    [Fact]
    public void No_value_changes_its_raw_integer_or_becomes_longer() =>
        Gen.Select(Gen.OneOf(Gen.OneOf(0.1, 0.01, 0.001, 0.05625, 1.0 / 3, -0.2), Gen.Double), Gen.OneOf(Gen.OneOf<double>(0, -40, -273.15), Gen.Double), Gen.Int).Sample((factor, offset, raw) =>
        {
            var scaling = new SignalScaling(factor, offset);
            double value = scaling.ToValue(raw);
            if (!double.IsFinite(value)) return;
            string text = Format(value, scaling);
            Assert.True(text.Length <= value.ToString("R", CultureInfo.InvariantCulture).Length);
            double read = double.Parse(text, CultureInfo.InvariantCulture);
            if (read != value) Assert.Equal(raw, Math.Round((read - offset) / factor));
        });

    private static string Format(double value, SignalScaling? scaling) => Encoding.UTF8.GetString(SenMlNumber.Format(new byte[SenMlNumber.MaxLength], value, scaling));
}
