namespace EdgeAgent.Obd;

/// <summary>61–77: torque, and what is around the engine in several places of it.</summary>
public static partial class ObdPids
{
    private static readonly Dictionary<int, string> LoopStatus = new() { [1] = "open loop", [2] = "closed loop", [3] = "fault" };

    private static void AddEngine(ObdPid?[] table)
    {
        Add(table, 0x61, "Torque that the driver demands", 1, ("DriverDemandTorque", Torque));
        Add(table, 0x62, "Actual engine torque", 1, ("ActualTorque", Torque));
        Add(table, 0x63, "Engine reference torque", 2, ("ReferenceTorque", new("Nm", 16)));
        Add(table, 0x64, "Engine torque at idle and at four points", 5,
            ("EngineTorqueIdle", Torque), ("EngineTorquePoint2", Torque), ("EngineTorquePoint3", Torque), ("EngineTorquePoint4", Torque), ("EngineTorquePoint5", Torque));
        table[0x65] = new ObdPid(0x65, [Code("RecommendedGear", 1, 4, 4, support: 4)])
        {
            Title = "Auxiliary inputs and outputs",
            Length = 2,
            Flags = Flags(1, (0, "AuxiliaryPowerTakeOffIsActive", 0), (1, "AutomaticTransmissionIsInDrive", 1), (2, "ManualTransmissionIsInGear", 2), (3, "GlowPlugLampIsOn", 3)),
        };
        AddSupported(table, 0x66, "Mass air flow", 5, (0, "MAFSensorA", new(GramsPerSecond, 16, 1.0 / 32)), (1, "MAFSensorB", new(GramsPerSecond, 16, 1.0 / 32)));
        AddSupported(table, 0x67, "Engine coolant temperatures", 3, (0, "CoolantTemperatureSensor1", Temperature8), (1, "CoolantTemperatureSensor2", Temperature8));
        AddSupported(table, 0x68, "Intake air temperatures", 7,
            (0, "IntakeTempBank1Sensor1", Temperature8), (1, "IntakeTempBank1Sensor2", Temperature8), (2, "IntakeTempBank1Sensor3", Temperature8),
            (3, "IntakeTempBank2Sensor1", Temperature8), (4, "IntakeTempBank2Sensor2", Temperature8), (5, "IntakeTempBank2Sensor3", Temperature8));
        AddSupported(table, 0x69, "Commanded and actual exhaust gas recirculation", 7,
            (0, "CommandedEGRA", Percent8), (1, "ActualEGRA", Percent8), (2, "EGRErrorA", Trim), (3, "CommandedEGRB", Percent8), (4, "ActualEGRB", Percent8), (5, "EGRErrorB", Trim));
        AddSupported(table, 0x6A, "Commanded and actual intake air flow of a diesel", 5,
            (0, "CommandedIntakeAirFlowA", Percent8), (1, "IntakeAirFlowPositionA", Percent8), (2, "CommandedIntakeAirFlowB", Percent8), (3, "IntakeAirFlowPositionB", Percent8));
        AddRecirculationTemperatures(table);
        AddSupported(table, 0x6C, "Commanded and relative throttle positions", 5,
            (0, "CommandedThrottleActuatorA", Percent8), (1, "RelativeThrottlePositionA", Percent8), (2, "CommandedThrottleActuatorB", Percent8), (3, "RelativeThrottlePositionB", Percent8));
        AddSupported(table, 0x6D, "Fuel pressure control", 11,
            (0, "CommandedFuelRailPressureA", RailPressure), (1, "FuelRailPressureA", RailPressure), (2, "FuelRailTemperatureA", Temperature8),
            (3, "CommandedFuelRailPressureB", RailPressure), (4, "FuelRailPressureB", RailPressure), (5, "FuelRailTemperatureB", Temperature8));
        AddSupported(table, 0x6E, "Injection pressure control", 9,
            (0, "CommandedInjectionControlPressureA", RailPressure), (1, "InjectionControlPressureA", RailPressure),
            (2, "CommandedInjectionControlPressureB", RailPressure), (3, "InjectionControlPressureB", RailPressure));
    }

