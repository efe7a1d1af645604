namespace EdgeAgent.Obd;

/// <summary>88, 8B–97 and 9A–D3: after-treatment, indicators of world-wide harmonised diagnostics, hybrids, fuel, gears.</summary>
public static partial class ObdPids
{
    private static readonly Dictionary<int, string> IndicatorStrategy = new() { [0] = "non-discriminatory", [1] = "discriminatory" };

    private static readonly Dictionary<int, string> IndicatorStatus = new() { [0] = "off", [1] = "on demand", [2] = "short", [3] = "continuous", [14] = "error", [15] = "not available" };

    private static readonly Dictionary<int, string> InducementStatus = new() { [0] = "inactive", [1] = "enabled", [2] = "active", [3] = "not available" };

    private static readonly Dictionary<int, string> HybridMode = new() { [0] = "charge sustaining", [1] = "charge depleting" };

    private static readonly Dictionary<int, string> EnhancedHybridMode = new() { [0] = "charge sustaining", [1] = "charge depleting", [2] = "charge increasing" };

    private static void AddEmissions(ObdPid?[] table)
    {
        AddAfterTreatment(table);
        AddIndicators(table);
        AddOxygenConcentrations(table, 0x8C, 1);
        AddOxygenConcentrations(table, 0x9C, 3);
        Add(table, 0x8D, "Absolute throttle position G", 1, ("ThrottlePositionG", Percent8));
        Add(table, 0x8E, "Engine friction", 1, ("EngineFrictionTorque", Torque));
        table[0x9A] = new ObdPid(0x9A,
        [
            Code("HybridChargingState", 1, 0, 1, HybridMode, 0), Code("HybridEnhancedChargingState", 1, 1, 2, EnhancedHybridMode, 3),
            new Scaling(Volt, 16, 1.0 / 64).At("HybridBatteryVoltage", 16) with { SupportBit = 6 }, new Scaling("A", 16, 0.1, 0, IsSigned: true).At("HybridBatteryCurrent", 32) with { SupportBit = 5 },
        ])
        { Title = "Hybrid and electric vehicle system", Length = 6 };
        AddSupported(table, 0x9B, "Diesel exhaust fluid sensor", 5,
            (0, "DEFQuality", Raw8), (1, "DEFConcentration", new(Percent, 8, 0.25)), (2, "DEFTankTemperature", Temperature8), (3, "DEFTankLevel", Percent8));
        Add(table, 0x9D, "Engine and vehicle fuel rate", 4, ("EngineFuelRate", new(GramsPerSecond, 16, 0.02)), ("VehicleFuelRate", new(GramsPerSecond, 16, 0.02)));
        Add(table, 0x9E, "Exhaust flow rate", 2, ("ExhaustFlowRate", new("kg/h", 16, 0.2)));
        var shares = Enumerable.Range(0, 8).Select(i => Percent8.At($"FuelSystem{"AB"[i % 2]}UseBank{i / 2 + 1}", 8 + 8 * i) with { SupportBit = 7 - i });
        table[0x9F] = new ObdPid(0x9F, [.. shares]) { Title = "Use of the fuel systems", Length = 9 };
        Add(table, 0xA2, "Cylinder fuel rate", 2, ("CylinderFuelRate", new("mg/stroke", 16, 1.0 / 32)));
        AddSupported(table, 0xA3, "Evaporative system vapour pressures", 9,
            (0, "EVAPAVaporPressure", new("Pa", 16, 0.25, 0, IsSigned: true)), (1, "EVAPAVaporPressureWide", new("Pa", 16, 2, 0, IsSigned: true)),
            (2, "EVAPBVaporPressure", new("Pa", 16, 0.25, 0, IsSigned: true)), (3, "EVAPBVaporPressureWide", new("Pa", 16, 2, 0, IsSigned: true)));
        table[0xA4] = new ObdPid(0xA4, [Code("TransmissionGear", 1, 4, 4, support: 0), new Scaling(null, 16, 0.001).At("TransmissionGearRatio", 16) with { SupportBit = 6 }]) { Title = "Actual gear", Length = 4 };
        AddSupported(table, 0xA5, "Diesel exhaust fluid dosing", 4, (0, "CommandedDEFDosing", new(Percent, 8, 0.5)), (1, "DEFUsageInDrivingCycle", new("L", 16, 0.0005)));
        Add(table, 0xA6, "Odometer", 4, ("Odometer", new(Kilometre, 32, 0.1)));
        table[0xA9] = new ObdPid(0xA9, []) { Title = "Motorcycle inputs and outputs", Length = 4, Flags = Flags(1, (0, "ABSIsDisabled", 0)) };
        Add(table, 0xAA, "Vehicle speed limit that is set", 1, ("SpeedLimit", new("km/h", 8)));
        Add(table, 0xB2, "Traction battery's state of health", 1, ("TractionBatteryStateOfHealth", Percent8));
        AddSupported(table, 0xD2, "State of certified energy and range", 3, (0, "StateOfCertifiedEnergy", Percent8), (1, "StateOfCertifiedRange", Percent8));
        Add(table, 0xD3, "Odometer of the engine", 4, ("EngineOdometer", new(Kilometre, 32, 0.1)));
    }

