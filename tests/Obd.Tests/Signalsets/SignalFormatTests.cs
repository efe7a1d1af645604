using CsCheck;
using EdgeAgent.Obd.Signalsets;

namespace EdgeAgent.Obd.Tests.Signalsets;

public sealed class SignalFormatTests
{
    /// <summary>What the format's description says of its members, worked out by hand.</summary>
    [Theory]
    [InlineData("{'len':8,'max':255,'unit':'scalar'}", "7B", 123)]
    [InlineData("{'bix':4,'len':8,'max':255,'unit':'scalar'}", "0AB0", 0xAB)]
    [InlineData("{'bix':7,'len':1,'max':1,'unit':'offon'}", "FE", 0)]
    [InlineData("{'bix':8,'len':16,'max':65535,'unit':'scalar'}", "FF1234", 0x1234)]
    [InlineData("{'bix':8,'len':16,'blsb':true,'max':65535,'unit':'scalar'}", "FF1234", 0x3412)]
    [InlineData("{'len':24,'blsb':true,'max':16777215,'unit':'scalar'}", "010203", 0x030201)]
    [InlineData("{'bix':4,'len':12,'blsb':true,'max':4095,'unit':'scalar'}", "1234", 0x412)]
    [InlineData("{'len':8,'blsb':true,'max':255,'unit':'scalar'}", "12", 0x12)]
    [InlineData("{'len':8,'sign':true,'min':-128,'max':127,'unit':'scalar'}", "FF", -1)]
    [InlineData("{'len':16,'sign':true,'blsb':true,'min':-32768,'max':32767,'unit':'scalar'}", "FEFF", -2)]
    [InlineData("{'len':12,'sign':true,'min':-2048,'max':2047,'unit':'scalar'}", "8000", -2048)]
    [InlineData("{'len':16,'mul':2,'div':8,'add':-40,'min':-40,'max':20000,'unit':'celsius'}", "0064", -15)]
    [InlineData("{'len':8,'max':100,'unit':'percent'}", "FF", 100)]
    [InlineData("{'len':8,'min':10,'max':100,'unit':'percent'}", "05", 10)]
    [InlineData("{'len':8,'min':0,'max':0,'unit':'percent'}", "FF", 255)]
    [InlineData("{'len':8,'unit':'percent'}", "FF", 255)]
    [InlineData("{'len':64,'max':1e30,'unit':'scalar'}", "FFFFFFFFFFFFFFFF", 18446744073709551615.0)]
    [InlineData("{'len':72,'max':1e30,'unit':'scalar'}", "010000000000000000", 18446744073709551616.0)]
    [InlineData("{'len':72,'sign':true,'min':-1e30,'max':1e30,'unit':'scalar'}", "FFFFFFFFFFFFFFFFFE", -2)]
    [InlineData("{'len':8,'max':255,'nullmax':255,'unit':'scalar'}", "FE", 254)]
    [InlineData("{'len':8,'max':255,'nullmin':0,'unit':'scalar'}", "01", 1)]
    public void Numbers_are_scaled_and_limited(string format, string data, double value)
    {
        Assert.Equal(new SignalReading(SignalState.Number, value), FormatOf(format).Decode(Convert.FromHexString(data)));
    }

    [Theory]
    [InlineData("{'len':8,'max':255,'nullmax':255,'unit':'scalar'}", "FF", SignalState.Unavailable)]
    [InlineData("{'len':8,'max':255,'nullmax':250,'unit':'scalar'}", "FB", SignalState.Unavailable)]
    [InlineData("{'len':8,'max':255,'nullmin':0,'unit':'scalar'}", "00", SignalState.Unavailable)]
    [InlineData("{'len':8,'add':-40,'min':-40,'max':215,'nullmin':-40,'unit':'celsius'}", "00", SignalState.Unavailable)]
    [InlineData("{'len':8,'max':98,'nullmax':200,'unit':'scalar'}", "C8", SignalState.Unavailable)]
    [InlineData("{'len':16,'max':255,'unit':'scalar'}", "FF", SignalState.TooShort)]
    [InlineData("{'bix':8,'len':1,'max':1,'unit':'offon'}", "FF", SignalState.TooShort)]
    [InlineData("{'len':8,'map':{'1':'ON'}}", "", SignalState.TooShort)]
    [InlineData("{'len':8,'map':{'1':'ON'}}", "02", SignalState.Unavailable)]
    [InlineData("{'len':8,'mul':1e308,'max':255,'unit':'scalar'}", "FF", SignalState.Unavailable)]
    public void Where_there_is_no_value_none_is_given(string format, string data, SignalState state) =>
        Assert.Equal(new SignalReading(state), FormatOf(format).Decode(Convert.FromHexString(data)));

