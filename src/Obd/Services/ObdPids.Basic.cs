namespace EdgeAgent.Obd;

/// <summary>01–5F.</summary>
public static partial class ObdPids
{
    private static readonly Dictionary<int, string> FuelSystemStatus = new()
    {
        [0x00] = "off",
        [0x01] = "open loop: not yet warm enough",
        [0x02] = "closed loop",
        [0x04] = "open loop: driving conditions",
        [0x08] = "open loop: fault",
        [0x10] = "closed loop: fault of an oxygen sensor",
        [0x20] = "open loop: bank 2 not yet warm enough",
        [0x40] = "open loop: bank 2, driving conditions",
        [0x80] = "open loop: bank 2, fault",
    };

    private static readonly Dictionary<int, string> SecondaryAir = new()
    {
        [0x01] = "upstream of the first catalyst",
        [0x02] = "downstream of the first catalyst",
        [0x04] = "atmosphere or off",
        [0x08] = "on for diagnostics",
    };

    private static readonly Dictionary<int, string> ObdRequirements = new()
    {
        [1] = "OBD II (CARB)",
        [2] = "OBD (EPA)",
        [3] = "OBD and OBD II",
        [4] = "OBD I",
        [5] = "none",
        [6] = "EOBD",
        [7] = "EOBD and OBD II",
        [8] = "EOBD and OBD",
        [9] = "EOBD, OBD and OBD II",
        [10] = "JOBD",
        [11] = "JOBD and OBD II",
        [12] = "JOBD and EOBD",
        [13] = "JOBD, EOBD and OBD II",
        [14] = "Euro IV B1",
        [15] = "Euro V B2",
        [16] = "Euro C",
        [17] = "EMD",
        [18] = "EMD+",
        [19] = "HD OBD-C",
        [20] = "HD OBD",
        [21] = "WWH OBD",
        [22] = "OBD II for motorcycles",
        [23] = "HD EOBD-I",
        [24] = "HD EOBD-I N",
        [25] = "HD EOBD-II",
        [26] = "HD EOBD-II N",
        [28] = "OBDBr-1",
        [29] = "OBDBr-2",
        [30] = "KOBD",
        [31] = "IOBD I",
        [32] = "IOBD II",
        [33] = "HD EOBD-VI",
        [34] = "OBD, OBD II and HD OBD",
        [35] = "OBDBr-3",
        [36] = "Euro motorcycle OBD, stage I",
        [37] = "Euro motorcycle OBD, stage II",
        [38] = "China motorcycle OBD, stage I",
        [39] = "Taiwan motorcycle OBD",
        [40] = "Japan motorcycle OBD",
        [41] = "China stage 6",
        [42] = "Brazil diesel development",
        [43] = "ZEV",
        [44] = "OBDBr-D9",
    };

    private static readonly Dictionary<int, string> FuelTypes = new()
    {
        [0] = "not available",
        [1] = "gasoline",
        [2] = "methanol",
        [3] = "ethanol",
        [4] = "diesel",
        [5] = "LPG",
        [6] = "CNG",
        [7] = "propane",
        [8] = "electric",
        [9] = "bi-fuel, gasoline",
        [10] = "bi-fuel, methanol",
        [11] = "bi-fuel, ethanol",
        [12] = "bi-fuel, LPG",
        [13] = "bi-fuel, CNG",
        [14] = "bi-fuel, propane",
        [15] = "bi-fuel, electric",
        [16] = "bi-fuel, battery and engine",
        [17] = "hybrid, gasoline",
        [18] = "hybrid, ethanol",
        [19] = "hybrid, diesel",
        [20] = "hybrid, electric",
        [21] = "hybrid, battery and engine",
        [22] = "hybrid, regenerative",
        [23] = "bi-fuel, diesel",
        [24] = "natural gas",
        [25] = "bi-fuel, natural gas",
        [26] = "fuel cell with gasoline",
        [27] = "hydrogen engine",
        [28] = "dual fuel, diesel and CNG",
        [29] = "dual fuel, diesel and LNG",
    };

    private static readonly Dictionary<int, string> EmissionRequirements = new() { [0x0E] = "heavy duty, Euro IV B1", [0x0F] = "heavy duty, Euro V B2", [0x10] = "heavy duty, Euro EEV C" };

