namespace EdgeAgent.Obd;

/// <summary>78–8A, 98 and 99: exhaust temperatures, particulate filters, run times, nitrogen oxides.</summary>
public static partial class ObdPids
{
    private static void AddExhaust(ObdPid?[] table)
    {
        AddFour(table, 0x78, "Exhaust gas temperatures of bank 1", "ExhaustTemperatureBank1Sensor", 1, Temperature16);
        AddFour(table, 0x79, "Exhaust gas temperatures of bank 2", "ExhaustTemperatureBank2Sensor", 1, Temperature16);
        AddFour(table, 0x98, "Exhaust gas temperatures of bank 1, sensors 5 to 8", "ExhaustTemperatureBank1Sensor", 5, Temperature16);
        AddFour(table, 0x99, "Exhaust gas temperatures of bank 2, sensors 5 to 8", "ExhaustTemperatureBank2Sensor", 5, Temperature16);
        for (int bank = 1; bank <= 2; bank++)
        {
            AddSupported(table, (byte)(0x79 + bank), $"Particulate filter of bank {bank}: pressures", 7,
                (0, $"DPFPressureDifferenceBank{bank}", DifferencePressure), (1, $"DPFInletPressureBank{bank}", ExhaustPressure), (2, $"DPFOutletPressureBank{bank}", ExhaustPressure));
        }
        AddSupported(table, 0x7C, "Particulate filter temperatures", 9,
            (0, "DPFInletTemperatureBank1", Temperature16), (1, "DPFOutletTemperatureBank1", Temperature16), (2, "DPFInletTemperatureBank2", Temperature16), (3, "DPFOutletTemperatureBank2", Temperature16));
        table[0x7D] = new ObdPid(0x7D, []) { Title = "NOx control area", Length = 1, Flags = ControlArea("NOx") };
        table[0x7E] = new ObdPid(0x7E, []) { Title = "Particulate matter control area", Length = 1, Flags = ControlArea("PM") };
        AddSupported(table, 0x7F, "Engine run times", 13, (0, "TotalRunTime", Seconds32), (1, "TotalIdleTime", Seconds32), (2, "TotalPowerTakeOffTime", Seconds32));
        AddRunTimes(table, 0x81, 1);
        AddRunTimes(table, 0x82, 6);
        AddRunTimes(table, 0x89, 11);
        AddRunTimes(table, 0x8A, 16);
        AddNitrogenOxides(table);
        Add(table, 0x84, "Manifold surface temperature", 1, ("ManifoldSurfaceTemperature", Temperature8));
        AddSupported(table, 0x85, "NOx reagent", 10,
            (0, "ReagentConsumption", new("L/h", 16, 0.005)), (1, "DemandedReagentConsumption", new("L/h", 16, 0.005)), (2, "ReagentTankLevel", Percent8), (3, "NOxWarningRunTime", Seconds32));
        AddSupported(table, 0x86, "Particulate matter sensors", 5, (0, "ParticulateMassBank1", new("mg/m³", 16, 0.0125)), (1, "ParticulateMassBank2", new("mg/m³", 16, 0.0125)));
        AddSupported(table, 0x87, "Intake manifold absolute pressures", 5, (0, "MAPSensorA", BoostPressure), (1, "MAPSensorB", BoostPressure));
    }

    /// <summary>Four sensors in a row, whose support bits are the lowest of A.</summary>
    private static void AddFour(ObdPid?[] table, byte pid, string title, string name, int first, Scaling scaling) =>
        AddSupported(table, pid, title, 9, (0, $"{name}{first}", scaling), (1, $"{name}{first + 1}", scaling), (2, $"{name}{first + 2}", scaling), (3, $"{name}{first + 3}", scaling));

    private static ObdFlag[] ControlArea(string what) =>
        Flags(0, (0, $"{what}IsInsideControlArea", null), (1, $"{what}IsOutsideControlArea", null), (2, $"{what}IsInsideLimitedTestingArea", null), (3, $"{what}DeficiencyIsActive", null));

    /// <summary>81, 82, 89, 8A: run times of five emission control strategies (EI-AECD) with two timers each.</summary>
    private static void AddRunTimes(ObdPid?[] table, byte pid, int first)
    {
        var timers = Enumerable.Range(0, 10).Select(i => Seconds32.At($"AECD{first + i / 2}Timer{i % 2 + 1}", 8 + 32 * i) with { SupportBit = 7 - i / 2 });
        table[pid] = new ObdPid(pid, [.. timers]) { Title = $"Run times of emission control strategies {first} to {first + 4}", Length = 41 };
    }

    /// <summary>83, A1, A7, A8: concentrations by the sensors, raw and corrected.</summary>
    private static void AddNitrogenOxides(ObdPid?[] table)
    {
        (byte Pid, string Name, string Title, int First)[] kinds =
            [(0x83, "NOx", "NOx concentrations", 1), (0xA1, "NOxCorrected", "Corrected NOx concentrations", 1), (0xA7, "NOx", "NOx concentrations, sensors 3 and 4", 3), (0xA8, "NOxCorrected", "Corrected NOx concentrations, sensors 3 and 4", 3)];
        foreach (var (pid, name, title, first) in kinds)
        {
            AddSupported(table, pid, title, 9,
                (0, $"{name}Bank1Sensor{first}", Concentration), (1, $"{name}Bank1Sensor{first + 1}", Concentration),
                (2, $"{name}Bank2Sensor{first}", Concentration), (3, $"{name}Bank2Sensor{first + 1}", Concentration));
        }
    }
}