    private static void AddAfterTreatment(ObdPid?[] table)
    {
        table[0x88] = new ObdPid(0x88,
        [
            .. Enumerable.Range(0, 4).Select(i => Code($"SCRInducementCauses{i * 10}To{i * 10 + 10}Thousand", 1 + i / 2, 4 * (i % 2), 4)),
            Kilometres16.At("SCRInducementDistanceCurrent", 24), Kilometres16.At("SCRDistanceInCurrentBlock", 40), Kilometres16.At("SCRInducementDistance10To20Thousand", 56),
            Kilometres16.At("SCRInducementDistance20To30Thousand", 72), Kilometres16.At("SCRInducementDistance30To40Thousand", 88),
        ])
        {
            Title = "Inducement by the selective catalytic reduction",
            Length = 13,
            Flags = Flags(0, (0, "ReagentLevelIsLow", null), (1, "ReagentIsIncorrect", null), (2, "ReagentConsumptionDeviates", null), (3, "NOxEmissionsAreTooHigh", null), (7, "SCRInducementIsActive", null)),
        };
        table[0x8B] = new ObdPid(0x8B,
        [
            Percent8.At("DPFRegenerationTrigger", 16) with { SupportBit = 3 }, new Scaling(Minute, 16).At("DPFRegenerationInterval", 24) with { SupportBit = 2 },
            Kilometres16.At("DPFRegenerationDistance", 40) with { SupportBit = 1 },
        ])
        {
            Title = "Diesel after-treatment",
            Length = 7,
            Flags = Flags(1, (0, "DPFRegenerationIsInProgress", 0), (1, "DPFRegenerationIsActive", 1), (2, "NOxAdsorberIsRegenerating", 2), (3, "NOxAdsorberIsDesulfurizing", 3)),
        };
        var matter = new Scaling(Percent, 16, 0.01, 0, IsSigned: true);
        table[0x8F] = new ObdPid(0x8F, [matter.At("PMSensorOutputBank1", 16) with { SupportBit = 6 }, matter.At("PMSensorOutputBank2", 40) with { SupportBit = 4 }])
        {
            Title = "Particulate matter sensors' output",
            Length = 7,
            Flags = [.. Flags(1, (0, "PMSensorBank1IsActive", 0), (1, "PMSensorBank1IsRegenerating", 0)), .. Flags(4, (0, "PMSensorBank2IsActive", 2), (1, "PMSensorBank2IsRegenerating", 2))],
        };
        string[] controls = ["FuelPressure", "InjectionQuantity", "InjectionTiming", "IdleFuelBalance"];
        ObdFlag[] loops = Flags(1, [.. Enumerable.Range(0, 8).Select(i => (i, $"{controls[i % 4]}Control{i / 4 + 1}IsClosedLoop", (int?)i))]);
        table[0x92] = new ObdPid(0x92, []) { Title = "Fuel system control of a diesel", Length = 2, Flags = loops };
    }

    /// <summary>90, 91, 93, 94: world-wide harmonised diagnostics (ISO 27145).</summary>
    private static void AddIndicators(ObdPid?[] table)
    {
        table[0x90] = new ObdPid(0x90,
        [
            Code("WWHIndicatorStrategy", 0, 0, 2, IndicatorStrategy), Code("WWHIndicatorStatus", 0, 2, 4, IndicatorStatus), Hours16.At("WWHContinuousMIRunTime", 8),
        ])
        { Title = "Vehicle's indicator (WWH-OBD)", Length = 3, Flags = Flags(0, (6, "WWHReadinessIsIncomplete", null)) };
        table[0x91] = new ObdPid(0x91,
        [
            Code("WWHECUIndicatorStatus", 0, 0, 4, IndicatorStatus), Hours16.At("WWHECUContinuousMIRunTime", 8), Hours16.At("WWHECUB1RunTime", 24),
        ])
        { Title = "ECU's indicator (WWH-OBD)", Length = 5 };
        AddSupported(table, 0x93, "Cumulative run time with the indicator on (WWH-OBD)", 3, (0, "WWHCumulativeMIRunTime", Hours16));
        table[0x94] = new ObdPid(0x94,
        [
            .. Enumerable.Range(0, 3).Select(i => Code($"InducementLevel{i + 1}", 1, 1 + 2 * i, 2, InducementStatus, 0)),
            Hours16.At("ReagentQualityTime", 16) with { SupportBit = 6 }, Hours16.At("ReagentConsumptionTime", 32) with { SupportBit = 5 }, Hours16.At("ReagentDosingTime", 48) with { SupportBit = 4 },
            Hours16.At("EGRValveTime", 64) with { SupportBit = 3 }, Hours16.At("MonitoringSystemTime", 80) with { SupportBit = 2 },
        ])
        { Title = "NOx warning and inducement", Length = 12, Flags = Flags(1, (0, "NOxWarningIsActive", 0)) };
    }

    /// <summary>8C and 9C: four concentrations, then four ratios.</summary>
    private static void AddOxygenConcentrations(ObdPid?[] table, byte pid, int first)
    {
        string[] sensors = [$"Bank1Sensor{first}", $"Bank1Sensor{first + 1}", $"Bank2Sensor{first}", $"Bank2Sensor{first + 1}"];
        var concentrations = sensors.Select((sensor, i) => new Scaling(Percent, 16, 100.0 / 65536).At($"O2Concentration{sensor}", 8 + 16 * i) with { SupportBit = 7 - i });
        var ratios = sensors.Select((sensor, i) => new Scaling(null, 16, 8.0 / 65536).At($"O2Lambda{sensor}", 72 + 16 * i) with { SupportBit = 3 - i });
        table[pid] = new ObdPid(pid, [.. concentrations, .. ratios]) { Title = $"Oxygen sensors, wide range, {first} and {first + 1}", Length = 17 };
    }
}
