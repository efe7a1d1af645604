using System.Globalization;

namespace EdgeAgent.Obd;

/// <summary>Why an ECU refused (ISO 14229-1:2020 Annex A.1, of which SAE J1979 uses a part).</summary>
/// <param name="Value">The byte.</param>
public readonly record struct NegativeResponseCode(byte Value)
{
    /// <summary>The answer follows later: ask for nothing and wait (requestCorrectlyReceived-ResponsePending).</summary>
    public static readonly NegativeResponseCode ResponsePending = new(0x78);

    /// <summary>The standard's name, or what kind of code it is.</summary>
    public string Name => Value switch
    {
        0x10 => "generalReject",
        0x11 => "serviceNotSupported",
        0x12 => "subFunctionNotSupported",
        0x13 => "incorrectMessageLengthOrInvalidFormat",
        0x14 => "responseTooLong",
        0x21 => "busyRepeatRequest",
        0x22 => "conditionsNotCorrect",
        0x24 => "requestSequenceError",
        0x25 => "noResponseFromSubnetComponent",
        0x26 => "failurePreventsExecutionOfRequestedAction",
        0x31 => "requestOutOfRange",
        0x33 => "securityAccessDenied",
        0x34 => "authenticationRequired",
        0x35 => "invalidKey",
        0x36 => "exceededNumberOfAttempts",
        0x37 => "requiredTimeDelayNotExpired",
        0x38 => "secureDataTransmissionRequired",
        0x39 => "secureDataTransmissionNotAllowed",
        0x3A => "secureDataVerificationFailed",
        0x50 => "certificateVerificationFailedInvalidTimePeriod",
        0x51 => "certificateVerificationFailedInvalidSignature",
        0x52 => "certificateVerificationFailedInvalidChainOfTrust",
        0x53 => "certificateVerificationFailedInvalidType",
        0x54 => "certificateVerificationFailedInvalidFormat",
        0x55 => "certificateVerificationFailedInvalidContent",
        0x56 => "certificateVerificationFailedInvalidScope",
        0x57 => "certificateVerificationFailedInvalidCertificate",
        0x58 => "ownershipVerificationFailed",
        0x59 => "challengeCalculationFailed",
        0x5A => "settingAccessRightsFailed",
        0x5B => "sessionKeyCreationDerivationFailed",
        0x5C => "configurationDataUsageFailed",
        0x5D => "deAuthenticationFailed",
        0x70 => "uploadDownloadNotAccepted",
        0x71 => "transferDataSuspended",
        0x72 => "generalProgrammingFailure",
        0x73 => "wrongBlockSequenceCounter",
        0x78 => "responsePending",
        0x7E => "subFunctionNotSupportedInActiveSession",
        0x7F => "serviceNotSupportedInActiveSession",
        0x81 => "rpmTooHigh",
        0x82 => "rpmTooLow",
        0x83 => "engineIsRunning",
        0x84 => "engineIsNotRunning",
        0x85 => "engineRunTimeTooLow",
        0x86 => "temperatureTooHigh",
        0x87 => "temperatureTooLow",
        0x88 => "vehicleSpeedTooHigh",
        0x89 => "vehicleSpeedTooLow",
        0x8A => "throttleOrPedalTooHigh",
        0x8B => "throttleOrPedalTooLow",
        0x8C => "transmissionRangeNotInNeutral",
        0x8D => "transmissionRangeNotInGear",
        0x8F => "brakeSwitchNotClosed",
        0x90 => "shifterLeverNotInPark",
        0x91 => "torqueConverterClutchLocked",
        0x92 => "voltageTooHigh",
        0x93 => "voltageTooLow",
        0x94 => "resourceTemporarilyNotAvailable",
        >= 0xF0 and <= 0xFE => "vehicleManufacturerSpecificConditionsNotCorrect",
        _ => "reserved",
    };

    /// <summary>Name and byte: <c>conditionsNotCorrect (22)</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Name} ({Value:X2})");
}

/// <summary>7F, the service that was asked for, and a code.</summary>
public static class NegativeResponse
{
    /// <summary>What it begins with.</summary>
    public const byte ServiceId = 0x7F;

    /// <summary>Reads one. False for anything else.</summary>
    public static bool TryRead(ReadOnlySpan<byte> message, out byte service, out NegativeResponseCode code)
    {
        bool is3 = message.Length >= 3 && message[0] == ServiceId;
        service = is3 ? message[1] : default;
        code = is3 ? new NegativeResponseCode(message[2]) : default;
        return is3;
    }
}
