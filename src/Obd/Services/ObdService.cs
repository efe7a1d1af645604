namespace EdgeAgent.Obd;

/// <summary>The services of SAE J1979 (ISO 15031-5), which its readers call modes.</summary>
public static class ObdService
{
    /// <summary>01: current powertrain data.</summary>
    public const byte CurrentData = 0x01;

    /// <summary>02: data of the moment of a fault.</summary>
    public const byte FreezeFrameData = 0x02;

    /// <summary>03: confirmed trouble codes.</summary>
    public const byte StoredTroubleCodes = 0x03;

    /// <summary>04: forgets trouble codes, freeze frames and the state of the monitors. The only one that changes something.</summary>
    public const byte ClearTroubleCodes = 0x04;

    /// <summary>05: results of the oxygen sensors' monitoring; not on CAN, where 06 has them.</summary>
    public const byte OxygenSensorResults = 0x05;

    /// <summary>06: results of monitoring.</summary>
    public const byte MonitoringResults = 0x06;

    /// <summary>07: trouble codes of this driving cycle or the last.</summary>
    public const byte PendingTroubleCodes = 0x07;

    /// <summary>09: vehicle information, such as the identification number.</summary>
    public const byte VehicleInformation = 0x09;

    /// <summary>0A: permanent trouble codes, which only the ECU itself can forget.</summary>
    public const byte PermanentTroubleCodes = 0x0A;

    /// <summary>True for the services that change nothing in the vehicle: 01–03, 05–07, 09 and 0A. Not 04, and not 08, which operates components.</summary>
    public static bool IsReadOnly(byte service) =>
        service is CurrentData or FreezeFrameData or StoredTroubleCodes or OxygenSensorResults or MonitoringResults or PendingTroubleCodes or VehicleInformation
            or PermanentTroubleCodes;

    /// <summary>True for the services that ask for one thing among several: 01, 02, 05, 06 and 09.</summary>
    public static bool HasParameter(byte service) =>
        service is CurrentData or FreezeFrameData or OxygenSensorResults or MonitoringResults or VehicleInformation;
}
