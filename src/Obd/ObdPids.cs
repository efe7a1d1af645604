namespace EdgeAgent.Obd;

/// <summary>
/// The parameter ids of SAE J1979 service 01 with numbers in them, by SAE J1979-DA (ISO 15031-5 Annex B). Names follow the vehicle signal
/// specification. Enumerations and bit fields without a scale are left out, except the malfunction indicator and the fuel type.
/// </summary>
public static class ObdPids
{
    private const string Percent = "%", Celsius = "°C", KiloPascal = "kPa", Volt = "V", Degree = "°";
    private const double PercentOf255 = 100.0 / 255, PercentOf128 = 100.0 / 128, RatioOf16Bits = 2.0 / 65536;

    private static readonly ObdPid?[] Table = Build();

    /// <summary>All of them, by number.</summary>
    public static IEnumerable<ObdPid> All => Table.OfType<ObdPid>();

    /// <summary>The parameter id, or null if it holds no numbers or is not defined.</summary>
    public static ObdPid? Find(byte pid) => Table[pid];

    private static ObdPid?[] Build()
    {
        var table = new ObdPid?[256];
        void Add(byte pid, params ObdParameter[] parameters) => table[pid] = new ObdPid(pid, parameters);

        Add(0x01, Bits("IsMILOn", null, 0, 1), Bits("DTCCount", null, 1, 7));
        Add(0x04, Byte("EngineLoad", Percent, PercentOf255));
        Add(0x05, Byte("CoolantTemperature", Celsius, 1, -40));
        AddFuelTrims(Add);
        Add(0x0A, Byte("FuelPressure", KiloPascal, 3));
        Add(0x0B, Byte("MAP", KiloPascal));
        Add(0x0C, Word("EngineSpeed", "rpm", 0.25));
        Add(0x0D, Byte("Speed", "km/h"));
        Add(0x0E, Byte("TimingAdvance", Degree, 0.5, -64));
        Add(0x0F, Byte("IntakeTemp", Celsius, 1, -40));
        Add(0x10, Word("MAF", "g/s", 0.01));
        Add(0x11, Byte("ThrottlePosition", Percent, PercentOf255));
        AddOxygenSensors(Add);
        Add(0x1F, Word("RunTime", "s"));
        Add(0x21, Word("DistanceWithMIL", "km"));
        Add(0x22, Word("FuelRailPressureVac", KiloPascal, 0.079));
        Add(0x23, Word("FuelRailPressureDirect", KiloPascal, 10));
        Add(0x2C, Byte("CommandedEGR", Percent, PercentOf255));
        Add(0x2D, Byte("EGRError", Percent, PercentOf128, -100));
        Add(0x2E, Byte("CommandedEVAP", Percent, PercentOf255));
        Add(0x2F, Byte("FuelLevel", Percent, PercentOf255));
        Add(0x30, Byte("WarmupsSinceDTCClear", null));
        Add(0x31, Word("DistanceSinceDTCClear", "km"));
        Add(0x32, Signed("EVAPVaporPressure", "Pa", 0.25));
        Add(0x33, Byte("BarometricPressure", KiloPascal));
        AddCatalysts(Add);
        Add(0x42, Word("ControlModuleVoltage", Volt, 0.001));
        Add(0x43, Word("AbsoluteLoad", Percent, PercentOf255));
        Add(0x44, Word("CommandedEquivalenceRatio", null, RatioOf16Bits));
        Add(0x45, Byte("RelativeThrottlePosition", Percent, PercentOf255));
        Add(0x46, Byte("AmbientAirTemperature", Celsius, 1, -40));
        Add(0x47, Byte("ThrottlePositionB", Percent, PercentOf255));
        Add(0x48, Byte("ThrottlePositionC", Percent, PercentOf255));
        Add(0x49, Byte("AcceleratorPositionD", Percent, PercentOf255));
        Add(0x4A, Byte("AcceleratorPositionE", Percent, PercentOf255));
        Add(0x4B, Byte("AcceleratorPositionF", Percent, PercentOf255));
        Add(0x4C, Byte("ThrottleActuator", Percent, PercentOf255));
        Add(0x4D, Word("RunTimeMIL", "min"));
        Add(0x4E, Word("TimeSinceDTCCleared", "min"));
        Add(0x50, Byte("MaxMAF", "g/s", 10));
        Add(0x51, Byte("FuelType", null));
        Add(0x52, Byte("EthanolPercent", Percent, PercentOf255));
        Add(0x53, Word("EVAPVaporPressureAbsolute", KiloPascal, 0.005));
        Add(0x54, Signed("EVAPVaporPressureAlternate", "Pa", 1));
        AddOxygenTrims(Add);
        Add(0x59, Word("FuelRailPressureAbsolute", KiloPascal, 10));
        Add(0x5A, Byte("RelativeAcceleratorPosition", Percent, PercentOf255));
        Add(0x5B, Byte("HybridBatteryRemaining", Percent, PercentOf255));
        Add(0x5C, Byte("OilTemperature", Celsius, 1, -40));
        Add(0x5D, Word("FuelInjectionTiming", Degree, 1.0 / 128, -210));
        Add(0x5E, Word("FuelRate", "L/h", 0.05));
        Add(0x61, Byte("DriverDemandTorque", Percent, 1, -125));
        Add(0x62, Byte("ActualTorque", Percent, 1, -125));
        Add(0x63, Word("ReferenceTorque", "Nm"));
        Add(0x8E, Byte("EngineFrictionTorque", Percent, 1, -125));
        Add(0xA6, Bits("Odometer", "km", 0, 32, 0.1));
        return table;
    }