    private static void AddBasic(ObdPid?[] table)
    {
        table[0x01] = new ObdPid(0x01, [Code("IsMILOn", 0, 7, 1), Code("DTCCount", 0, 0, 7)]) { Title = "Monitor status since trouble codes were cleared", Length = 4 };
        Add(table, 0x02, "Trouble code that caused the freeze frame", 2, ("DTCFreezeFrame", new(null, 16)));
        table[0x03] = new ObdPid(0x03, [Code("FuelSystemStatus1", 0, 0, 8, FuelSystemStatus), Code("FuelSystemStatus2", 1, 0, 8, FuelSystemStatus)]) { Title = "Fuel system status", Length = 2 };
        Add(table, 0x04, "Calculated engine load", 1, ("EngineLoad", Percent8));
        Add(table, 0x05, "Engine coolant temperature", 1, ("CoolantTemperature", Temperature8));
        Add(table, 0x0A, "Fuel pressure", 1, ("FuelPressure", new(KiloPascal, 8, 3)));
        Add(table, 0x0B, "Intake manifold absolute pressure", 1, ("MAP", Pressure8));
        Add(table, 0x0C, "Engine speed", 2, ("EngineSpeed", new("rpm", 16, 0.25)));
        Add(table, 0x0D, "Vehicle speed", 1, ("Speed", new("km/h", 8)));
        Add(table, 0x0E, "Timing advance of cylinder 1", 1, ("TimingAdvance", new(Degree, 8, 0.5, -64)));
        Add(table, 0x0F, "Intake air temperature", 1, ("IntakeTemp", Temperature8));
        Add(table, 0x10, "Air flow rate", 2, ("MAF", new(GramsPerSecond, 16, 0.01)));
        Add(table, 0x11, "Absolute throttle position", 1, ("ThrottlePosition", Percent8));
        table[0x12] = new ObdPid(0x12, [Code("SecondaryAirStatus", 0, 0, 8, SecondaryAir)]) { Title = "Commanded secondary air status", Length = 1 };
        table[0x1C] = new ObdPid(0x1C, [Code("OBDStandard", 0, 0, 8, ObdRequirements)]) { Title = "Requirements that the vehicle's diagnostics meet", Length = 1 };
        table[0x1E] = new ObdPid(0x1E, []) { Title = "Auxiliary input status", Length = 1, Flags = Flags(0, (0, "PowerTakeOffIsActive", null)) };
        Add(table, 0x1F, "Time since engine start", 2, ("RunTime", new(Second, 16)));
        Add(table, 0x21, "Distance while the malfunction indicator was on", 2, ("DistanceWithMIL", Kilometres16));
        Add(table, 0x22, "Fuel rail pressure relative to manifold vacuum", 2, ("FuelRailPressureVac", new(KiloPascal, 16, 0.079)));
        Add(table, 0x23, "Fuel rail pressure", 2, ("FuelRailPressureDirect", RailPressure));
        Add(table, 0x2C, "Commanded exhaust gas recirculation", 1, ("CommandedEGR", Percent8));
        Add(table, 0x2D, "Exhaust gas recirculation error", 1, ("EGRError", Trim));
        Add(table, 0x2E, "Commanded evaporative purge", 1, ("CommandedEVAP", Percent8));
        Add(table, 0x2F, "Fuel level", 1, ("FuelLevel", Percent8));
        Add(table, 0x30, "Warm-ups since trouble codes were cleared", 1, ("WarmupsSinceDTCClear", Raw8));
        Add(table, 0x31, "Distance since trouble codes were cleared", 2, ("DistanceSinceDTCClear", Kilometres16));
        Add(table, 0x32, "Evaporative system vapour pressure", 2, ("EVAPVaporPressure", new("Pa", 16, 0.25, 0, IsSigned: true)));
        Add(table, 0x33, "Barometric pressure", 1, ("BarometricPressure", Pressure8));
        table[0x41] = new ObdPid(0x41, []) { Title = "Monitor status of this driving cycle", Length = 4 };
        Add(table, 0x42, "Control module voltage", 2, ("ControlModuleVoltage", new(Volt, 16, 0.001)));
        Add(table, 0x43, "Absolute load", 2, ("AbsoluteLoad", new(Percent, 16, 100.0 / 255)));
        Add(table, 0x44, "Commanded equivalence ratio", 2, ("CommandedEquivalenceRatio", Ratio16));
        Add(table, 0x45, "Relative throttle position", 1, ("RelativeThrottlePosition", Percent8));
        Add(table, 0x46, "Ambient air temperature", 1, ("AmbientAirTemperature", Temperature8));
        Add(table, 0x47, "Absolute throttle position B", 1, ("ThrottlePositionB", Percent8));
        Add(table, 0x48, "Absolute throttle position C", 1, ("ThrottlePositionC", Percent8));
        Add(table, 0x49, "Accelerator pedal position D", 1, ("AcceleratorPositionD", Percent8));
        Add(table, 0x4A, "Accelerator pedal position E", 1, ("AcceleratorPositionE", Percent8));
        Add(table, 0x4B, "Accelerator pedal position F", 1, ("AcceleratorPositionF", Percent8));
        Add(table, 0x4C, "Commanded throttle actuator control", 1, ("ThrottleActuator", Percent8));
        Add(table, 0x4D, "Engine run time while the malfunction indicator was on", 2, ("RunTimeMIL", new(Minute, 16)));
        Add(table, 0x4E, "Engine run time since trouble codes were cleared", 2, ("TimeSinceDTCCleared", new(Minute, 16)));
        Add(table, 0x4F, "Maximum values of other parameters", 4, ("MaxEquivalenceRatio", Raw8), ("MaxO2SensorVoltage", new(Volt, 8)), ("MaxO2SensorCurrent", new("mA", 8)), ("MaxMAP", new(KiloPascal, 8, 10)));
        Add(table, 0x50, "Maximum air flow rate", 4, ("MaxMAF", new(GramsPerSecond, 8, 10)));
        table[0x51] = new ObdPid(0x51, [Code("FuelType", 0, 0, 8, FuelTypes)]) { Title = "Fuel that is used", Length = 1 };
        Add(table, 0x52, "Alcohol in the fuel", 1, ("EthanolPercent", Percent8));
        Add(table, 0x53, "Absolute evaporative system vapour pressure", 2, ("EVAPVaporPressureAbsolute", new(KiloPascal, 16, 0.005)));
        Add(table, 0x54, "Evaporative system vapour pressure, wide range", 2, ("EVAPVaporPressureAlternate", new("Pa", 16, 1, 0, IsSigned: true)));
        Add(table, 0x59, "Absolute fuel rail pressure", 2, ("FuelRailPressureAbsolute", RailPressure));
        Add(table, 0x5A, "Relative accelerator pedal position", 1, ("RelativeAcceleratorPosition", Percent8));
        Add(table, 0x5B, "Hybrid battery's remaining charge", 1, ("HybridBatteryRemaining", Percent8));
        Add(table, 0x5C, "Engine oil temperature", 1, ("OilTemperature", Temperature8));
        Add(table, 0x5D, "Fuel injection timing", 2, ("FuelInjectionTiming", new(Degree, 16, 1.0 / 128, -210)));
        Add(table, 0x5E, "Engine fuel rate", 2, ("FuelRate", new("L/h", 16, 0.05)));
        table[0x5F] = new ObdPid(0x5F, [Code("EmissionRequirements", 0, 0, 8, EmissionRequirements)]) { Title = "Emission requirements that the vehicle meets", Length = 1 };
    }

