namespace EdgeAgent.Obd.Uds;

/// <summary>Services of ISO 14229-1.</summary>
public static class UdsService
{
    /// <summary>10: DiagnosticSessionControl.</summary>
    public const byte DiagnosticSessionControl = 0x10;

    /// <summary>11: ECUReset.</summary>
    public const byte EcuReset = 0x11;

    /// <summary>14: ClearDiagnosticInformation.</summary>
    public const byte ClearDiagnosticInformation = 0x14;

    /// <summary>19: ReadDTCInformation.</summary>
    public const byte ReadDtcInformation = 0x19;

    /// <summary>22: ReadDataByIdentifier.</summary>
    public const byte ReadDataByIdentifier = 0x22;

    /// <summary>2E: WriteDataByIdentifier.</summary>
    public const byte WriteDataByIdentifier = 0x2E;

    /// <summary>31: RoutineControl.</summary>
    public const byte RoutineControl = 0x31;

    /// <summary>3E: TesterPresent.</summary>
    public const byte TesterPresent = 0x3E;

    /// <summary>The bit of a sub-function that asks for no positive answer.</summary>
    public const byte SuppressPositiveResponse = 0x80;

    /// <summary>True for the services whose second byte is a sub-function.</summary>
    public static bool HasSubFunction(byte service) => service is DiagnosticSessionControl or EcuReset or ReadDtcInformation or RoutineControl or TesterPresent;
}

/// <summary>Sessions of service 10.</summary>
public static class UdsSession
{
    /// <summary>01: what an ECU is in by itself.</summary>
    public const byte Default = 0x01;

    /// <summary>02: for programming.</summary>
    public const byte Programming = 0x02;

    /// <summary>03: for everything that the default session does not offer.</summary>
    public const byte Extended = 0x03;

    /// <summary>04: for safety systems.</summary>
    public const byte SafetySystem = 0x04;
}

/// <summary>Sub-functions of service 19.</summary>
public static class DtcReport
{
    /// <summary>01: reportNumberOfDTCByStatusMask.</summary>
    public const byte NumberByStatusMask = 0x01;

    /// <summary>02: reportDTCByStatusMask.</summary>
    public const byte ByStatusMask = 0x02;

    /// <summary>04: reportDTCSnapshotRecordByDTCNumber.</summary>
    public const byte SnapshotByNumber = 0x04;

    /// <summary>06: reportDTCExtDataRecordByDTCNumber.</summary>
    public const byte ExtendedDataByNumber = 0x06;

    /// <summary>0A: reportSupportedDTC.</summary>
    public const byte Supported = 0x0A;

    /// <summary>42: reportWWHOBDDTCByMaskRecord, with which SAE J1979-2 reads confirmed and pending codes.</summary>
    public const byte WwhObdByMask = 0x42;

    /// <summary>55: reportWWHOBDDTCWithPermanentStatus.</summary>
    public const byte WwhObdPermanent = 0x55;

    /// <summary>True for those named here.</summary>
    public static bool IsKnown(byte report) =>
        report is NumberByStatusMask or ByStatusMask or SnapshotByNumber or ExtendedDataByNumber or Supported or WwhObdByMask or WwhObdPermanent;
}