    /// <summary>06–09: trims of the fuel; the second byte is for banks 3 and 4, which few engines have.</summary>
    private static void AddFuelTrims(Action<byte, ObdParameter[]> add)
    {
        string[] names = ["ShortTermFuelTrim1", "LongTermFuelTrim1", "ShortTermFuelTrim2", "LongTermFuelTrim2"];
        for (int i = 0; i < names.Length; i++) add((byte)(0x06 + i), [Byte(names[i], Percent, PercentOf128, -100)]);
    }

    /// <summary>14–1B conventional sensors; 24–2B wide-range ones by voltage, 34–3B by current.</summary>
    private static void AddOxygenSensors(Action<byte, ObdParameter[]> add)
    {
        for (int i = 0; i < 8; i++)
        {
            string narrow = $"O2Sensor{i + 1}", wide = $"O2WRSensor{i + 1}";
            add((byte)(0x14 + i), [Byte($"{narrow}Voltage", Volt, 0.005), Byte($"{narrow}ShortTermFuelTrim", Percent, PercentOf128, -100, at: 1)]);
            add((byte)(0x24 + i), [Word($"{wide}Lambda", null, RatioOf16Bits), Word($"{wide}Voltage", Volt, 8.0 / 65536, at: 2)]);
            add((byte)(0x34 + i), [Word($"{wide}LambdaByCurrent", null, RatioOf16Bits), Word($"{wide}Current", "mA", 1.0 / 256, -128, at: 2)]);
        }
    }

    /// <summary>3C–3F.</summary>
    private static void AddCatalysts(Action<byte, ObdParameter[]> add)
    {
        for (int i = 0; i < 4; i++) add((byte)(0x3C + i), [Word($"CatalystTemperatureBank{i % 2 + 1}Sensor{i / 2 + 1}", Celsius, 0.1, -40)]);
    }

    /// <summary>55–58: trims of the sensors behind the catalyst, of banks 1 and 3 or 2 and 4.</summary>
    private static void AddOxygenTrims(Action<byte, ObdParameter[]> add)
    {
        string[] names = ["ShortTermO2Trim1", "LongTermO2Trim1", "ShortTermO2Trim2", "LongTermO2Trim2"];
        for (int i = 0; i < names.Length; i++) add((byte)(0x55 + i), [Byte(names[i], Percent, PercentOf128, -100)]);
    }

    private static ObdParameter Byte(string name, string? unit, double scale = 1, double offset = 0, int at = 0) => new(name, unit, at * 8, 8, false, scale, offset);

    private static ObdParameter Word(string name, string? unit, double scale = 1, double offset = 0, int at = 0) => new(name, unit, at * 8, 16, false, scale, offset);

    private static ObdParameter Signed(string name, string? unit, double scale) => new(name, unit, 0, 16, true, scale, 0);

    private static ObdParameter Bits(string name, string? unit, int first, int count, double scale = 1) => new(name, unit, first, count, false, scale, 0);
}