    [Theory]
    [InlineData("{'len':8,'map':{'1':{'value':'ON','description':'It is on'},'0':'OFF'}}", "01", "ON")]
    [InlineData("{'len':8,'map':{'1':{'value':'ON','description':'It is on'},'0':'OFF'}}", "00", "OFF")]
    [InlineData("{'bix':2,'len':2,'map':{'3':'THREE'}}", "30", "THREE")]
    [InlineData("{'len':8,'sign':true,'map':{'-1':'REVERSE'}}", "FF", "REVERSE")]
    [InlineData("{'len':8,'map':{'5':{'value':5}}}", "05", "5")]
    public void Raw_values_have_names(string format, string data, string label) => Assert.Equal(label, FormatOf(format).Decode(Convert.FromHexString(data)).Label);

    [Theory]
    [InlineData("{'len':40,'max':0,'unit':'ascii'}", "4142430000", "ABC")]
    [InlineData("{'bix':8,'len':24,'max':0,'unit':'ascii'}", "FF412042", "A B")]
    [InlineData("{'len':16,'max':65535,'unit':'hex'}", "01AF", "01AF")]
    [InlineData("{'len':72,'max':65535,'unit':'hex'}", "0102030405060708AF", "0102030405060708AF")]
    public void Text_is_given_beside_the_number(string format, string data, string text)
    {
        Assert.Equal(text, FormatOf(format).Text(Convert.FromHexString(data)));
        Assert.Null(FormatOf(format).Text([]));
    }

    [Theory]
    [InlineData("celsius", 20, "°C", 20)]
    [InlineData("fahrenheit", 212, "°C", 100)]
    [InlineData("kelvin", 273.15, "°C", 0)]
    [InlineData("miles", 100, "km", 160.9344)]
    [InlineData("milesPerHour", 60, "km/h", 96.56064)]
    [InlineData("metersPerSecond", 10, "km/h", 36)]
    [InlineData("psi", 32, "kPa", 220.632233)]
    [InlineData("bars", 2.5, "kPa", 250)]
    [InlineData("gallons", 1, "L", 3.785411784)]
    [InlineData("kilogramsPerHour", 36, "g/s", 10)]
    [InlineData("milesPerKilowattHour", 4, "kWh/100km", 15.534279805933)]
    [InlineData("kilowattHoursPer100Miles", 16.09344, "kWh/100km", 10)]
    [InlineData("poundFoot", 100, "Nm", 135.58179483314)]
    [InlineData("radians", Math.PI, "°", 180)]
    [InlineData("millivolts", 3700, "V", 3.7)]
    [InlineData("hours", 1, "s", 3600)]
    [InlineData("joules", 3_600_000, "kWh", 1)]
    [InlineData("offon", 1, null, 1)]
    public void Units_have_a_canonical_one(string name, double value, string? canonical, double inCanonical)
    {
        Assert.True(SignalUnit.TryFind(name, out var unit));
        Assert.Equal(canonical, unit.CanonicalSymbol);
        Assert.Equal(inCanonical, unit.ToCanonical(value), 6);
    }

    [Fact]
    public void Any_bits_are_found_again_in_either_byte_order()
    {
        Gen.Select(Gen.Int[0, 40], Gen.Int[1, 64], Gen.ULong, Gen.Byte.Array[16], Gen.Bool).Sample((first, count, bits, data, isLittleEndian) =>
        {
            if (isLittleEndian) (first, count) = (first / 8 * 8, (count + 7) / 8 * 8);
            ulong raw = count == 64 ? bits : bits & ((1UL << count) - 1);
            for (int i = 0; i < count; i++)
            {
                int bit = first + i, index = bit / 8;
                if (isLittleEndian) index = first / 8 + (first + count - 1) / 8 - index;
                byte mask = (byte)(0x80 >> bit % 8);
                data[index] = (raw >> (count - 1 - i) & 1) != 0 ? (byte)(data[index] | mask) : (byte)(data[index] & ~mask);
            }
            var format = new SignalFormat { FirstBit = first, BitCount = count, IsLittleEndian = isLittleEndian };
            return format.Decode(data) == new SignalReading(SignalState.Number, raw);
        });
    }

    [Fact]
    public void Decoding_allocates_nothing()
    {
        SignalFormat number = FormatOf("{'bix':3,'len':21,'sign':true,'blsb':true,'div':10,'min':-1e6,'max':1e6,'unit':'volts'}"), label = FormatOf("{'len':8,'map':{'1':'ON'}}");
        byte[] data = [1, 2, 3, 4];
        int labels = 0;
        Assert.Equal(0, Allocations.Least(() =>
        {
            for (int i = 0; i < 1000; i++)
            {
                _ = number.Decode(data);
                if (label.Decode(data).Label is "ON") labels++;
            }
        }));
        Assert.True(labels >= 1000);
    }

    private static SignalFormat FormatOf(string format) => SignalsetTests.SetOf($"{{'id':'S','name':'S','fmt':{format}}}").Commands[0].Signals[0].Format;
}