    /// <summary>Fuel trims, oxygen sensors and catalysts: one parameter id a bank or sensor.</summary>
    private static void AddSensors(ObdPid?[] table)
    {
        // 06–09, 55–58: the second byte is for banks 3 and 4, and only comes from an engine that has them.
        string[] terms = ["ShortTerm", "LongTerm"];
        for (int i = 0; i < 4; i++)
        {
            int bank = i / 2 + 1;
            string term = terms[i % 2], words = i % 2 == 0 ? "Short term" : "Long term";
            Add(table, (byte)(0x06 + i), $"{words} fuel trim of banks {bank} and {bank + 2}", 2, ($"{term}FuelTrim{bank}", Trim), ($"{term}FuelTrim{bank + 2}", Trim));
            Add(table, (byte)(0x55 + i), $"{words} trim of the sensors behind the catalyst of banks {bank} and {bank + 2}", 2, ($"{term}O2Trim{bank}", Trim), ($"{term}O2Trim{bank + 2}", Trim));
        }
        table[0x13] = new ObdPid(0x13, []) { Title = "Oxygen sensors in two banks", Length = 1, Flags = SensorsPresent(perBank: 4, "O2SensorPresentBank") };
        table[0x1D] = new ObdPid(0x1D, []) { Title = "Oxygen sensors in four banks", Length = 1, Flags = SensorsPresent(perBank: 2, "O2SensorPresentFourBanksBank") };
        for (int i = 0; i < 8; i++)
        {
            string narrow = $"O2Sensor{i + 1}", wide = $"O2WRSensor{i + 1}";
            Add(table, (byte)(0x14 + i), $"Oxygen sensor {i + 1}", 2, ($"{narrow}Voltage", new(Volt, 8, 0.005)), ($"{narrow}ShortTermFuelTrim", Trim));
            Add(table, (byte)(0x24 + i), $"Wide range oxygen sensor {i + 1}, voltage", 4, ($"{wide}Lambda", Ratio16), ($"{wide}Voltage", new(Volt, 16, 8.0 / 65536)));
            Add(table, (byte)(0x34 + i), $"Wide range oxygen sensor {i + 1}, current", 4, ($"{wide}LambdaByCurrent", Ratio16), ($"{wide}Current", new("mA", 16, 1.0 / 256, -128)));
        }
        for (int i = 0; i < 4; i++)
            Add(table, (byte)(0x3C + i), $"Catalyst temperature of bank {i % 2 + 1}, sensor {i / 2 + 1}", 2, ($"CatalystTemperatureBank{i % 2 + 1}Sensor{i / 2 + 1}", Temperature16));
    }

    private static ObdFlag[] SensorsPresent(int perBank, string name) =>
        [.. Enumerable.Range(0, 8).Select(i => new ObdFlag($"{name}{i / perBank + 1}Sensor{i % perBank + 1}", 7 - i))];
}
