using CsCheck;

namespace EdgeAgent.Obd.Tests;

public sealed class ObdPidsTests
{
    /// <summary>Examples and ends of the ranges in SAE J1979-DA.</summary>
    [Theory]
    [InlineData(0x01, "83076504", "IsMILOn", 1)]
    [InlineData(0x01, "83076504", "DTCCount", 3)]
    [InlineData(0x04, "FF", "EngineLoad", 100)]
    [InlineData(0x05, "00", "CoolantTemperature", -40)]
    [InlineData(0x05, "7B", "CoolantTemperature", 83)]
    [InlineData(0x06, "00", "ShortTermFuelTrim1", -100)]
    [InlineData(0x09, "FF", "LongTermFuelTrim2", 99.21875)]
    [InlineData(0x0A, "FF", "FuelPressure", 765)]
    [InlineData(0x0B, "65", "MAP", 101)]
    [InlineData(0x0C, "1AF8", "EngineSpeed", 1726)]
    [InlineData(0x0C, "FFFF", "EngineSpeed", 16383.75)]
    [InlineData(0x0D, "FF", "Speed", 255)]
    [InlineData(0x0E, "FF", "TimingAdvance", 63.5)]
    [InlineData(0x10, "FFFF", "MAF", 655.35)]
    [InlineData(0x15, "5A80", "O2Sensor2Voltage", 0.45)]
    [InlineData(0x15, "5A80", "O2Sensor2ShortTermFuelTrim", 0)]
    [InlineData(0x1F, "0E10", "RunTime", 3600)]
    [InlineData(0x22, "FFFF", "FuelRailPressureVac", 5177.265)]
    [InlineData(0x23, "FFFF", "FuelRailPressureDirect", 655350)]
    [InlineData(0x24, "80008000", "O2WRSensor1Lambda", 1)]
    [InlineData(0x24, "80008000", "O2WRSensor1Voltage", 4)]
    [InlineData(0x34, "80008100", "O2WRSensor1Current", 1)]
    [InlineData(0x2D, "80", "EGRError", 0)]
    [InlineData(0x32, "8000", "EVAPVaporPressure", -8192)]
    [InlineData(0x32, "7FFF", "EVAPVaporPressure", 8191.75)]
    [InlineData(0x3C, "FFFF", "CatalystTemperatureBank1Sensor1", 6513.5)]
    [InlineData(0x3D, "0000", "CatalystTemperatureBank2Sensor1", -40)]
    [InlineData(0x42, "36B0", "ControlModuleVoltage", 14)]
    [InlineData(0x43, "FFFF", "AbsoluteLoad", 25700)]
    [InlineData(0x44, "8000", "CommandedEquivalenceRatio", 1)]
    [InlineData(0x50, "19000000", "MaxMAF", 250)]
    [InlineData(0x53, "FFFF", "EVAPVaporPressureAbsolute", 327.675)]
    [InlineData(0x54, "FFFF", "EVAPVaporPressureAlternate", -1)]
    [InlineData(0x5D, "0000", "FuelInjectionTiming", -210)]
    [InlineData(0x5E, "FFFF", "FuelRate", 3276.75)]
    [InlineData(0x61, "00", "DriverDemandTorque", -125)]
    [InlineData(0xA6, "0012D687", "Odometer", 123456.7)]
    public void Values_are_those_of_the_standard(byte pid, string data, string name, double value)
    {
        var parameter = ObdPids.Find(pid)!.Parameters.Single(parameter => parameter.Name == name);
        Assert.True(parameter.TryDecode(Convert.FromHexString(data), out double decoded));
        Assert.Equal(value, decoded, 9);
    }

    [Fact]
    public void Names_are_unique_and_there_are_enough_of_them()
    {
        var names = ObdPids.All.SelectMany(pid => pid.Parameters).Select(parameter => parameter.Name).ToArray();
        Assert.Equal(names.Length, names.Distinct().Count());
        Assert.True(ObdPids.All.Count() >= 80);
        Assert.All(names, name => Assert.Matches("^[A-Z][A-Za-z0-9]+$", name));
        Assert.Null(ObdPids.Find(0x00));
        Assert.Null(ObdPids.Find(0xFF));
    }

    [Fact]
    public void Any_data_gives_values_within_the_range_or_none_if_it_is_too_short()
    {
        var all = ObdPids.All.SelectMany(pid => pid.Parameters).ToArray();
        Gen.Select(Gen.Int[0, all.Length - 1].Select(i => all[i]), Gen.Byte.Array[0, 8]).Sample((parameter, data) =>
            parameter.TryDecode(data, out double value)
                ? data.Length * 8 >= parameter.FirstBit + parameter.BitCount && value >= parameter.Minimum && value <= parameter.Maximum
                : data.Length * 8 < parameter.FirstBit + parameter.BitCount);
    }

    [Fact]
    public void Decoding_allocates_nothing()
    {
        var speed = ObdPids.Find(0x0C)!.Parameters[0];
        byte[] data = [0x1A, 0xF8];
        double sum = 0;
        int rounds = 0;
        void Round()
        {
            rounds++;
            if (speed.TryDecode(data, out double value)) sum += value;
        }
        for (int i = 0; i < 1000; i++) Round();
        Assert.Equal(0, Allocations.Least(() =>
        {
            for (int i = 0; i < 10_000; i++) Round();
        }));
        Assert.True(rounds >= 11_000);
        Assert.Equal(1726.0 * rounds, sum);
    }
}