    /// <summary>6B: one byte a sensor, which has one of two ranges; 6F is made the same.</summary>
    private static void AddRecirculationTemperatures(ObdPid?[] table)
    {
        string[] sensors = ["Bank1Sensor1", "Bank1Sensor2", "Bank2Sensor1", "Bank2Sensor2"];
        // The support bits of sensors A, C, B and D, as their bytes come.
        var normal = sensors.Select((sensor, i) => Temperature8.At($"EGRTemperature{sensor}", 8 + 8 * i) with { SupportBit = 7 - i });
        var wide = sensors.Select((sensor, i) => new Scaling(Celsius, 8, 4, -40).At($"EGRTemperatureWide{sensor}", 8 + 8 * i) with { SupportBit = 3 - i });
        table[0x6B] = new ObdPid(0x6B, [.. normal, .. wide]) { Title = "Exhaust gas recirculation temperatures", Length = 5 };
        string[] turbos = ["A", "B"];
        var inlet = turbos.Select((turbo, i) => Pressure8.At($"TurbochargerInletPressure{turbo}", 8 + 8 * i) with { SupportBit = 7 - i });
        var wideInlet = turbos.Select((turbo, i) => new Scaling(KiloPascal, 8, 8).At($"TurbochargerInletPressureWide{turbo}", 8 + 8 * i) with { SupportBit = 5 - i });
        table[0x6F] = new ObdPid(0x6F, [.. inlet, .. wideInlet]) { Title = "Turbocharger compressor inlet pressures", Length = 3 };
    }

    private static void AddAir(ObdPid?[] table)
    {
        ObdParameter Boost(string name, int inByte, int support) => BoostPressure.At(name, inByte * 8) with { SupportBit = 7 - support };
        table[0x70] = new ObdPid(0x70,
        [
            Boost("CommandedBoostPressureA", 1, 0), Boost("BoostPressureA", 3, 1), Code("BoostPressureControlA", 9, 0, 2, LoopStatus, 2),
            Boost("CommandedBoostPressureB", 5, 3), Boost("BoostPressureB", 7, 4), Code("BoostPressureControlB", 9, 2, 2, LoopStatus, 5),
        ])
        { Title = "Boost pressure control", Length = 10 };
        ObdParameter Vane(string name, int inByte, int support) => Percent8.At(name, inByte * 8) with { SupportBit = 7 - support };
        table[0x71] = new ObdPid(0x71,
        [
            Vane("CommandedVGTPositionA", 1, 0), Vane("VGTPositionA", 2, 1), Code("VGTControlA", 5, 0, 2, LoopStatus, 2),
            Vane("CommandedVGTPositionB", 3, 3), Vane("VGTPositionB", 4, 4), Code("VGTControlB", 5, 2, 2, LoopStatus, 5),
        ])
        { Title = "Variable geometry turbocharger control", Length = 6 };
        AddSupported(table, 0x72, "Wastegate control", 5,
            (0, "CommandedWastegatePositionA", Percent8), (1, "WastegatePositionA", Percent8), (2, "CommandedWastegatePositionB", Percent8), (3, "WastegatePositionB", Percent8));
        AddSupported(table, 0x73, "Exhaust pressures", 5, (0, "ExhaustPressureBank1", ExhaustPressure), (1, "ExhaustPressureBank2", ExhaustPressure));
        AddSupported(table, 0x74, "Turbocharger speeds", 5, (0, "TurbochargerSpeedA", new("rpm", 16, 10)), (1, "TurbochargerSpeedB", new("rpm", 16, 10)));
        for (int i = 0; i < 2; i++)
        {
            string turbo = $"Turbocharger{"AB"[i]}";
            AddSupported(table, (byte)(0x75 + i), $"Turbocharger {"AB"[i]} temperatures", 7,
                (0, $"{turbo}CompressorInletTemperature", Temperature8), (1, $"{turbo}CompressorOutletTemperature", Temperature8),
                (2, $"{turbo}TurbineInletTemperature", Temperature16), (3, $"{turbo}TurbineOutletTemperature", Temperature16));
        }
        AddSupported(table, 0x77, "Charge air cooler temperatures", 5,
            (0, "ChargeAirTemperatureBank1Sensor1", Temperature8), (1, "ChargeAirTemperatureBank1Sensor2", Temperature8),
            (2, "ChargeAirTemperatureBank2Sensor1", Temperature8), (3, "ChargeAirTemperatureBank2Sensor2", Temperature8));
    }
}
