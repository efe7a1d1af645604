using CsCheck;
using EdgeAgent.Obd.Signalsets;
using EdgeAgent.Obd.Tests.Signalsets;

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
    [InlineData(0x03, "0200", "FuelSystemStatus1", 2)]
    [InlineData(0x08, "8000", "ShortTermFuelTrim4", -100)]
    [InlineData(0x4F, "010203FF", "MaxMAP", 2550)]
    [InlineData(0x55, "FF80", "ShortTermO2Trim3", 0)]
    [InlineData(0x64, "7D7E7F80FF", "EngineTorquePoint5", 130)]
    [InlineData(0x65, "1050", "RecommendedGear", 5)]
    [InlineData(0x66, "0300200040", "MAFSensorB", 2)]
    [InlineData(0x67, "017B00", "CoolantTemperatureSensor1", 83)]
    [InlineData(0x68, "2000000000003C", "IntakeTempBank2Sensor3", 20)]
    [InlineData(0x69, "0400007F000000", "EGRErrorA", -0.78125)]
    [InlineData(0x6B, "0128000000", "EGRTemperatureBank1Sensor1", 0)]
    [InlineData(0x6B, "4000005000", "EGRTemperatureWideBank2Sensor1", 280)]
    [InlineData(0x6D, "0700640065280000000000", "FuelRailPressureA", 1010)]
    [InlineData(0x6D, "0700640065280000000000", "FuelRailTemperatureA", 0)]
    [InlineData(0x6F, "040A00", "TurbochargerInletPressureWideA", 80)]
    [InlineData(0x70, "0713000C8000000000FE", "CommandedBoostPressureA", 152)]
    [InlineData(0x70, "2400000000000000000A", "BoostPressureControlA", 2)]
    [InlineData(0x70, "2400000000000000000A", "BoostPressureControlB", 2)]
    [InlineData(0x71, "08FFFFFFFF00", "CommandedVGTPositionB", 100)]
    [InlineData(0x73, "0127100000", "ExhaustPressureBank1", 100)]
    [InlineData(0x74, "0127100000", "TurbochargerSpeedA", 100000)]
    [InlineData(0x75, "0828280190FFFF", "TurbochargerATurbineOutletTemperature", 6513.5)]
    [InlineData(0x78, "020000019000000000", "ExhaustTemperatureBank1Sensor2", 0)]
    [InlineData(0x7A, "01FF9C00000000", "DPFPressureDifferenceBank1", -1)]
    [InlineData(0x7F, "0100000E100000000000000000", "TotalRunTime", 3600)]
    [InlineData(0x83, "010064000000000000", "NOxBank1Sensor1", 100)]
    [InlineData(0x85, "0400000000FF00000000", "ReagentTankLevel", 100)]
    [InlineData(0x8B, "10008000000000", "DPFRegenerationTrigger", 50.196078431)]
    [InlineData(0x8E, "7D", "EngineFrictionTorque", 0)]
    [InlineData(0x9A, "06004000FFF6", "HybridBatteryVoltage", 256)]
    [InlineData(0x9A, "06004000FFF6", "HybridBatteryCurrent", -1)]
    [InlineData(0x9D, "00320064", "VehicleFuelRate", 2)]
    [InlineData(0xA4, "03400DAC", "TransmissionGearRatio", 3.5)]
    [InlineData(0xA5, "01640000", "CommandedDEFDosing", 50)]
    [InlineData(0xB2, "FF", "TractionBatteryStateOfHealth", 100)]
    [InlineData(0xD3, "0000000A", "EngineOdometer", 1)]
    public void Values_are_those_of_the_standard(byte pid, string data, string name, double value)
    {
        var parameter = ObdPids.Find(pid)!.Parameters.Single(parameter => parameter.Name == name);
        Assert.True(parameter.TryDecode(Convert.FromHexString(data), out double decoded));
        Assert.Equal(value, decoded, 9);
    }

    [Fact]
    public void Names_are_unique_and_there_are_enough_of_them()
    {
        var names = ObdPids.All.SelectMany(pid => pid.Parameters.Select(parameter => parameter.Name).Concat(pid.Flags.Select(flag => flag.Name))).ToArray();
        Assert.Equal(names.Length, names.Distinct().Count());
        Assert.True(ObdPids.All.Count() >= 165);
        Assert.All(ObdPids.All, pid => Assert.All(pid.Parameters, parameter => Assert.InRange(parameter.FirstBit + parameter.BitCount, 1, pid.Length * 8)));
        Assert.All(ObdPids.All, pid => Assert.All(pid.Flags, flag => Assert.InRange(flag.Bit, 0, pid.Length * 8 - 1)));
        Assert.All(ObdPids.All, pid => Assert.True(pid.Parameters.Count + pid.Flags.Count > 0 || pid.Pid == 0x41, pid.Title));
        Assert.All(names, name => Assert.Matches("^[A-Z][A-Za-z0-9]+$", name));
        Assert.Null(ObdPids.Find(0x00));
        Assert.Null(ObdPids.Find(0xFF));
    }

    [Theory]
    [InlineData(0x03, "FuelSystemStatus1", 2, "closed loop")]
    [InlineData(0x1C, "OBDStandard", 6, "EOBD")]
    [InlineData(0x51, "FuelType", 4, "diesel")]
    [InlineData(0x70, "BoostPressureControlA", 2, "closed loop")]
    [InlineData(0x90, "WWHIndicatorStatus", 3, "continuous")]
    [InlineData(0x9A, "HybridChargingState", 1, "charge depleting")]
    [InlineData(0x51, "FuelType", 200, null)]
    [InlineData(0x0C, "EngineSpeed", 2, null)]
    public void Codes_have_names(byte pid, string name, double value, string? label) =>
        Assert.Equal(label, ObdPids.Find(pid)!.Parameters.Single(parameter => parameter.Name == name).LabelOf(value));

    [Theory]
    [InlineData(0x13, "11", "O2SensorPresentBank1Sensor1 O2SensorPresentBank2Sensor1")]
    [InlineData(0x1D, "81", "O2SensorPresentFourBanksBank1Sensor1 O2SensorPresentFourBanksBank4Sensor2")]
    [InlineData(0x1E, "01", "PowerTakeOffIsActive")]
    [InlineData(0x65, "0303", "AuxiliaryPowerTakeOffIsActive AutomaticTransmissionIsInDrive")]
    [InlineData(0x65, "0103", "AuxiliaryPowerTakeOffIsActive")]
    [InlineData(0x8B, "0103000000", "DPFRegenerationIsInProgress")]
    [InlineData(0x94, "0101", "NOxWarningIsActive")]
    [InlineData(0x65, "", "")]
    public void Bits_that_are_set_are_named(byte pid, string data, string names) =>
        Assert.Equal(names, string.Join(' ', ObdPids.Find(pid)!.Flags.Where(flag => flag.TryDecode(Convert.FromHexString(data), out bool isSet) && isSet).Select(flag => flag.Name)));

    [Fact]
    public void What_the_vehicle_does_not_have_is_not_given()
    {
        Assert.False(ObdPids.Find(0x67)!.Parameters[1].TryDecode([0x01, 0x50, 0x50], out _));
        Assert.True(ObdPids.Find(0x67)!.Parameters[1].TryDecode([0x02, 0x50, 0x50], out _));
        Assert.False(ObdPids.Find(0x65)!.Flags[0].TryDecode([0x00, 0xFF], out _));
    }

    /// <summary>Where OBDb's set has a number in the same bits, it means the same, apart from where it is wrong.</summary>
    [Fact]
    public void Values_are_those_of_obdbs_set_but_for_its_slips()
    {
        // Trims and EGR error with an offset of −128; the divisor of wide-range sensors; 1/65535 instead of 1/65536; vapour pressures limited to −8192 kPa and more;
        // injection timing's offset; the length of a hybrid's state, and the byte it is in; recommended gear.
        byte[] slips = [0x06, 0x07, 0x08, 0x09, 0x14, 0x15, 0x18, 0x19, 0x24, 0x2D, 0x44, 0x55, 0x56, 0x57, 0x58, 0x5D, 0x69, 0x9A];
        var set = Signalset.Load(ObdbTestData.StandardSet());
        int compared = 0;
        foreach (var command in set.Commands)
        {
            byte pid = command.Request.Span[1];
            if (slips.Contains(pid)) continue;
            var ours = ObdPids.Find(pid);
            Assert.NotNull(ours);
            foreach (var signal in command.Signals.Where(signal => signal.Format.Unit?.CanonicalSymbol is not null))
            {
                var same = ours.Parameters.FirstOrDefault(parameter => parameter.FirstBit == signal.Format.FirstBit && parameter.BitCount == signal.Format.BitCount && parameter.Unit is not null
                    && (parameter.Scale == signal.Format.Multiplier / signal.Format.Divisor || ours.Parameters.Count(other => other.FirstBit == parameter.FirstBit) == 1));
                Assert.True(same is not null, $"{pid:X2} {signal.Id}");
                byte[] data = new byte[signal.Format.EndBit / 8 + 8];
                // Half of the range, and support for everything.
                data[signal.Format.FirstBit / 8] = 0x40;
                if (same.SupportBit is not null && signal.Format.FirstBit >= 8) data[0] = 0xFF;
                Assert.True(same.TryDecode(data, out double value), $"{pid:X2} {signal.Id}");
                Assert.True(SameUnit(signal.Format, same, signal.Format.Decode(data).Number, value), $"{pid:X2} {signal.Id}: {signal.Format.Decode(data).Number} {signal.Format.Unit!.Symbol}, ours {value} {same.Unit}");
                compared++;
            }
        }
        Assert.True(compared > 110, $"{compared}");
    }

    [Fact]
    public void Any_data_gives_values_within_the_range_or_none_if_it_is_too_short()
    {
        var all = ObdPids.All.SelectMany(pid => pid.Parameters).ToArray();
        Gen.Select(Gen.Int[0, all.Length - 1].Select(i => all[i]), Gen.Byte.Array[0, 8]).Sample((parameter, data) =>
            parameter.TryDecode(data, out double value)
                ? data.Length * 8 >= parameter.FirstBit + parameter.BitCount && value >= parameter.Minimum && value <= parameter.Maximum
                : data.Length * 8 < parameter.FirstBit + parameter.BitCount || parameter.SupportBit is { } support && (data[support / 8] & 0x80 >> support % 8) == 0);
    }

    private static bool SameUnit(SignalFormat theirs, ObdParameter ours, double theirValue, double ourValue)
    {
        string[] names = ours.Unit switch
        {
            "%" => ["percent"],
            "°C" => ["celsius"],
            "kPa" => ["kilopascal"],
            "Pa" => ["kilopascal"],
            "V" => ["volts"],
            "mA" => ["milliamps"],
            "A" => ["amps"],
            "°" => ["degrees"],
            "s" => ["seconds"],
            "min" => ["minutes"],
            "km" => ["kilometers"],
            "km/h" => ["kilometersPerHour"],
            "rpm" => ["rpm"],
            "g/s" => ["gramsPerSecond"],
            "L/h" => ["litersPerHour"],
            "Nm" => ["newtonMeters"],
            "kg/h" => ["kilogramsPerHour"],
            "mg/stroke" => ["milligramsPerStroke"],
            _ => [],
        };
        double scaled = ours.Unit == "Pa" ? ourValue / 1000 : ourValue;
        return names.Contains(theirs.Unit!.Name) && Math.Abs(scaled - theirValue) <= 1e-6 * Math.Max(1, Math.Abs(theirValue));
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
